import {
  AV_FRAME_DATA_CONTENT_LIGHT_LEVEL,
  AV_FRAME_DATA_MASTERING_DISPLAY_METADATA,
  AV_PKT_DATA_CONTENT_LIGHT_LEVEL,
  AV_PKT_DATA_MASTERING_DISPLAY_METADATA,
} from 'node-av/constants'
import type { CodecParameters, Frame } from 'node-av/lib'

/** What a film in high dynamic range says of the screen it was made on and of its brightest pixels, as FFmpeg keeps it. */
export interface LightLevels {
  readonly mastering?: Buffer
  readonly content?: Buffer
}

/** By the track, or else by its first frame. */
export function lightLevelsOf(parameters: CodecParameters, frame: Frame): LightLevels {
  const mastering =
    parameters.getCodedSideData(AV_PKT_DATA_MASTERING_DISPLAY_METADATA) ??
    frame.getSideData(AV_FRAME_DATA_MASTERING_DISPLAY_METADATA)
  const content =
    parameters.getCodedSideData(AV_PKT_DATA_CONTENT_LIGHT_LEVEL) ?? frame.getSideData(AV_FRAME_DATA_CONTENT_LIGHT_LEVEL)
  // Copies, since the frame goes on.
  return { ...(mastering && { mastering: Buffer.from(mastering) }), ...(content && { content: Buffer.from(content) }) }
}

/** Tells a new track the same. */
export function setLightLevels(parameters: CodecParameters, { mastering, content }: LightLevels): void {
  if (mastering) parameters.addCodedSideData(AV_PKT_DATA_MASTERING_DISPLAY_METADATA, mastering)
  if (content) parameters.addCodedSideData(AV_PKT_DATA_CONTENT_LIGHT_LEVEL, content)
}

/** As x265 takes them, to be written into the stream. */
export function x265Light({ mastering, content }: LightLevels): string[] {
  const screen = screenOf(mastering)
  const whole = (value: number, unit: number) => Math.round(value * unit)
  const place = ([x, y]: readonly [number, number]) => `(${whole(x, 50_000)},${whole(y, 50_000)})`
  const options: string[] = []
  if (screen) {
    const [red, green, blue] = screen.primaries
    const light = `L(${whole(screen.most, 10_000)},${whole(screen.least, 10_000)})`
    options.push(`master-display=G${place(green)}B${place(blue)}R${place(red)}WP${place(screen.white)}${light}`)
  }
  if (content) options.push(`max-cll=${content.readUInt32LE(0)},${content.readUInt32LE(4)}`)
  return options.length > 0 ? [...options, 'hdr10=1', 'repeat-headers=1'] : []
}

/** As SVT-AV1 takes them. */
export function svtLight({ mastering, content }: LightLevels): string[] {
  const screen = screenOf(mastering)
  const place = ([x, y]: readonly [number, number]) => `(${x.toFixed(5)},${y.toFixed(5)})`
  const options: string[] = []
  if (screen) {
    const [red, green, blue] = screen.primaries
    const light = `L(${screen.most},${screen.least})`
    options.push(`mastering-display=G${place(green)}B${place(blue)}R${place(red)}WP${place(screen.white)}${light}`)
  }
  if (content) options.push(`content-light=${content.readUInt32LE(0)},${content.readUInt32LE(4)}`)
  return options
}

type Place = readonly [x: number, y: number]

interface Screen {
  readonly primaries: readonly [red: Place, green: Place, blue: Place]
  readonly white: Place
  readonly least: number
  readonly most: number
}

/** AVMasteringDisplayMetadata: fractions of x and y of red, green, blue and white, darkest and brightest, two flags. */
function screenOf(data: Buffer | undefined): Screen | undefined {
  if (data === undefined || data.length < 88 || data.readInt32LE(80) === 0 || data.readInt32LE(84) === 0)
    return undefined
  const value = (at: number) => data.readInt32LE(at * 8) / (data.readInt32LE(at * 8 + 4) || 1)
  const place = (at: number): Place => [value(at), value(at + 1)]
  return { primaries: [place(0), place(2), place(4)], white: place(6), least: value(8), most: value(9) }
}
