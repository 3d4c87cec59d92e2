import type { Look } from '../look.ts'
import { rounded } from '../numbers.ts'
import { AlikeFilms } from './films.ts'
import { HashIndex } from './hash-index.ts'
import { likenessTo, type Prepared, prepare, turned } from './likeness.ts'
import { areSeparateShots } from './shots.ts'
import type { Face, Subject } from './subjects.ts'

/** Another subject that looks like the one asked about. */
export interface Neighbour {
  readonly subject: Subject
  /** 0–1; 1 only for equal pixel ids. */
  readonly similarity: number
  /** EXIF orientation by which the one asked about is turned to look like this one; 1 when both are upright. */
  readonly orientation: number
}

/** What is looked for. */
export interface Search {
  /** Smallest similarity, 0–1. */
  readonly threshold: number
  /** Whether turned and mirrored copies are looked for. */
  readonly transforms: boolean
  /** Whether frames that tell different capture times may be duplicates of each other. */
  readonly series: boolean
}

/** Over real photos copies reach 0.88 and more, another exposure of the same scene 0.83, strangers 0.4. */
export const defaultThreshold = 0.87

/** Bits by which hashes of copies differ at most: all but some strong crops and exposures stay below. */
const usualRadius = 10

/** A lower threshold asks for more than copies, and the hashes must let it through: up to 14 bits at 0.77 and below. */
const radiusFor = (threshold: number): number =>
  usualRadius + Math.min(4, Math.max(0, Math.ceil((defaultThreshold - threshold) * 40)))

/** The highest similarity of pictures that only look alike. */
const mostAlike = 0.999

/** Crops cut a few hundredths off one side; a stretched picture is another one. */
const aspectTolerance = 0.2

interface Entry {
  readonly subject: Subject
  readonly face: Face
  readonly prepared: Prepared
}

/** Finds, for a subject, the others that look like it. */
export class Neighbours {
  readonly #search: Search
  readonly #radius: number
  readonly #index: HashIndex
  /** All entries of each hash, so that many equal hashes are one in the index. */
  readonly #entries: Entry[][] = []
  readonly #twins = new Map<string, Subject[]>()
  readonly #films: AlikeFilms

  constructor(subjects: readonly Subject[], search: Search) {
    this.#search = search
    this.#radius = radiusFor(search.threshold)
    this.#films = new AlikeFilms(subjects)
    const places = new Map<bigint, number>()
    const hashes: number[] = []
    for (const subject of subjects) {
      addTo(this.#twins, subject.pixelId, subject)
      for (const face of subject.faces) {
        const prepared = prepare(face.look)
        if (!prepared) continue
        const [upper = 0, lower = 0] = face.hashes
        const hash = (BigInt(upper) << 32n) | BigInt(lower)
        const place = places.get(hash) ?? places.size
        if (place === places.size) {
          places.set(hash, place)
          hashes.push(upper, lower)
          this.#entries.push([])
        }
        this.#entries[place]?.push({ subject, face, prepared })
      }
    }
    this.#index = new HashIndex(Uint32Array.from(hashes))
  }

  /** All neighbours that `isWanted` lets through, the most similar first, then in the order of their ids. */
  of(subject: Subject, isWanted: (other: Subject) => boolean): Neighbour[] {
    const found = new Map<Subject, Neighbour>()
    for (const twin of this.#twins.get(subject.pixelId) ?? []) {
      if (twin === subject || twin.kind !== subject.kind || !isWanted(twin)) continue
      // Of large files the pixel id too is one of samples.
      found.set(twin, { subject: twin, similarity: twin.pixelId.startsWith('s-') ? mostAlike : 1, orientation: 1 })
    }
    for (const face of subject.faces) this.#look(subject, face, isWanted, found)
    this.#lookAtFilms(subject, isWanted, found)
    return [...found.values()].sort(
      (one, other) => other.similarity - one.similarity || (one.subject.asset < other.subject.asset ? -1 : 1),
    )
  }

  #lookAtFilms(subject: Subject, isWanted: (other: Subject) => boolean, found: Map<Subject, Neighbour>): void {
    const { threshold, series } = this.#search
    this.#films.search(subject, threshold, (other, alike) => {
      if (found.has(other) || !isWanted(other)) return
      if (!series && areSeparateTakes(subject, other)) return
      const similarity = Math.min(mostAlike, rounded(alike))
      if (similarity >= threshold) found.set(other, { subject: other, similarity, orientation: 1 })
    })
  }

  #look(subject: Subject, face: Face, isWanted: (other: Subject) => boolean, found: Map<Subject, Neighbour>): void {
    const { threshold, transforms, series } = this.#search
    const { hashes } = face
    for (let at = 0; at < (transforms ? 8 : 1); at++) {
      const [upper, lower] = [hashes[2 * at] as number, hashes[2 * at + 1] as number]
      // A picture that is its own mirror image has fewer than eight.
      if (isAmong(hashes, at, upper, lower)) continue
      const orientation = at + 1
      let measure: ReturnType<typeof likenessTo> | undefined
      const compare = (entry: Entry): void => {
        const other = entry.subject
        if (other === subject || !canMatch(subject, face, entry) || !isWanted(other)) return
        const best = found.get(other)?.similarity ?? 0
        if (best === 1 || !isSameShape(subject, other, orientation)) return
        if (!series && areSeparateShots(subject.moment, other.moment)) return
        measure ??= measureOf(face.look, orientation)
        const similarity = Math.min(mostAlike, rounded(measure(entry.prepared, threshold)))
        if (similarity >= threshold && similarity > best) found.set(other, { subject: other, similarity, orientation })
      }
      this.#index.search(upper, lower, this.#radius, (place) => {
        for (const entry of this.#entries[place] ?? []) compare(entry)
      })
    }
  }
}

