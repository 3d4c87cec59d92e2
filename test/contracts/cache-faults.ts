import { execFile, execFileSync } from 'node:child_process'
import { promisify } from 'node:util'

/** Runs work with the rights of an ordinary user when the tests run as root, to whom nothing is forbidden. */
export async function asOrdinaryUser<Result>(work: () => Result | Promise<Result>): Promise<Result> {
  if (process.geteuid?.() !== 0) return await work()
  process.seteuid?.(65534)
  try {
    return await work()
  } finally {
    process.seteuid?.(0)
  }
}

/** Mounts a file system of 1 MiB that only the process tree below sees, and runs Node there. */
const smallDisk = ['-rm', 'sh', '-ec', 'mount -t tmpfs -o size=1m none "$MOUNT"; exec "$@"', 'sh']

/** Whether this machine lets an unprivileged process mount a small disk for itself (Linux with user namespaces). */
export const canLimitDisk = (() => {
  try {
    execFileSync('unshare', [...smallDisk, 'true'], { env: { ...process.env, MOUNT: '/mnt' }, stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

/** Runs a script with `args` and the folder of a really full-able disk of 1 MiB; returns the NDJSON it prints. */
export async function runOnSmallDisk(script: string, args: readonly string[]) {
  const { stdout } = await promisify(execFile)('unshare', [...smallDisk, process.execPath, script, ...args, '/mnt'], {
    env: { ...process.env, MOUNT: '/mnt' },
  })
  const lines = stdout.split('\n').filter(Boolean)
  return { lines: lines.map((line) => JSON.parse(line) as Record<string, unknown>) }
}
