import { statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { fileOf, quarters } from '../../test/support/pictures.ts'
import { MiB } from '../units.ts'
import { isOfFile, markOf, type Naming } from './naming.ts'
import { openMedia } from './open.ts'

/** A film that begins and has nothing in it, of so many bytes. */
function film(name: string, bytes: number): string {
  const path = fileOf(name, '\0\0\0\x14ftypisom\0\0\0\0isom')
  truncateSync(path, bytes)
  return path
}

async function identityOf(path: string, naming: Naming = {}) {
  const media = await openMedia(path, undefined, naming)
  await media.close()
  return media.identity
}

async function namesOf(path: string, naming: Naming = {}) {
  const { contentId, pixelId } = await identityOf(path, naming)
  return { contentId, pixelId }
}

const marked = (path: string) => markOf(statSync(path, { bigint: true }))

it('takes the names that are known while the file has its mark, and hashes it when it was touched', async () => {
  const path = film('known.mp4', MiB)
  const identity = { ...(await identityOf(path)), contentId: 'c', pixelId: 'p' }
  const known = { identity, mark: marked(path) }
  expect(await namesOf(path, { known })).toEqual({ contentId: 'c', pixelId: 'p' })

  const { atime, mtime } = statSync(path)
  writeFileSync(path, '\0', { flag: 'r+' })
  utimesSync(path, atime, mtime)
  expect((await namesOf(path, { known })).contentId).toMatch(/^[0-9a-f]{64}$/)
})

it('names a large film by its file for what is quick, until it is touched; small ones and pictures by their content', async () => {
  const path = film('large.mp4', 5 * MiB)
  const quick = { isQuick: true }
  const names = await namesOf(path, quick)
  expect(isOfFile(names.contentId)).toBe(true)
  expect(names.pixelId).toBe(names.contentId)
  expect(await namesOf(path, quick)).toEqual(names)
  utimesSync(path, 1, 1)
  expect(await namesOf(path, quick)).not.toEqual(names)

  expect(isOfFile((await namesOf(path)).contentId)).toBe(false)
  expect(isOfFile((await namesOf(film('small.mp4', 3 * MiB), quick)).contentId)).toBe(false)
  const picture = fileOf('large.png', Buffer.concat([await quarters().png().toBuffer(), Buffer.alloc(5 * MiB)]))
  expect(isOfFile((await namesOf(picture, quick)).contentId)).toBe(false)
})
