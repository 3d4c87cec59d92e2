import { createHash, type Hash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { MiB } from '../units.ts'
import { boxHeadAt } from './box-head.ts'
import { type Samples, type Stretch, samplesOf, stretches } from './content-id.ts'
import { heldFilmBytes, partOf, type Source } from './source.ts'

/**
 * What the pixel id of an MP4, MOV or 3GP is made of: the media data and, of each track, what decides how it is shown (sizes,
 * matrix, codec setup, times, sample sizes). Tags, creation dates, free boxes and the place of `moov` have no part in it.
 * Above 4 MiB the media data is sampled and the id begins with `s-`.
 */
export class FilmPixels {
  readonly #hash: Hash
  readonly #isSampled: boolean
  /** The media data that the id is made of, in the order of the file, and the boxes beside it. */
  readonly samples: Samples

  private constructor(hash: Hash, samples: Samples, isSampled: boolean) {
    this.#hash = hash
    this.samples = samples
    this.#isSampled = isSampled
  }

  /** Reads all but the media data; null when the boxes can not be followed. */
  static of(source: Source, file: FileHandle): FilmPixels | null {
    const boxes = topBoxes(source, file)
    const moov = boxes.find(({ name }) => name === 'moov')
    const mdats = boxes.filter(({ name }) => name === 'mdat')
    if (!moov || mdats.length === 0 || moov.length > maxMoovBytes) return null
    const hash = createHash('sha256')
    hashTracks(hash, partOf(source, file, moov.start, moov.length))
    for (const { start, length } of boxes.filter(({ name }) => name === 'moof')) {
      if (length <= maxMoovBytes) hash.update(partOf(source, file, start, length))
    }
    const parts = mdats.map(({ start, length }): Stretch => [start, length])
    const total = mdats.reduce((sum, { length }) => sum + length, 0)
    hash.update(`media ${total} `)
    const isSampled = total > heldFilmBytes
    const besides = boxes.filter(({ name }) => name !== 'mdat').map(besideMedia)
    return new FilmPixels(hash, { besides, media: isSampled ? samplesOf(parts) : parts }, isSampled)
  }

  /** The id, by reading the media data. */
  read(source: Source, file: FileHandle): string {
    for (const bytes of stretches(source, file, this.samples.media)) this.take(bytes)
    return this.id()
  }

  /** Takes the next piece of the media data; to be given all of `samples.media`, and asked for the id then. */
  take(piece: Buffer): void {
    this.#hash.update(piece)
  }

  /** The id, once all is taken. */
  id(): string {
    return `${this.#isSampled ? 's-' : ''}${this.#hash.digest('hex')}`
  }
}

/** Indexes and tags are read whole; free space and what is unknown can be as large as it likes. */
const besideMedia = ({ name, start, length }: Box): Stretch => [
  start,
  Math.min(length, name === 'moov' || name === 'moof' ? maxMoovBytes : MiB),
]

// A feature film's index stays below a few MiB; more is a lie or an attack.
const maxMoovBytes = 64 * MiB
const maxTopBoxes = 20_000
// Boxes nest six deep in real files; hostile ones nest until the stack ends.
const maxDepth = 8

interface Box {
  readonly name: string
  /** Where the content begins, after the box's own header. */
  readonly start: number
  readonly length: number
}

function topBoxes(source: Source, file: FileHandle): Box[] {
  const boxes: Box[] = []
  for (let at = 0; at + 8 <= source.bytes && boxes.length < maxTopBoxes; ) {
    const header = partOf(source, file, at, 16)
    const box = boxAt(header, 0, source.bytes - at)
    if (!box) break
    boxes.push({ ...box, start: at + box.start })
    at += box.start + box.length
  }
  return boxes
}

/** The box whose header begins at `at`; its content is cut at `limit` bytes from there. */
function boxAt(bytes: Buffer, at: number, limit: number): Box | null {
  const head = boxHeadAt(bytes, at, limit)
  if (!head) return null
  const { type, headBytes } = head
  return { name: type, start: at + headBytes, length: Math.min(head.bytes, limit) - headBytes }
}

const containers: ReadonlySet<string> = new Set(['trak', 'mdia', 'minf', 'stbl', 'edts', 'mvex'])
/** Boxes that are taken as they are. Where samples lie in the file (stco, co64, stsc) is layout, not content. */
const whole: ReadonlySet<string> = new Set(['stsd', 'stts', 'ctts', 'stsz', 'stz2', 'elst', 'trex'])

function hashTracks(hash: Hash, bytes: Buffer, depth = 0): void {
  if (depth > maxDepth) return
  for (let at = 0; at < bytes.length; ) {
    const box = boxAt(bytes, at, bytes.length - at)
    if (!box) return
    const content = bytes.subarray(box.start, box.start + box.length)
    if (containers.has(box.name)) {
      hash.update(box.name)
      hashTracks(hash, content, depth + 1)
    } else if (whole.has(box.name)) hash.update(box.name).update(content)
    // Version 1 has 64-bit dates, which moves what follows: here the matrix, width and height at the end, in `mdhd` the time scale.
    else if (box.name === 'tkhd') hash.update(content.subarray(-44))
    else if (box.name === 'mdhd') hash.update(content[0] === 1 ? content.subarray(20, 32) : content.subarray(12, 20))
    at = box.start + box.length
  }
}
