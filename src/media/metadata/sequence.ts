import { type Box, boxAt, boxesOf } from './boxes.ts'
import type { Blocks } from './found.ts'

/** Counts the frames of a picture sequence (AVIF, HEIC) and its length, from the first track of pictures. */
export function takeSequence(movie: Box, { facts }: Blocks): void {
  const track = boxesOf(movie.body).find(
    (box) =>
      box.type === 'trak' && boxAt(boxesOf(box.body), 'mdia/hdlr')?.body.bytes(8, 4).toString('latin1') === 'pict',
  )
  const media = track && boxAt(boxesOf(track.body), 'mdia')
  const header = media && boxAt(boxesOf(media.body), 'mdhd')?.body.bytes(0, 32)
  const sizes = media && boxAt(boxesOf(media.body), 'minf/stbl/stsz')?.body.bytes(0, 12)
  if (!track || !header || !sizes) return
  const frames = sizes.readUInt32BE(8)
  const isLong = header[0] === 1
  const scale = header.readUInt32BE(isLong ? 20 : 12)
  const duration = isLong ? Number(header.readBigUInt64BE(24)) : header.readUInt32BE(16)
  const size = boxAt(boxesOf(track.body), 'tkhd')?.body
  const sides = size?.bytes(size.size - 8, 8)
  if (sides && sides.length === 8) {
    facts.width ??= sides.readUInt16BE(0)
    facts.height ??= sides.readUInt16BE(4)
  }
  if (frames < 2) return
  facts.pages = frames
  // All ones stands for "not known".
  if (scale > 0 && duration > 0 && duration < 0xffffffff) facts.durationMs = Math.round((duration * 1000) / scale)
}
