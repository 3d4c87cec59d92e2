import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const script = fileURLToPath(new URL('./cache-driver-suite.ts', import.meta.url))

/** The suite of bentocache 1.6 has this many cases; fewer would mean that some did not run. */
const casesAtLeast = 21

async function runSuite(driver: string) {
  // A failed case makes the process fail; its line on stdout says which.
  const { stdout } = await promisify(execFile)(process.execPath, [script, driver]).catch(
    (error: { stdout: string }) => error,
  )
  const lines = stdout.split('\n').filter((line) => line.startsWith('{'))
  return lines.map((line) => JSON.parse(line) as { title: string; errors: string[] })
}

const suites = await Promise.all(
  ['memory', 'sqlite'].map(async (driver) => ({ driver, cases: await runSuite(driver) })),
)

describe.each(suites)('bentocache accepts our $driver driver', ({ cases }) => {
  it.each(cases)('$title', ({ errors }) => {
    expect(errors).toEqual([])
  })

  it('has run all cases', () => {
    expect(cases.length).toBeGreaterThanOrEqual(casesAtLeast)
  })
})
