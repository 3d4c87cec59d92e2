import { type Logger, pino } from 'pino'

/** The program's logger: JSON lines on stderr, so that stdout stays free for results. */
export function createLog(level: string): Logger {
  return pino({ level, base: null }, pino.destination({ fd: 2, sync: false }))
}

export type { Logger } from 'pino'
