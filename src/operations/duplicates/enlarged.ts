import type { Subject } from './subjects.ts'

/** How wide edges usually are in a picture that is as sharp as its pixels allow, in pixels. */
const sharpEdgePx = 1.5

/** Scores at the same size that lie so far apart are no chance. */
const scoreGap = 10

/**
 * Whether a picture has more pixels than a camera's own file of it, but shows no more: its edges, or its quality at the
 * size at which both were judged, tell that it was enlarged from something smaller. What a camera wrote itself never was;
 * without the answer of `quality-issues` nobody can tell.
 */
export function isEnlarged(large: Subject, original: Subject): boolean {
  if (!isOfCamera(original) || isOfCamera(large) || longEdge(large) <= longEdge(original)) return false
  return shownEdge(large) < longEdge(original) || isWorse(large, original)
}

const isOfCamera = ({ camera, takenAt }: Subject): boolean => camera !== undefined && takenAt !== undefined

const longEdge = ({ width = 0, height = 0 }: Subject): number => Math.max(width, height)

/** The long edge of the smallest picture that would show as much. */
function shownEdge({ sharpness }: Subject): number {
  if (sharpness?.edgeWidthPx === undefined) return Number.POSITIVE_INFINITY
  return (sharpness.judgedEdge * sharpEdgePx) / sharpness.edgeWidthPx
}

/** Small pictures look sharper than large ones, so that only scores of one size tell anything. */
function isWorse(large: Subject, original: Subject): boolean {
  if (large.score === undefined || original.score === undefined) return false
  const [edge, originalEdge] = [large.sharpness?.judgedEdge ?? 0, original.sharpness?.judgedEdge ?? 0]
  return edge > 0 && originalEdge >= 0.9 * edge && large.score <= original.score - scoreGap
}
