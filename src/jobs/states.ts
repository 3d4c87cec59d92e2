import type { JobState } from '../catalog/ledger.ts'
import { MediaError } from '../errors.ts'

/** From each state, the states a job may move to. What has ended stays ended. */
const moves: Readonly<Record<JobState, readonly JobState[]>> = {
  waiting: ['running', 'cancelled'],
  running: ['paused', 'finished', 'cancelled', 'failed'],
  paused: ['running', 'cancelled'],
  finished: [],
  cancelled: [],
  failed: ['running'],
}

/** Whether a job may go from one state to another. */
export const canMove = (from: JobState, to: JobState): boolean => moves[from].includes(to)

const verbs: Readonly<Record<JobState, string>> = {
  waiting: 'queued',
  running: 'resumed',
  paused: 'paused',
  finished: 'finished',
  cancelled: 'cancelled',
  failed: 'failed',
}

/** Throws JOB_STATE_INVALID when the move is not legal. */
export function assertMove(from: JobState, to: JobState): void {
  if (!canMove(from, to)) throw new MediaError('JOB_STATE_INVALID', [from, verbs[to]])
}
