import { box } from '../embed/box.ts'
import { movieBox } from './sequence-movie.ts'
import type { Places, SequenceParts } from './sequence-parts.ts'
import { metaBox } from './sequence-still.ts'

/**
 * An AVIF that moves, in the order of ISO/IEC 23008-12: the first frame as a picture for readers of still ones, then the tracks,
 * alpha in one of its own. No encoder's name and no time of making stand in it, so the same frames give the same bytes.
 */
export function writeSequenceFile(parts: SequenceParts): Buffer {
  const { colour, alpha } = parts
  const tracks = alpha ? [colour, alpha] : [colour]
  const isHigh = (colour.setup[1] ?? 0) >> 5 === 1
  const brands = ['avis', 'avif', 'msf1', 'iso8', 'mif1', 'miaf', isHigh ? 'MA1A' : 'MA1B']
  const ftyp = box('ftyp', Buffer.from('avis\0\0\0\0', 'latin1'), Buffer.from(brands.join(''), 'latin1'))
  // Each frame with its alpha, so that a file that comes bit by bit can be shown as far as it is there.
  const data = colour.samples.flatMap((_, frame) => tracks.flatMap(({ samples }) => samples[frame]?.data ?? []))
  const build = (start: number): Buffer[] => {
    const places = placesOf(data, tracks.length, start)
    return [metaBox(parts, places), movieBox(parts, places)]
  }
  // Their lengths hang on nothing that stands in them.
  const [meta, moov] = build(0)
  const start = ftyp.length + (meta?.length ?? 0) + (moov?.length ?? 0) + 8
  return Buffer.concat([ftyp, ...build(start), box('mdat', ...data)])
}

function placesOf(data: readonly Buffer[], tracks: number, start: number): Places {
  const places: number[][] = Array.from({ length: tracks }, () => [])
  let at = start
  for (const [index, { length }] of data.entries()) {
    places[index % tracks]?.push(at)
    at += length
  }
  return places
}