/**
 * A camera on a tripod takes alike films one after the other. Programs that save films anew write their own time into them, but
 * not a camera, and keep the length.
 */
function areSeparateTakes(one: Subject, other: Subject): boolean {
  if (!areSeparateShots(one.moment, other.moment)) return false
  const [ms, otherMs] = [one.durationMs ?? 0, other.durationMs ?? 0]
  const isOfOneLength = Math.abs(ms - otherMs) <= Math.max(250, 0.005 * ms)
  return !isOfOneLength || (one.camera !== undefined && other.camera !== undefined)
}

/** The measure of likeness to a look that is turned; what is too plain is like nothing. */
function measureOf(look: Look, orientation: number): ReturnType<typeof likenessTo> {
  const prepared = prepare(orientation === 1 ? look : turned(look, orientation))
  return prepared ? likenessTo(prepared) : () => 0
}

function isAmong(hashes: Uint32Array, before: number, upper: number, lower: number): boolean {
  for (let at = 0; at < before; at++) if (hashes[2 * at] === upper && hashes[2 * at + 1] === lower) return true
  return false
}

/** Colours under transparency are only asked about where the other picture has none that it could have kept. */
function canMatch(subject: Subject, face: Face, { subject: other, face: otherFace }: Entry): boolean {
  if (face.isOpaque && otherFace.isOpaque) return false
  if (face.isOpaque || otherFace.isOpaque) {
    const rival = face.isOpaque ? other : subject
    return !rival.faces.some(({ isOpaque }) => isOpaque)
  }
  return true
}

function isSameShape(one: Subject, other: Subject, orientation: number): boolean {
  // An animation is no copy of a still, nor of one of another length: one frame was compared.
  if ((one.durationMs === undefined) !== (other.durationMs === undefined)) return false
  if (Math.abs((one.durationMs ?? 0) - (other.durationMs ?? 0)) > 0.05 * (one.durationMs ?? 0)) return false
  if (!one.width || !one.height || !other.width || !other.height) return true
  const aspect = orientation >= 5 ? one.height / one.width : one.width / one.height
  return Math.abs(Math.log(aspect / (other.width / other.height))) <= aspectTolerance
}

function addTo<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const known = map.get(key)
  if (known) known.push(value)
  else map.set(key, [value])
}
