import { KiB } from '../../units.ts'
import type { Blocks, FoundGroup } from './found.ts'
import { type ByteView, bufferView, partOf } from './source.ts'
import { textOf } from './text.ts'
import { type TiffEntry, TiffReader } from './tiff.ts'

/** Where the maker's own structure lies inside of a TIFF structure. */
export interface MakerNote {
  readonly offset: number
  readonly size: number
}

/**
 * Takes the few things of maker notes that older cameras of Canon and Nikon tell nowhere else: sensitivity, serial
 * number, lens; and what ties Apple's Live Photos together. Everything further is exiftool's.
 */
export function takeMakerNote(view: ByteView, tiff: TiffReader, note: MakerNote, make: string, blocks: Blocks): void {
  const found: FoundGroup = {}
  const keep = (name: string, value: string | number | undefined) => {
    if (value !== undefined && value !== '' && value !== 0) found[name] = { value }
  }
  if (/^canon/i.test(make)) {
    const { entries } = tiff.directory(note.offset, canonTags)
    keep('ISO', canonIso(tiff.numbers(entries.get(1)), tiff.numbers(entries.get(4))))
    keep(
      'SerialNumber',
      tiff
        .numbers(entries.get(0x0c))
        .map(String)
        .find((serial) => serial !== '0'),
    )
    keep('LensModel', textIn(entries.get(0x95)))
  } else if (view.bytes(note.offset, 7).toString('latin1') === 'Nikon\0\x02') {
    const own = new TiffReader(partOf(view, note.offset + 10))
    const { entries } = own.directory(own.first, nikonTags)
    keep('ISO', own.numbers(entries.get(2))[1])
    // The first Nikons wrote "NO= 1005a431" under another number.
    keep('SerialNumber', textIn(entries.get(0x1d)) ?? textIn(entries.get(0xa0))?.replace(/^NO=\s*/, ''))
    keep('LensModel', nikonLens(entries.get(0x84), own))
  } else if (view.bytes(note.offset, 10).toString('latin1') === 'Apple iOS\0') {
    keep('ContentIdentifier', textIn(appleDirectory(view.bytes(note.offset, Math.min(note.size, KiB * 64))).get(0x11)))
  }
  if (Object.keys(found).length > 0) blocks.groups.makernotes = found
}

/** Apple's directory stands at byte 14 behind a name instead of a TIFF head, with offsets from the start of the name. */
function appleDirectory(note: Buffer): ReadonlyMap<number, TiffEntry> {
  const head = Buffer.from('MM\0*\0\0\0\x0e', 'latin1')
  return new TiffReader(bufferView(Buffer.concat([head, note.subarray(head.length)]))).directory(14, appleTags).entries
}

const canonTags: ReadonlySet<number> = new Set([1, 4, 0x0c, 0x95])
const appleTags: ReadonlySet<number> = new Set([0x11])
const nikonTags: ReadonlySet<number> = new Set([2, 0x1d, 0x84, 0xa0])

const textIn = (entry: TiffEntry | undefined): string | undefined =>
  entry?.type === 2 ? textOf(entry.value) : undefined

/** A code, a number with bit 14 set, or "automatic": then base times automatic gain, both as powers of two. */
function canonIso(settings: readonly number[], shot: readonly number[]): number | undefined {
  const set = settings[16] ?? 0
  if (set & 0x4000) return set & 0x3fff
  const coded = { 16: 50, 17: 100, 18: 200, 19: 400, 20: 800 }[set]
  const [, gain, base] = shot
  if (coded !== undefined || !base || gain === undefined) return coded
  return Math.round((100 / 32) * 2 ** (base / 32) * 2 ** (gain / 32))
}

/** Shortest and longest focal length, and the largest apertures there, as fractions. */
function nikonLens(entry: TiffEntry | undefined, tiff: TiffReader): string | undefined {
  if (entry?.type !== 5 || entry.count !== 4) return undefined
  const values = [0, 8, 16, 24].map(
    (at) => Math.round((tiff.u32(entry.value, at) / tiff.u32(entry.value, at + 4)) * 10) / 10,
  )
  const [short, long, wide, narrow] = values
  if (!values.every((value) => Number.isFinite(value) && value > 0)) return undefined
  return `${short === long ? short : `${short}-${long}`}mm f/${wide === narrow ? wide : `${wide}-${narrow}`}`
}
