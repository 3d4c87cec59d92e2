import type { AVPixelFormat } from 'node-av/constants'
import { avGetCodecName, avGetPixFmtName, Codec, type CodecParameters, type IRational } from 'node-av/lib'

// The numbers are those of ITU-T H.273, which FFmpeg, MP4, Matroska and the codecs share. 2 means "not told".
const primaries = names({
  1: 'bt709',
  4: 'bt470m',
  5: 'bt470bg',
  6: 'smpte170m',
  7: 'smpte240m',
  8: 'film',
  9: 'bt2020',
  10: 'smpte428',
  11: 'smpte431',
  12: 'smpte432',
  22: 'ebu3213',
})

const transfers = names({
  1: 'bt709',
  4: 'bt470m',
  5: 'bt470bg',
  6: 'smpte170m',
  7: 'smpte240m',
  8: 'linear',
  9: 'log100',
  10: 'log316',
  11: 'iec61966-2-4',
  12: 'bt1361e',
  13: 'iec61966-2-1',
  14: 'bt2020-10',
  15: 'bt2020-12',
  16: 'smpte2084',
  17: 'smpte428',
  18: 'arib-std-b67',
})

const spaces = names({
  0: 'gbr',
  1: 'bt709',
  4: 'fcc',
  5: 'bt470bg',
  6: 'smpte170m',
  7: 'smpte240m',
  8: 'ycgco',
  9: 'bt2020nc',
  10: 'bt2020c',
  11: 'smpte2085',
  12: 'chroma-derived-nc',
  13: 'chroma-derived-c',
  14: 'ictcp',
  15: 'ipt-c2',
})

/** Names as ffprobe gives them, of the numbers that streams carry; absent for what is not told or not known. */
export const colourNames = { primaries, transfers, spaces }

function names(table: Record<number, string>): (value: number) => string | undefined {
  return (value) => table[value]
}

/** The codec's name as ffprobe gives it (`h264`, `pcm_s16le`); absent when FFmpeg does not know it. */
export function codecNameOf(parameters: CodecParameters): string | undefined {
  const name = avGetCodecName(parameters.codecId)
  return name === null || name === 'none' || name === 'unknown_codec' ? undefined : name
}

/** The profile's name (`Main 10`), from the codec's own decoder, which alone has the list. */
export function profileNameOf(parameters: CodecParameters): string | undefined {
  const name = codecNameOf(parameters)
  // The type lists the decoders that are compiled in; a name that is not among them gives null.
  const decoder = name === undefined ? null : Codec.findDecoderByName(name as never)
  return decoder?.profiles?.find(({ profile }) => profile === parameters.profile)?.name
}

/** The pixel format's name (`yuv420p10le`), absent while it is not known. */
export function pixelFormatNameOf(format: number): string | undefined {
  return format < 0 ? undefined : (avGetPixFmtName(format as AVPixelFormat) ?? undefined)
}

/** Bits of one sample, by the name of the pixel format. */
export function bitDepthOf(pixelFormat: string): number {
  const packed = /^(?:x2(?:rgb|bgr)10|[py][024]1[026])/.test(pixelFormat)
  if (packed) return Number(/(?:10|12|16)(?=[bl]e$)/.exec(pixelFormat)?.[0] ?? 8)
  if (/^(?:rgb|bgr)48|^(?:rgba|bgra)64|^ya16/.test(pixelFormat)) return 16
  return Number(/(?:p|gray|xyz|ap)(9|10|12|14|16|32)(?:msb)?[bl]e$/.exec(pixelFormat)?.[1] ?? 8)
}

/** Whether frames of this pixel format carry transparency. Palettes do not count: films do not use theirs for it. */
export const hasAlphaChannel = (pixelFormat: string): boolean =>
  /^(?:yuva|gbrap|rgba|bgra|argb|abgr|ya8|ya16|ayuv|vuya|uyva)/.test(pixelFormat)

/** `30000/1001`, `16:9`, …; absent for 0/x and x/0, which mean "not told". */
export function fractionOf({ num, den }: IRational, sign: '/' | ':'): string | undefined {
  return num > 0 && den > 0 ? `${num}${sign}${den}` : undefined
}
