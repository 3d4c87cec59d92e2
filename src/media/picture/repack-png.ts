import { loadPacker } from './packer.ts'
import { pngChunks, pngSignature } from './png-chunks.ts'

/**
 * Packs a PNG tighter: better filters and codes, and fewer bits a sample where none is needed. An animation stays one, and
 * what tells of colours stays; metadata does not.
 */
export async function packPng(png: Buffer): Promise<Buffer> {
  const { losslessCompressPng } = await loadPacker()
  const packed = await losslessCompressPng(png)
  const had = new Set([...pngChunks(packed)].map(({ type }) => type))
  if (had.has('iCCP') || had.has('sRGB')) return packed
  const colours = [...pngChunks(png)].filter(({ type }) => colourChunks.has(type) && !had.has(type))
  const place = pngSignature.length + headerBytes
  const added = colours.map(({ start, end }) => png.subarray(start, end))
  return Buffer.concat([packed.subarray(0, place), ...added, packed.subarray(place)])
}

/** The first chunk, the header, with its frame. */
const headerBytes = 25

/** What says how the numbers of the pixels are meant; the packer thinks them needless. */
const colourChunks: ReadonlySet<string> = new Set(['gAMA', 'cHRM', 'cICP', 'mDCV', 'cLLI'])
