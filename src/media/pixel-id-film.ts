import { createHash, type Hash } from 'node:crypto'
import { MiB } from '../units.ts'
import { boxHeadAt } from './box-head.ts'
import { type Stretch, spread, stretches } from './content-id.ts'
import { partOf, type Source, wholeFileBytes } from './source.ts'

/**
 * What the pixel id of an MP4, MOV or 3GP is made of: the media data and, of each track, what decides how it is shown (sizes,
 * matrix, codec setup, times, sample sizes). Tags, creation dates, free boxes and the place of `moov` have no part in it.
 * Above 64 MiB of media data it is sampled and begins with `s-`.
 */
export class FilmPixels {
  readonly #hash: Hash
  /** Of the media data, in the order of the file. */
  readonly #parts: readonly Stretch[]
  readonly #isSampled: boolean

  private constructor(hash: Hash, parts: readonly Stretch[], isSampled: boolean) {
    this.#hash = hash
    this.#parts = parts
    this.#isSampled = isSampled
  }

  /** Reads all but the media data; null when the boxes can not be followed. */
  static async of(source: Source, file: number): Promise<FilmPixels | null> {
    const boxes = await topBoxes(source, file)
    const moov = boxes.find(({ name }) => name === 'moov')
    const media = boxes.filter(({ name }) => name === 'mdat')
    if (!moov || media.length === 0 || moov.length > maxMoovBytes) return null
    const hash = createHash('sha256')
    hashTracks(hash, await partOf(source, file, moov.start, moov.length))
    for (const { start, length } of boxes.filter(({ name }) => name === 'moof')) {
      if (length <= maxMoovBytes) hash.update(await partOf(source, file, start, length))
    }
    const total = media.reduce((sum, { length }) => sum + length, 0)
    hash.update(`media ${total} `)
    const isSampled = total > wholeFileBytes
    const parts = media.flatMap(({ start, length }) =>
      isSampled && length > 16 * MiB ? spread(start, length) : [[start, length] as const],
    )
    return new FilmPixels(hash, parts, isSampled)
  }

  /** The id, by reading the media data. */
  async read(source: Source, file: number): Promise<string> {
    for await (const bytes of stretches(source, file, this.#parts)) this.#hash.update(bytes)
    return this.id()
  }

  /** Takes the media data from a piece of the file; to be given all pieces of it in order, and asked for the id then. */
  take(piece: Buffer, at: number): void {
    for (const [start, length] of this.#parts) {
      const [from, to] = [Math.max(0, start - at), start + length - at]
      if (from < piece.length && to > from) this.#hash.update(piece.subarray(from, to))
    }
  }

  /** The id, once all is taken. */
  id(): string {
    return `${this.#isSampled ? 's-' : ''}${this.#hash.digest('hex')}`
  }
}

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

async function topBoxes(source: Source, file: number): Promise<Box[]> {
  const boxes: Box[] = []
  for (let at = 0; at + 8 <= source.bytes && boxes.length < maxTopBoxes; ) {
    const header = await partOf(source, file, at, 16)
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
