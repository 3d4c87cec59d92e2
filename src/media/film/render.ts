import { AV_PKT_DATA_DOVI_CONF } from 'node-av/constants'
import type { CodecParameters, Frame, Stream } from 'node-av/lib'
import { dynamicRangeOf, needsConversion, toSrgb } from '../picture/tone.ts'
import type { Pixels } from '../picture.ts'
import type { RenderIntent } from '../render-intent.ts'
import type { Chains } from './chains.ts'
import { codedColourOf, colourNameOf } from './colour.ts'
import { type Display, displayOf } from './display.ts'
import { isWoven, unweave } from './fields.ts'
import { filterFrame, type Step } from './graph.ts'
import { hasAlphaChannel, pixelFormatNameOf } from './names.ts'
import { squareWidth } from './probe.ts'
import { toRgbFrame } from './scale.ts'
import { toneMapTo } from './sdr.ts'

/** How the frames of a track are brought to the eye. */
export interface Look {
  readonly display: Display
  /** Width to height of one pixel; 0 for "not told". */
  readonly sar: { readonly num: number; readonly den: number }
  /** Dolby Vision without a picture that others can show: its colours must be rebuilt first. */
  readonly needsReshaping: boolean
}

/** A frame as a picture: upright, with square pixels, sRGB, 8 bit. */
export interface Rendered extends Pixels {
  readonly channels: 3 | 4
  readonly fullWidth: number
  readonly fullHeight: number
  readonly intent: RenderIntent
}

/** Reads from a stream how its frames are meant to look. */
export function lookOf(stream: Stream, sar: Look['sar']): Look {
  return { display: displayOf(stream.codecpar), sar, needsReshaping: isBareDolbyVision(stream.codecpar) }
}

/** Renders a frame, not larger than needed for `edge`; without it in full size. `chains` serve frames of the same kind. */
export async function renderFrame(
  frame: Frame,
  look: Look,
  edge = Number.POSITIVE_INFINITY,
  chains?: Chains,
): Promise<Rendered> {
  if (look.needsReshaping) return await renderReshaped(frame, look, edge)
  const colour = codedColourOf(frame)
  const isDeep = needsConversion(colour)
  const pixelFormat = pixelFormatNameOf(frame.format) ?? ''
  const channels = hasAlphaChannel(pixelFormat) ? 4 : 3
  const full = { width: squareWidth(frame.width, frameSarOf(frame, look)), height: frame.height }
  const scale = Math.min(1, edge / Math.max(full.width, full.height))
  const [width, height] = [sideOf(full.width, scale), sideOf(full.height, scale)]
  const target = { width, height, channels, isDeep } as const
  const output = await toRgbFrame(frame, target, isWoven(frame) ? [unweave] : [], turn(look.display), chains)
  try {
    const data = output.toBuffer()
    const size = { width: output.width, height: output.height }
    return {
      ...size,
      data: isDeep ? toSrgb({ ...size, data: wordsOf(data), channels }, colour) : data,
      channels,
      fullWidth: look.display.transpose ? full.height : full.width,
      fullHeight: look.display.transpose ? full.width : full.height,
      intent: intentOf(look.display, colourNameOf(frame), dynamicRangeOf(colour)),
    }
  } finally {
    output.free()
  }
}

/** Width to height of one pixel of a frame: the container's word is over the codec's. */
export const frameSarOf = (frame: Frame, { sar }: Look): Look['sar'] => (sar.num > 0 ? sar : frame.sampleAspectRatio)

const sideOf = (side: number, scale: number): number => Math.max(1, Math.round(side * scale))

/** What brings coded pixels upright. */
export function turn({ transpose, mirrorX, mirrorY }: Display): Step[] {
  return [
    ...(transpose ? [['transpose', 'dir=cclock_flip'] as const] : []),
    ...(mirrorX ? [['hflip'] as const] : []),
    ...(mirrorY ? [['vflip'] as const] : []),
  ]
}

/** The same bytes as numbers of 16 bits, which must begin at an even place. */
function wordsOf(data: Buffer): Uint16Array {
  const aligned = data.byteOffset % 2 === 0 ? data : Buffer.from(data)
  return new Uint16Array(aligned.buffer, aligned.byteOffset, aligned.length >> 1)
}

function intentOf(display: Display, profile: string, toneMapped: 'pq' | 'hlg' | undefined): RenderIntent {
  return {
    orientation: display.orientation,
    orientationFrom: display.orientation === 1 ? 'none' : 'container',
    profile,
    ...(toneMapped === undefined ? {} : { toneMapped }),
  }
}

function isBareDolbyVision(parameters: CodecParameters): boolean {
  const record = parameters.getCodedSideData(AV_PKT_DATA_DOVI_CONF)
  // The record of FFmpeg: version (2), profile, level, three flags, compatibility of the base layer (0: none).
  return record !== null && record[2] === 5 && record[7] === 0
}

/** Jellyfin's filter knows how; if it refuses the frame, a picture in wrong colours is still better than none. */
async function renderReshaped(frame: Frame, look: Look, edge: number): Promise<Rendered> {
  const plain = { ...look, needsReshaping: false }
  let sdr: Frame
  try {
    sdr = await filterFrame(frame, [toneMapTo('yuv420p')])
  } catch {
    return await renderFrame(frame, plain, edge)
  }
  try {
    const rendered = await renderFrame(sdr, plain, edge)
    return { ...rendered, intent: { ...rendered.intent, profile: 'Dolby Vision', toneMapped: 'pq' } }
  } finally {
    sdr.free()
  }
}
