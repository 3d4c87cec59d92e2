import type { Moment, SentPacket } from './track.ts'

const leastPauses = 3
/** Behind a lost group of frames comes a key frame; behind a pause that is chance. */
const mostAtKeys = 0.1
/** Pauses of one rhythm differ by no more than either of these. */
const unlikeMs = 100
const unlikeShare = 0.1

/**
 * Whether the gaps of a picture are those of a recording that pauses: they come again and again in one rhythm, and frames go
 * on behind them that refer to what was before.
 */
export function arePauses(gaps: readonly Moment[], packets: readonly SentPacket[]): boolean {
  if (gaps.length < leastPauses) return false
  const keys = new Set(packets.filter(({ isKeyframe }) => isKeyframe).map(({ ms }) => ms))
  if (gaps.filter(({ endMs }) => keys.has(endMs)).length > gaps.length * mostAtKeys) return false
  const runs = gaps.slice(1).map(({ ms }, at) => ms - (gaps[at]?.endMs ?? ms))
  return areAlike(gaps.map(({ ms, endMs }) => endMs - ms)) && areAlike(runs)
}

function areAlike(lengths: readonly number[]): boolean {
  const [least, most] = [Math.min(...lengths), Math.max(...lengths)]
  return most - least <= Math.max(unlikeMs, most * unlikeShare)
}
