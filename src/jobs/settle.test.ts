import { appendFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { aFolder } from '../../test/support/library.ts'
import { isFresh, settle } from './settle.ts'

function found(path: string) {
  const { size, mtimeMs, ctimeMs, ino } = statSync(path)
  return { folder: '', name: 'growing.jpg', bytes: size, mtimeMs, ctimeMs, inode: ino }
}

it('waits for a file that is still being written, and takes it as it is at its end', async () => {
  using folder = aFolder()
  const path = join(folder.path, 'growing.jpg')
  writeFileSync(path, 'begun')
  const file = found(path)
  expect(isFresh(file)).toBe(true)
  let writes = 0
  const writer = setInterval(() => {
    appendFileSync(path, 'more')
    if (++writes === 6) clearInterval(writer)
  }, 500)
  const settled = await settle(file, path, new AbortController().signal)
  expect(settled).toEqual(found(path))
  expect(writes).toBe(6)
})

it('tells of a file that vanishes meanwhile', async () => {
  using folder = aFolder()
  const file = { folder: '', name: 'x.jpg', bytes: 1, mtimeMs: Date.now(), ctimeMs: Date.now(), inode: 1 }
  expect(await settle(file, join(folder.path, 'x.jpg'), new AbortController().signal)).toBe('gone')
})

it('does not wait for files of the past, nor for those that claim the future', () => {
  expect(isFresh({ mtimeMs: Date.now() - 60_000 })).toBe(false)
  expect(isFresh({ mtimeMs: Date.now() + 60_000 })).toBe(false)
})
