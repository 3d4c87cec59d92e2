import { readIfds } from './tiff-ifds.ts'

/** Numbers of the tags in the index of a multi-picture file (CIPA DC-007). */
const tag = { count: 0xb001, entries: 0xb002 }
const entryBytes = 16

/** Panorama, disparity (stereo), multi-angle: each picture counts. Other types are previews and helpers of the first. */
const views: ReadonlySet<number> = new Set([0x020001, 0x020002, 0x020003])

/**
 * How many views of its subject a multi-picture JPEG (MPO) holds behind each other, by its index; 1 when the further
 * pictures are no views, or when they are gone.
 */
export function countViews(index: Buffer, fileBytes: number): number {
  const isLittle = index.toString('latin1', 0, 2) === 'II'
  const ifd = readIfds(index)[0]
  const bytes = Buffer.from(ifd?.get(tag.entries) ?? [])
  const word = (at: number) => (isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at))
  for (let at = 0; at + entryBytes <= bytes.length; at += entryBytes) {
    const [type, length] = [word(at) & 0xffffff, word(at + 4)]
    if (!views.has(type) || length > fileBytes) return 1
  }
  return Math.max(1, ifd?.get(tag.count)?.[0] ?? 1)
}
