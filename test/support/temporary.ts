import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

const made = new Set<string>()

// Here and not where a folder is asked for: a hook that is set while a test runs is never called.
afterAll(() => {
  for (const path of made) removeFolder(path)
})

/** Makes a temporary folder that lives as long as the test file, if nobody removes it before. */
export function temporaryFolder(prefix = 'mediamill-test-'): string {
  const path = mkdtempSync(join(tmpdir(), prefix))
  made.add(path)
  return path
}

/** Removes a temporary folder with all that is in it. */
export function removeFolder(path: string): void {
  made.delete(path)
  // Workers that were ended may still be writing for a moment.
  rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
}
