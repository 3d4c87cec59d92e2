import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'

/** What the package gives is the path of the script. */
const script = createRequire(import.meta.url)('exiftool-vendored.pl') as string

/** Whether there is a perl to run exiftool. With CI=true its absence is an error, so that no test is skipped unseen. */
export const hasPerl = perlIsThere()

/** Runs the exiftool that comes with the program, outside of it; answers what it prints. */
export const exiftool = (...args: readonly string[]): string =>
  execFileSync('perl', [script, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1e8 })

/** Writes tags into a file, in place: `exiftool` with these arguments. */
export const writeTags = (path: string, ...args: readonly string[]): void =>
  void exiftool('-q', '-overwrite_original', '-m', ...args, path)

/** What exiftool reads of a file, by its own names: groups in front as `-G1` gives them. */
export const tagsOf = (path: string, ...args: readonly string[]): Record<string, unknown> =>
  (JSON.parse(exiftool('-json', '-n', '-G1', ...args, path)) as Record<string, unknown>[])[0] ?? {}

function perlIsThere(): boolean {
  try {
    execFileSync('perl', ['-v'], { stdio: 'ignore' })
    return true
  } catch (cause) {
    if (process.env.CI === 'true') throw new Error('perl is not installed, and exiftool needs it.', { cause })
    console.warn('perl is not installed: tests that write tags are skipped.')
    return false
  }
}
