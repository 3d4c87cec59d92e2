import { basename } from 'node:path'
import type { FormatName } from '../../media/formats.ts'
import { isEnlarged } from './enlarged.ts'
import type { Subject } from './subjects.ts'

/** By what the one to keep is found, in the usual order: each decides only where all before it are equal. */
export const keepCriteria = ['resolution', 'capture', 'format', 'quality', 'bytes', 'metadata', 'date', 'path'] as const

/** One of the criteria. */
export type KeepCriterion = (typeof keepCriteria)[number]

interface Rule {
  /** Negative when the first is to be kept. */
  compare(one: Subject, other: Subject): number
  /** Why the first is kept and not the second. */
  reason(kept: Subject, other: Subject): string
}

const more = (measure: (subject: Subject) => number) => (one: Subject, other: Subject) => measure(other) - measure(one)

const pixels = ({ width = 0, height = 0 }: Subject): number => width * height
const size = ({ width, height }: Subject): string => (width && height ? `${width}×${height}` : 'unknown size')

/** Formats by how much of what the camera or the author made is in them; 1 for the rest, which usually lose a little. */
const formatRanks: Readonly<Partial<Record<FormatName, number>>> = {
  raw: 3,
  svg: 3,
  exr: 2,
  tiff: 2,
  png: 2,
  bmp: 2,
  gif: 0,
  ico: 0,
}
const formatRank = ({ format }: Subject): number => formatRanks[format] ?? 1

/** Steps of a tenth: what the score tells finer than that is chance. */
const scoreStep = ({ score }: Subject): number => (score === undefined ? -1 : Math.round(score / 10))

const tellsCapture = ({ takenAt, camera }: Subject): number => (takenAt ? 1 : 0) + (camera ? 1 : 0)

const rules: Readonly<Record<KeepCriterion, Rule>> = {
  resolution: {
    compare: more(pixels),
    reason: (kept, other) => `larger: ${size(kept)} against ${size(other)}`,
  },
  capture: {
    compare: more(tellsCapture),
    reason: (kept) => `nearer to the camera: it tells ${kept.takenAt ? 'when it was taken' : 'its camera'}`,
  },
  format: {
    compare: more(formatRank),
    reason: (kept, other) => `less is lost in its format: ${kept.format} against ${other.format}`,
  },
  quality: {
    compare: more(scoreStep),
    reason: (kept, other) => `better quality: ${told(kept.score)} against ${told(other.score)} of 100`,
  },
  bytes: {
    compare: more(({ bytes }) => bytes),
    reason: (kept, other) => `more bytes: ${kept.bytes} against ${other.bytes}`,
  },
  metadata: {
    compare: more(({ fields }) => fields),
    reason: (kept, other) => `more metadata: ${kept.fields} fields against ${other.fields}`,
  },
  date: {
    // What tells no time comes last.
    compare: (one, other) => compareTexts(one.takenAt ?? '~', other.takenAt ?? '~'),
    reason: (kept, other) => `older: ${kept.takenAt} against ${other.takenAt ?? 'no date'}`,
  },
  path: {
    compare: (one, other) => comparePaths(one.paths[0] ?? '', other.paths[0] ?? ''),
    reason: (kept, other) => `the better path: ${kept.paths[0]} against ${other.paths[0]}`,
  },
}

/** The order in which subjects are kept, the first one first: by these criteria, then by the others, at last by the id. */
export const keepOrder =
  (criteria: readonly KeepCriterion[]) =>
  (one: Subject, other: Subject): number =>
    differenceBy(criteria, one, other)?.order || compareTexts(one.asset, other.asset)

/** Why the first is kept and not the second, in a sentence. */
export function keepReason(criteria: readonly KeepCriterion[], kept: Subject, other: Subject): string {
  if (isOnlyLarger(criteria)(other, kept)) {
    return `nearer to the camera: ${size(other)} is more than ${size(kept)} but shows less, as if it was enlarged`
  }
  const difference = differenceBy(criteria, kept, other)
  return difference ? rules[difference.criterion].reason(kept, other) : 'nothing tells them apart; the first by its id'
}

/** Tells whether the first comes before the second for its pixels alone, and they are none that a camera took. */
export const isOnlyLarger =
  (criteria: readonly KeepCriterion[]) =>
  (one: Subject, other: Subject): boolean => {
    const difference = differenceBy(criteria, one, other)
    return difference?.criterion === 'resolution' && difference.order < 0 && isEnlarged(one, other)
  }

/** Sorts paths in the order in which they would be kept: names without marks of copying, then short, then by the alphabet. */
export function orderPaths(paths: string[]): void {
  paths.sort(comparePaths)
}

function differenceBy(criteria: readonly KeepCriterion[], one: Subject, other: Subject) {
  const rest = keepCriteria.filter((criterion) => !criteria.includes(criterion))
  for (const criterion of [...criteria, ...rest]) {
    const order = rules[criterion].compare(one, other)
    if (order !== 0) return { criterion, order }
  }
  return undefined
}

const comparePaths = (one: string, other: string): number =>
  Number(isCopyName(one)) - Number(isCopyName(other)) || one.length - other.length || compareTexts(one, other)

/** What systems and people append to the name of a copy: "photo (1).jpg", "photo - Copy.jpg", "Kopie von photo.jpg". */
const isCopyName = (path: string): boolean =>
  /\(\d{1,3}\)\.\w+$|\b(copy|copie|copia|kopie|duplicate)\b/i.test(basename(path))

const compareTexts = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)

const told = (score: number | undefined): string => (score === undefined ? 'unknown' : String(Math.round(score)))
