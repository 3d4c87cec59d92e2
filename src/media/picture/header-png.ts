import type { CodedColour } from './heif-boxes.ts'
import { gammaProfile } from './made-profile.ts'
import { pngChunks } from './png-chunks.ts'

/** What the chunks of a PNG before its picture data say of what is seen. */
export interface PngFacts {
  /** Colour by numbers (`cICP`), which counts before any profile. */
  readonly colour?: CodedColour
  /** A profile made from `gAMA`, where the file names its colours in no better way and it is not that of a screen. */
  readonly icc?: Buffer
  /** Frames of an animation whose first one is the picture shown. */
  readonly frames?: number
}

/** Reads the chunks in the first bytes of a PNG. */
export function readPng(head: Buffer): PngFacts {
  const found = new Map<string, Buffer>()
  for (const { type, data } of pngChunks(head)) {
    if (type === 'IDAT') break
    found.set(type, data)
  }
  const colour = colourOf(found.get('cICP'))
  const isNamed = found.has('iCCP') || found.has('sRGB')
  const icc = colour || isNamed ? undefined : profileOf(found.get('gAMA'))
  // An animation whose first frame comes after the picture data shows another picture than this one.
  const frames = found.has('fcTL') ? found.get('acTL') : undefined
  return {
    ...(colour ? { colour } : {}),
    ...(icc ? { icc } : {}),
    ...(frames && frames.length >= 8 ? { frames: frames.readUInt32BE() } : {}),
  }
}

function colourOf(cicp: Buffer | undefined): CodedColour | undefined {
  if (!cicp || cicp.length < 4) return undefined
  const [primaries = 2, transfer = 2, matrix = 0, range = 1] = cicp
  return { primaries, transfer, matrix, isFullRange: range === 1 }
}

/** Writers mean sRGB by anything near 1/2.2, and some write nonsense. */
const [screen, least, most] = [0.45455, 0.2, 1.2]

function profileOf(gama: Buffer | undefined): Buffer | undefined {
  if (!gama || gama.length < 4) return undefined
  const exponent = gama.readUInt32BE() / 100_000
  const isScreen = Math.abs(exponent - screen) < 0.02
  return isScreen || exponent < least || exponent > most ? undefined : gammaProfile(1 / exponent)
}
