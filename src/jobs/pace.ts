import type { JobProgress } from '../events.ts'
import type { Told } from '../executor/worker-io.ts'

/** How fast all films at work run through together; empty when none is. */
export function paceOf(told: readonly Told[]): Pick<JobProgress, 'framesPerSecond' | 'speed'> {
  const paces = told.flatMap(({ pace }) => pace ?? [])
  if (paces.length === 0) return {}
  const sum = (of: 'framesPerSecond' | 'speed'): number => paces.reduce((all, pace) => all + pace[of], 0)
  return { framesPerSecond: sum('framesPerSecond'), speed: sum('speed') }
}
