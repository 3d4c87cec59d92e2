/** Whatever smaller is asked for is made of this, so that nobody's answer hangs on what others asked before. */
export const shotEdge = 320

const mostMoments = 100
const usualStepMs = 1000

/**
 * The moments at which films are looked at: one a second, at most a hundred, evenly spread from the first frame on. Whatever
 * looks over a whole film takes these, or some of them, so that each key frame is decoded for all at once.
 */
export function momentsOf(durationMs: number | undefined): number[] {
  const length = durationMs ?? 0
  const count = Math.min(mostMoments, Math.max(1, Math.ceil(length / usualStepMs)))
  return Array.from({ length: count }, (_, at) => (at * length) / count)
}
