import { readFileSync } from 'node:fs'

/** Watches how much memory processes hold; `stop` answers the most that they held together, in bytes. */
export function watchMemory(pids: () => readonly number[]) {
  let peak = 0
  const look = () => {
    peak = Math.max(
      peak,
      pids().reduce((sum, pid) => sum + residentBytesOf(pid), 0),
    )
  }
  const timer = setInterval(look, 20)
  return {
    stop(): number {
      look()
      clearInterval(timer)
      return peak
    },
  }
}

/** Whether this system tells how much memory a process holds. */
export const tellsMemory = process.platform === 'linux'

function residentBytesOf(pid: number): number {
  try {
    const [, kiB] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return Number(kiB ?? 0) * 1024
  } catch {
    // It ended meanwhile.
    return 0
  }
}
