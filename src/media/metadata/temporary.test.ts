import { existsSync, mkdtempSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { removeTemporaryFolders, withTemporaryFile } from './temporary.ts'

it('removes folders that killed processes left, and none that is in use', async () => {
  const old = mkdtempSync(join(tmpdir(), 'mediamill-copy-'))
  const stranger = mkdtempSync(join(tmpdir(), 'mediamill-test-'))
  for (const folder of [old, stranger]) utimesSync(folder, 1_700_000_000, 1_700_000_000)
  await withTemporaryFile('photo.jpg', 'jpeg', async (aside) => {
    await removeTemporaryFolders(60_000)
    expect(existsSync(join(aside, '..'))).toBe(true)
  })
  expect([existsSync(old), existsSync(stranger)]).toEqual([false, true])
  rmSync(stranger, { recursive: true })
})
