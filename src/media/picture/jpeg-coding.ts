import type { JpegCoding } from '../media.ts'
import { readJpeg } from './jpeg-parts.ts'

/**
 * How a JPEG is coded, by its tables alone; undefined where they can not be read, as in lossless JPEGs, which have none.
 * The quality is that of the IJG's encoder whose luma table has the nearest sum: exact for files of that encoder, and
 * comparable for tables of other makers. Grey counts as 4:4:4, since no colour is lost.
 */
export function jpegCodingOf(file: Buffer): JpegCoding | undefined {
  const parts = readJpeg(file)
  if (!parts) return undefined
  const sums = new Map<number, number>()
  let frame: Frame | undefined
  for (const segment of parts.coded) {
    if (segment[0] !== 0xff) continue
    if (segment[1] === marker.tables) readTables(segment.subarray(4), sums)
    else if (segment[1] === parts.frame) frame ??= readFrame(segment.subarray(4))
  }
  const sum = sums.get(frame?.components[0]?.table ?? -1)
  if (!frame || sum === undefined) return undefined
  return {
    quality: qualityOfSum(sum),
    subsampling: subsamplingOf(frame),
    // The four frame markers of progressive coding: Huffman, differential, arithmetic and both.
    isProgressive: (parts.frame & 3) === 2,
  }
}

const marker = { tables: 0xdb }

interface Frame {
  readonly components: readonly { readonly across: number; readonly down: number; readonly table: number }[]
}

/** Adds the sums of the quantisation tables of a DQT segment; a later table of the same number replaces an earlier one. */
function readTables(body: Buffer, sums: Map<number, number>): void {
  for (let at = 0; at < body.length; ) {
    const head = body[at] ?? 0
    const size = head >> 4 === 0 ? 1 : 2
    const end = at + 1 + 64 * size
    if (end > body.length) return
    let sum = 0
    for (let from = at + 1; from < end; from += size) sum += body.readUIntBE(from, size)
    sums.set(head & 15, sum)
    at = end
  }
}

function readFrame(body: Buffer): Frame {
  const count = Math.min(body[5] ?? 0, Math.floor((body.length - 6) / 3))
  const components = Array.from({ length: Math.max(0, count) }, (_, index) => {
    const [, sampling = 0, table = 0] = body.subarray(6 + 3 * index)
    return { across: sampling >> 4, down: sampling & 15, table }
  })
  return { components }
}

function subsamplingOf({ components }: Frame): JpegCoding['subsampling'] {
  const [luma, ...chroma] = components
  if (!luma || chroma.length < 2) return chroma.length === 0 ? '4:4:4' : 'other'
  const ratios = chroma.slice(0, 2).map(({ across, down }) => `${luma.across / across}×${luma.down / down}`)
  return (ratios[0] === ratios[1] && names[ratios[0] ?? '']) || 'other'
}

const names: Readonly<Record<string, JpegCoding['subsampling']>> = { '1×1': '4:4:4', '2×1': '4:2:2', '2×2': '4:2:0' }

/** Table K.1 of the standard (ITU-T T.81), which the IJG's encoder scales. Its order does not matter for a sum. */
const lumaTable = [
  16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51,
  87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101,
  72, 92, 95, 98, 112, 100, 103, 99,
]

const sumsByQuality: readonly number[] = Array.from({ length: 100 }, (_, index) => {
  const quality = index + 1
  const percent = quality < 50 ? Math.floor(5000 / quality) : 200 - 2 * quality
  return lumaTable.reduce((sum, value) => sum + Math.max(1, Math.min(255, Math.floor((value * percent + 50) / 100))), 0)
})

function qualityOfSum(sum: number): number {
  let best = 0
  for (const [index, other] of sumsByQuality.entries()) {
    if (Math.abs(other - sum) < Math.abs((sumsByQuality[best] ?? 0) - sum)) best = index
  }
  return best + 1
}
