import sharp from 'sharp'
import type { Source } from '../../source.ts'
import { riffChunk, riffChunks } from '../riff-chunks.ts'
import { decodeFile, type FilePart } from './draw-parts.ts'
import { gifParts, gifTrailer } from './gif-parts.ts'
import { webpParts } from './webp-parts.ts'

/**
 * The frames of a damaged GIF or WebP that are whole, as they are coded, in a file that is in order; undefined when there are
 * none. `isDecoded`: each is decoded to find that out, else its header is read.
 */
export async function wholeFrames({ format, whole }: Source, isDecoded: boolean): Promise<Buffer | undefined> {
  if (!whole || (format !== 'gif' && format !== 'webp')) return undefined
  const size = format === 'gif' ? gifSize(whole) : webpSize(whole)
  if (!size) return undefined
  const found: FilePart[] = []
  for (const part of format === 'gif' ? gifParts(whole) : webpParts(whole)) {
    const isInside = part.left + part.width <= size.width && part.top + part.height <= size.height
    if (isInside && (await isWhole(part, isDecoded))) found.push(part)
    // The blocks of a GIF have no lengths: behind one that is garbled nothing is where it seems to be.
    else if (format === 'gif') break
  }
  const last = found.at(-1)
  if (!last) return undefined
  if (format === 'webp') return webpOf(whole, new Set(found.map(({ coded }) => coded.byteOffset)))
  const end = last.coded.byteOffset - whole.byteOffset + last.coded.length
  return Buffer.concat([whole.subarray(0, end), gifTrailer])
}

interface Size {
  readonly width: number
  readonly height: number
}

const gifSize = (gif: Buffer): Size | undefined =>
  gif.length < 13 ? undefined : { width: gif.readUInt16LE(6), height: gif.readUInt16LE(8) }

function webpSize(webp: Buffer): Size | undefined {
  const header = [...riffChunks(webp.subarray(12))].find(({ type }) => type === 'VP8X')?.data
  return header?.length === 10 ? { width: 1 + header.readUIntLE(4, 3), height: 1 + header.readUIntLE(7, 3) } : undefined
}

async function isWhole(part: FilePart, isDecoded: boolean): Promise<boolean> {
  try {
    if (isDecoded) return (await decodeFile(part.file(), part, { depth: 8, isStrict: true })).length > 0
    const { width, height } = await sharp(part.file(), { limitInputPixels: false }).metadata()
    return width === part.width && height === part.height
  } catch {
    return false
  }
}

const known: ReadonlySet<string> = new Set(['VP8X', 'ICCP', 'ANIM', 'EXIF', 'XMP '])

function webpOf(webp: Buffer, frames: ReadonlySet<number>): Buffer {
  const chunks = [...riffChunks(webp.subarray(12))].filter(
    ({ type, data }) => known.has(type) || (type === 'ANMF' && frames.has(data.byteOffset)),
  )
  const body = chunks.map(({ type, data }) => riffChunk(type, data))
  return riffChunk('RIFF', Buffer.concat([Buffer.from('WEBP', 'latin1'), ...body]))
}
