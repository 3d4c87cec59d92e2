import type { Survey } from '../../media/film/survey.ts'
import type { Stretch } from '../../media/film.ts'
import type { Probe } from '../../media/probe.ts'
import { rounded, share } from '../numbers.ts'
import { type FilmFinding, lengthOf, longestOf, nothing, rising } from './finding.ts'

/** Films fade in and out, and titles stand still: as much as this at the beginning and the end is usual. */
const usualStartMs = 2000
const usualEndMs = 3000
/** Stretches told as evidence; whoever wants all takes the survey's own lists. */
const mostTold = 50

/** Where nothing is to be seen, or nothing moves. */
export function judgeTime({ black, frozen, frames }: Survey, probe: Probe) {
  const lengthMs = probe.container.durationMs ?? Math.max(0, ...frames.map(({ ms }) => ms))
  if (probe.video.length === 0 || lengthMs <= 0) return {}
  return { black: judgeBlack(black, lengthMs), frozen: judgeFrozen(without(frozen, black), lengthMs) }
}

function judgeBlack(black: readonly Stretch[], lengthMs: number): FilmFinding {
  if (black.length === 0) return nothing
  const part = lengthOf(black) / lengthMs
  const isAll = part > 0.9
  const within = isAll ? black : trimmed(black, lengthMs)
  const partWithin = lengthOf(within) / lengthMs
  return {
    confidence: Math.max(rising(partWithin, 0.15, 0.08), rising(longestOf(within), 2500, 1000)),
    severity: share(0.2 + 1.2 * partWithin),
    evidence: { share: rounded(part), stretches: black.slice(0, mostTold) },
  }
}

function judgeFrozen(frozen: readonly Stretch[], lengthMs: number): FilmFinding {
  if (frozen.length === 0) return nothing
  const part = lengthOf(frozen) / lengthMs
  const within = part > 0.9 ? frozen : trimmed(frozen, lengthMs)
  const partWithin = lengthOf(within) / lengthMs
  return {
    confidence: Math.max(rising(partWithin, 0.15, 0.08), rising(longestOf(within), 4000, 2000)),
    severity: share(0.15 + 1.1 * partWithin),
    evidence: { share: rounded(part), stretches: frozen.slice(0, mostTold) },
  }
}

/** Without what is usual at both ends. */
const trimmed = (stretches: readonly Stretch[], lengthMs: number): Stretch[] =>
  stretches
    .map(({ fromMs, toMs }) => ({
      fromMs: Math.max(fromMs, usualStartMs),
      toMs: Math.min(toMs, lengthMs - usualEndMs),
    }))
    .filter(({ fromMs, toMs }) => toMs > fromMs)

/** What of the stretches lies outside of others, which are in order. */
function without(stretches: readonly Stretch[], others: readonly Stretch[]): Stretch[] {
  return stretches.flatMap((stretch) => {
    const left: Stretch[] = []
    let { fromMs } = stretch
    for (const other of others) {
      if (other.toMs <= fromMs || other.fromMs >= stretch.toMs) continue
      if (other.fromMs > fromMs) left.push({ fromMs, toMs: other.fromMs })
      fromMs = Math.max(fromMs, other.toMs)
    }
    if (fromMs < stretch.toMs) left.push({ fromMs, toMs: stretch.toMs })
    return left
  })
}
