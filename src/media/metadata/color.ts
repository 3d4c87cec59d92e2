import { cleanText } from './text.ts'

/** What an ICC profile says of itself; `colorSpace` in our words. */
export interface IccFacts {
  readonly description?: string
  /** Four letters of the profile: `RGB `, `GRAY`, `CMYK`, `Lab `. */
  readonly data: string
  readonly colorSpace: string
}

/** Red, green and blue as X, Y, Z under D50, the way profiles store them. */
const primaries: Record<string, readonly number[]> = {
  srgb: [0.4361, 0.2225, 0.0139, 0.3851, 0.7169, 0.0971, 0.1431, 0.0606, 0.7141],
  'display-p3': [0.5151, 0.2412, -0.0011, 0.292, 0.6922, 0.0419, 0.1571, 0.0666, 0.7841],
  'adobe-rgb': [0.6097, 0.3111, 0.0195, 0.2053, 0.6257, 0.0609, 0.1492, 0.0632, 0.7446],
  prophoto: [0.7977, 0.288, 0, 0.1352, 0.7119, 0, 0.0313, 0.0001, 0.8249],
  rec2020: [0.6735, 0.2791, -0.0019, 0.1657, 0.6753, 0.03, 0.1251, 0.0456, 0.7969],
}
/** Writers round differently; two of the spaces above are never this close. */
const tolerance = 0.004

const byDescription: readonly (readonly [RegExp, string])[] = [
  [/display p3/i, 'display-p3'],
  [/adobe ?rgb/i, 'adobe-rgb'],
  [/prophoto|romm/i, 'prophoto'],
  [/2020|2100/, 'rec2020'],
  [/srgb/i, 'srgb'],
]

/** Reads an ICC profile; undefined when it is none. */
export function readIcc(profile: Buffer): IccFacts | undefined {
  if (profile.length < 132 || profile.toString('latin1', 36, 40) !== 'acsp') return undefined
  const data = profile.toString('latin1', 16, 20)
  const tags = new Map<string, Buffer>()
  const count = Math.min(profile.readUInt32BE(128), 100)
  for (let at = 132; at + 12 <= profile.length && at < 132 + count * 12; at += 12) {
    const offset = profile.readUInt32BE(at + 4)
    tags.set(profile.toString('latin1', at, at + 4), profile.subarray(offset, offset + profile.readUInt32BE(at + 8)))
  }
  const description = descriptionOf(tags.get('desc'))
  return { data, colorSpace: nameOf(data, tags, description ?? ''), ...(description && { description }) }
}

function nameOf(data: string, tags: Map<string, Buffer>, description: string): string {
  if (data === 'GRAY') return 'grey'
  if (data !== 'RGB ') return data.trim().toLowerCase()
  const found = ['rXYZ', 'gXYZ', 'bXYZ'].flatMap((name) => xyzOf(tags.get(name)))
  // A look-up table says nothing that could be compared, so the name must do.
  if (found.length !== 9) return byDescription.find(([pattern]) => pattern.test(description))?.[1] ?? 'rgb'
  // Linear light with the primaries of sRGB would look wrong as sRGB.
  if (isLinear(tags.get('rTRC'))) return 'rgb'
  const near = (wanted: readonly number[]) =>
    wanted.every((value, at) => Math.abs(value - (found[at] ?? 9)) <= tolerance)
  return Object.entries(primaries).find(([, wanted]) => near(wanted))?.[0] ?? 'rgb'
}

const xyzOf = (tag: Buffer | undefined): number[] =>
  tag && tag.length >= 20 ? [8, 12, 16].map((at) => tag.readInt32BE(at) / 65536) : []

const isLinear = (curve: Buffer | undefined): boolean =>
  curve !== undefined && curve.toString('latin1', 0, 4) === 'curv' && curve.length >= 12 && curve.readUInt32BE(8) === 0

/** `desc` holds ASCII in version 2 and several languages in UTF-16 in version 4; the first is taken. */
function descriptionOf(tag: Buffer | undefined): string | undefined {
  if (!tag || tag.length < 12) return undefined
  if (tag.toString('latin1', 0, 4) === 'desc') return cleanText(tag.toString('latin1', 12, 12 + tag.readUInt32BE(8)))
  if (tag.toString('latin1', 0, 4) !== 'mluc' || tag.length < 28) return undefined
  const offset = tag.readUInt32BE(24)
  const words = Buffer.from(tag.subarray(offset, offset + (tag.readUInt32BE(20) & ~1)))
  return words.length % 2 === 0 ? cleanText(words.swap16().toString('utf16le')) : undefined
}

/** The name of a colour space by the codes of H.273 that PNG, HEIF and films share; undefined when they say nothing. */
export function colorSpaceOfCode(primariesCode: number, transferCode: number): string | undefined {
  if (primariesCode === 1) return transferCode === 13 ? 'srgb' : transferCode === 8 ? 'rgb' : 'bt709'
  if (primariesCode === 9) return 'rec2020'
  if (primariesCode === 12) return 'display-p3'
  return primariesCode === 11 ? 'dci-p3' : undefined
}
