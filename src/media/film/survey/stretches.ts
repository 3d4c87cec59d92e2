import type { Stretch } from '../../film.ts'

/** Joins stretches that overlap or touch, in the order of time; those shorter than `leastMs` are left out. */
export function joined(stretches: readonly Stretch[], leastMs = 0): Stretch[] {
  const sorted = [...stretches].sort((one, other) => one.fromMs - other.fromMs)
  const whole: { fromMs: number; toMs: number }[] = []
  for (const { fromMs, toMs } of sorted) {
    const last = whole.at(-1)
    if (last !== undefined && fromMs <= last.toMs + 1) last.toMs = Math.max(last.toMs, toMs)
    else whole.push({ fromMs, toMs })
  }
  return whole.filter(({ fromMs, toMs }) => toMs - fromMs >= leastMs)
}

/** Times as people read them: milliseconds, not before the beginning. */
export const timed = ({ fromMs, toMs }: Stretch): Stretch => ({
  fromMs: Math.max(0, Math.round(fromMs)),
  toMs: Math.max(0, Math.round(toMs)),
})
