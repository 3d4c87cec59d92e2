import type { Stretch } from '../../film.ts'
import { profileNameOf } from '../../picture/tone.ts'
import { codedColourOf } from '../colour.ts'
import type { Offset } from './offset.ts'
import type { PairsEnd } from './pairs.ts'
import type { Side } from './side.ts'
import type { Target } from './target.ts'

/** What is known of a comparison when it is over. */
export interface Outcome {
  readonly film: Side
  readonly reference: Side
  readonly target: Target
  readonly stretch: Stretch
  readonly offset: Offset
  readonly end: PairsEnd
  readonly lastMs: number
  readonly damaged: number
  readonly pairs: number
}

/** Sentences on how two films were brought together, where that was no matter of course. */
export function notesOf(outcome: Outcome): string[] {
  const { film, reference, damaged } = outcome
  return [
    ...sizeNotes(outcome),
    ...rateNotes(outcome),
    ...rangeNotes(outcome),
    ...fieldNotes(outcome),
    ...timeNotes(outcome),
    ...lengthNotes(outcome),
    ...(damaged > 0 ? [`${damaged} of the pairs have a frame that could not be decoded whole.`] : []),
    ...[film, reference].flatMap(({ name, reader: { damagedPackets } }) =>
      damagedPackets > 0 ? [`${damagedPackets} packets of ${name} can not be decoded; frames are missing.`] : [],
    ),
  ]
}

function sizeNotes({ film, reference, target }: Outcome): string[] {
  const [own, other] = [film.first.frame, reference.first.frame]
  const { width, height } = target
  const isSameSize = own.width === other.width && own.height === other.height
  if (target.isAsCoded && isSameSize) return []
  const isTurned = film.look.display.orientation !== reference.look.display.orientation
  const how = isSameSize ? '' : `; the film is coded at ${own.width}×${own.height}`
  return [`Both were compared at ${width}×${height}${isTurned ? ', upright' : ''}${how}.`]
}

function rateNotes({ film, reference }: Outcome): string[] {
  if (Math.abs(film.frameRate - reference.frameRate) < 0.02 * reference.frameRate) return []
  return [
    `The film has ${rate(film)} frames a second and the reference ${rate(reference)}: each frame of the reference was compared with the one shown at its moment.`,
  ]
}

function fieldNotes({ target: { deinterlaced } }: Outcome): string[] {
  if (deinterlaced === undefined) return []
  return [
    `The frames of ${deinterlaced.name} are woven of two moments and were brought apart; that counts as difference.`,
  ]
}

function rangeNotes({ film, reference, target }: Outcome): string[] {
  const [one, other] = [...target.toneMapped]
  if (one === undefined) {
    const [own, theirs] = [primariesOf(film), primariesOf(reference)]
    return own === theirs ? [] : [`The films name different colours (${own}, ${theirs}); they were compared as coded.`]
  }
  if (other !== undefined) return ['Both films have high dynamic range of different kinds and were compared in SDR.']
  return [
    `High dynamic range of ${one.name} was brought to SDR, as the other is in SDR; tone mapping counts as difference.`,
  ]
}

function timeNotes({ offset, film }: Outcome): string[] {
  const ms = Math.abs(Math.round(offset.ms))
  if (offset.by === 'stretch') return ['The film was taken for a copy of that stretch of the reference.']
  if (ms < Math.min(5, film.stepMs / 4)) return []
  if (offset.by === 'ends' || offset.by === 'content') {
    const [early, late] = offset.ms < 0 ? ['film', 'reference'] : ['reference', 'film']
    return [
      `By what they show, the ${early} begins ${ms < 1000 ? `${ms} ms` : seconds(ms)} into the ${late} and was compared from there.`,
    ]
  }
  return [`The film begins ${ms} ms ${offset.ms > 0 ? 'later' : 'earlier'} than the reference and was moved by that.`]
}

function lengthNotes({ film, reference, stretch, offset, end, lastMs, pairs }: Outcome): string[] {
  if (pairs === 0) return ['The films have no moment in common.']
  const isWhole = !Number.isFinite(stretch.toMs)
  const missingMs = Math.min(reference.durationMs ?? 0, stretch.toMs) - lastMs
  const toleratedMs = Math.max(250, 2 * film.stepMs)
  const overMs = (film.durationMs ?? 0) - offset.ms - (reference.durationMs ?? Number.POSITIVE_INFINITY)
  return [
    ...(end.before > 0 ? [`${end.before} frames of the reference lie before the film’s first and were left out.`] : []),
    ...(end.isFilmOver && missingMs > toleratedMs
      ? [`The film ends before the reference; after ${seconds(lastMs)} nothing was compared.`]
      : []),
    ...(isWhole && !end.isFilmOver && overMs > toleratedMs
      ? [`The film goes on for ${seconds(overMs)} after the reference, which were not compared.`]
      : []),
  ]
}

const primariesOf = ({ first: { frame } }: Side): string => profileNameOf(codedColourOf(frame))
const rate = ({ frameRate }: Side): number => Math.round(frameRate * 100) / 100
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`
