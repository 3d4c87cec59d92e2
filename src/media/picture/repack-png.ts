import type { RewriteOptions } from '../picture.ts'
import { orientationExif } from './orientation-exif.ts'
import { loadPacker } from './packer.ts'
import { pngChunk, pngChunks, pngSignature } from './png-chunks.ts'

/** Packs a PNG tighter: better filters and codes, and fewer bits a sample where none is needed. An animation stays one. */
export async function packPng(
  png: Buffer,
  metadata: RewriteOptions['metadata'],
  orientation: number,
): Promise<Buffer | undefined> {
  const { losslessCompressPng } = await loadPacker()
  const packed = await losslessCompressPng(png)
  const had = new Set([...pngChunks(packed)].map(({ type }) => type))
  const missing = [...pngChunks(png)].filter(({ type }) => !had.has(type))
  const colours = missing.filter(({ type }) => !had.has('iCCP') && !had.has('sRGB') && colourChunks.has(type))
  const texts = missing.filter(({ type }) => metadata !== 'strip' && metadataChunks.has(type))
  const place = pngSignature.length + headerBytes
  const added = [...colours, ...texts].map(({ start, end }) => png.subarray(start, end))
  if (metadata === 'strip' && orientation > 1) added.push(pngChunk('eXIf', orientationExif(orientation)))
  return Buffer.concat([packed.subarray(0, place), ...added, packed.subarray(place)])
}

/** The first chunk, the header, with its frame. */
const headerBytes = 25

/** What says how the numbers of the pixels are meant; the packer thinks them needless. */
const colourChunks: ReadonlySet<string> = new Set(['gAMA', 'cHRM', 'cICP', 'mDCV', 'cLLI'])

const metadataChunks: ReadonlySet<string> = new Set(['eXIf', 'tEXt', 'zTXt', 'iTXt', 'tIME'])
