import { readFileSync } from 'node:fs'

let own: string | undefined

/** Marks this process as the owner of a job or a file: `pid@start`, so that a later process of its number is told apart. */
export function ownMark(): string {
  own ??= `${process.pid}@${startOf(process.pid)}`
  return own
}

/** Whether the process that an owner's mark names still runs. */
export function isAlive(mark: string): boolean {
  const [pid = '', start = ''] = mark.split('@')
  try {
    process.kill(Number(pid), 0)
  } catch (error) {
    // EPERM: it runs, under another user.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  return startOf(Number(pid)) === start
}

/** Start time of a process in ticks since boot; empty where the system does not tell, and then only the number counts. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in parentheses may hold blanks; the fields are counted behind it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}
