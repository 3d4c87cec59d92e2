import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { chmod, mkdir, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { asOrdinaryUser, canLimitDisk, runOnSmallDisk } from '../../test/contracts/cache-faults.ts'
import { MediaError } from '../errors.ts'
import { type ArtifactStore, createArtifactStore } from './artifacts.ts'

const writer = fileURLToPath(new URL('../../test/contracts/cache-artifact-writer.ts', import.meta.url))
const bytes = (text: string) => new TextEncoder().encode(text)
const sha256 = (content: Uint8Array) => createHash('sha256').update(content).digest('hex')

let folder: string
let store: ArtifactStore

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mediamill-artifacts-'))
  store = createArtifactStore(folder)
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** All visible artifacts and all parts below the folder. */
const files = (below = folder) => {
  const all = readdirSync(below, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
  return {
    artifacts: all.filter((path) => !path.includes('.part')),
    parts: all.filter((path) => path.includes('.part')),
  }
}

const makeOld = (path: string) => utimes(path, new Date(0), new Date(0))

describe('write', () => {
  it('keeps content under the SHA-256 of it, in a folder of its first digits', async () => {
    const kept = await store.write(bytes('hello'), 'webp')
    const id = sha256(bytes('hello'))
    expect(kept).toEqual({ id, path: join(folder, id.slice(0, 2), id.slice(2, 4), `${id}.webp`), bytes: 5 })
    expect(await readFile(kept.path, 'utf8')).toBe('hello')
    expect(kept.path).toBe(store.pathOf(id, 'webp'))
  })

  it('leaves no part behind', async () => {
    await store.write(bytes('hello'), 'webp')
    expect(files().parts).toEqual([])
  })

  it('does not write again what is there, but counts it as new', async () => {
    const { path } = await store.write(bytes('hello'), 'webp')
    const { ino } = statSync(path)
    await makeOld(path)
    await store.write(bytes('hello'), 'webp')
    expect(statSync(path).ino).toBe(ino)
    expect(statSync(path).mtimeMs).toBeGreaterThan(0)
  })

  it('replaces a file of the wrong size, as a power cut leaves it', async () => {
    const { path } = await store.write(bytes('hello'), 'webp')
    await truncate(path, 2)
    await store.write(bytes('hello'), 'webp')
    expect(await readFile(path, 'utf8')).toBe('hello')
  })

  it('keeps empty content and content in a view of a larger buffer', async () => {
    expect((await store.write(new Uint8Array(), 'vtt')).bytes).toBe(0)
    const view = bytes('..hello..').subarray(2, 7)
    expect((await store.write(view, 'vtt')).id).toBe(sha256(bytes('hello')))
  })

  it('gives the same answer to many writers of the same content at once', async () => {
    const content = randomBytes(200_000)
    const stores = Array.from({ length: 16 }, () => createArtifactStore(folder))
    const paths = await Promise.all(stores.map(async (each) => (await each.write(content, 'jpg')).path))
    expect(new Set(paths).size).toBe(1)
    expect(files()).toEqual({ artifacts: [paths[0]], parts: [] })
  })

  it.each(['', 'a/b', '..', 'JPG', 'x'.repeat(11)])('refuses the extension "%s"', async (extension) => {
    await expect(store.write(bytes('hello'), extension)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(files()).toEqual({ artifacts: [], parts: [] })
  })
})

describe('pathOf', () => {
  it.each(['', '../../etc/passwd', 'a'.repeat(63), 'A'.repeat(64), `${'a'.repeat(63)}/`])(
    'refuses the id "%s"',
    (id) => {
      expect(() => store.pathOf(id, 'jpg')).toThrow(MediaError)
    },
  )
})

describe('adopt', () => {
  it('takes a file that a library wrote into the store', async () => {
    const part = await store.newPart('mp4')
    expect(part).toMatch(/\.part\.mp4$/)
    await writeFile(part, 'film')
    const kept = await store.adopt(part, 'mp4')
    expect(kept).toEqual({ id: sha256(bytes('film')), path: store.pathOf(sha256(bytes('film')), 'mp4'), bytes: 4 })
    expect(files()).toEqual({ artifacts: [kept.path], parts: [] })
  })

  it('removes the part when the same content is there already', async () => {
    const { path } = await store.write(bytes('film'), 'mp4')
    const part = await store.newPart('mp4')
    await writeFile(part, 'film')
    expect((await store.adopt(part, 'mp4')).path).toBe(path)
    expect(files()).toEqual({ artifacts: [path], parts: [] })
  })
})

describe('sweep', () => {
  it('removes what nobody refers to and keeps the rest', async () => {
    const kept = await store.write(bytes('kept'), 'jpg')
    const lost = await store.write(bytes('lost!'), 'jpg')
    await makeOld(kept.path)
    await makeOld(lost.path)
    const swept = await store.sweep({ keep: (id) => id === kept.id, olderThanMs: 1000 })
    expect(swept).toEqual({ removed: 1, removedBytes: 5, kept: 1 })
    expect(files()).toEqual({ artifacts: [kept.path], parts: [] })
  })

  it('leaves young artifacts, to which nobody could refer yet', async () => {
    const { path } = await store.write(bytes('new'), 'jpg')
    expect(await store.sweep({ keep: () => false, olderThanMs: 60_000 })).toMatchObject({ removed: 0, kept: 1 })
    expect(existsSync(path)).toBe(true)
  })

  it('leaves old artifacts that were just reused', async () => {
    const { path } = await store.write(bytes('again'), 'jpg')
    await makeOld(path)
    await store.write(bytes('again'), 'jpg')
    expect(await store.sweep({ keep: () => false, olderThanMs: 60_000 })).toMatchObject({ removed: 0, kept: 1 })
  })

  it('touches no file that is no artifact', async () => {
    await mkdir(join(folder, 'ab', 'cd'), { recursive: true })
    const strangers = [join(folder, 'notes.txt'), join(folder, 'ab', 'cd', 'holiday.jpg')]
    for (const path of strangers) await writeFile(path, 'mine')
    for (const path of strangers) await makeOld(path)
    expect(await store.sweep({ keep: () => false, olderThanMs: 0 })).toEqual({ removed: 0, removedBytes: 0, kept: 0 })
    expect(strangers.every((path) => existsSync(path))).toBe(true)
  })

  it('never takes a file whose write was answered after its age was renewed', async () => {
    const content = bytes('wanted by two')
    const { path } = await store.write(content, 'jpg')
    for (let round = 0; round < 200; round++) {
      await makeOld(path).catch(() => {})
      await Promise.all([
        store.sweep({ keep: () => false, olderThanMs: 60_000 }),
        createArtifactStore(folder).write(content, 'jpg'),
      ])
      expect(existsSync(path)).toBe(true)
    }
  })

  it('finds nothing in a store that was never written to', async () => {
    const none = createArtifactStore(join(folder, 'none'))
    expect(await none.sweep({ keep: () => false, olderThanMs: 0 })).toEqual({ removed: 0, removedBytes: 0, kept: 0 })
    expect(await none.removeParts(0)).toBe(0)
    expect(existsSync(join(folder, 'none'))).toBe(false)
  })
})

describe('removeParts', () => {
  it('removes old parts and leaves those that may still be written to', async () => {
    const old = await store.newPart('mp4')
    const young = await store.newPart('')
    await writeFile(old, 'half')
    await writeFile(young, 'half')
    await makeOld(old)
    expect(await store.removeParts(60_000)).toBe(1)
    expect(files().parts).toEqual([young])
  })
})

describe('verify', () => {
  it('tells right, damaged and missing content apart', async () => {
    const { id, path } = await store.write(bytes('hello'), 'jpg')
    expect(await store.verify(id)).toBe('right')
    await writeFile(path, 'jello')
    expect(await store.verify(id)).toBe('damaged')
    await rm(path)
    expect(await store.verify(id)).toBe('missing')
  })
})

describe('a store on a broken disk', () => {
  it('says so when a file is where its folder should be', async () => {
    const path = join(folder, 'file')
    await writeFile(path, '')
    const error = await createArtifactStore(path)
      .write(bytes('hello'), 'jpg')
      .catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(MediaError)
    expect(error).toMatchObject({ code: 'DATA_UNUSABLE', cause: expect.objectContaining({ code: expect.any(String) }) })
  })

  it('says so when it may not write, and leaves no part', async () => {
    await mkdir(join(folder, 'tmp'))
    await chmod(join(folder, 'tmp'), 0o777)
    // The part can be written, but not published: the worse of both moments.
    await chmod(folder, 0o555)
    const error = await asOrdinaryUser(() => store.write(bytes('hello'), 'jpg').catch((thrown: unknown) => thrown))
    await chmod(folder, 0o755)
    expect(error).toMatchObject({ code: 'DATA_UNUSABLE', details: [folder, 'this user may not write there'] })
    expect(files()).toEqual({ artifacts: [], parts: [] })
  })

  it.skipIf(!canLimitDisk)('says so when the disk is full, leaves no part, and keeps what fits', async () => {
    const { lines } = await runOnSmallDisk(writer, ['fill'])
    const failure = lines.find((line) => line.event === 'failed')
    expect(failure).toMatchObject({ code: 'DATA_UNUSABLE', parts: 0 })
    expect(failure?.message).toContain('the disk is full')
    expect(lines.filter((line) => line.event === 'written').length).toBeGreaterThan(0)
    expect(lines.at(-1)).toMatchObject({ event: 'small one', verified: 'right' })
  })
})

describe('a writer that is killed', () => {
  it('leaves no half artifact visible, at 20 random moments', { timeout: 120_000 }, async () => {
    let partsFound = 0
    for (let round = 0; round < 20; round++) {
      const child = spawn(process.execPath, [writer, 'forever', folder], { stdio: ['ignore', 'pipe', 'inherit'] })
      await once(child.stdout, 'data')
      await sleep(Math.random() * 60)
      child.kill('SIGKILL')
      await once(child, 'exit')
      partsFound += files().parts.length
      for (const path of files().artifacts) expect(path).toContain(sha256(readFileSync(path)))
      await store.removeParts(0)
      expect(files().parts).toEqual([])
    }
    expect(files().artifacts.length).toBeGreaterThan(20)
    // Otherwise no kill fell into a write and the test proved nothing.
    expect(partsFound).toBeGreaterThan(0)
  })

  it('shares a folder with others that write the same content', { timeout: 60_000 }, async () => {
    const children = Array.from({ length: 3 }, () =>
      spawn(process.execPath, [writer, 'same', folder], { stdio: ['ignore', 'ignore', 'inherit'] }),
    )
    const codes = await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0]))
    expect(codes).toEqual([0, 0, 0])
    const { artifacts, parts } = files()
    expect(artifacts).toHaveLength(100)
    expect(parts).toEqual([])
    for (const path of artifacts) expect(path).toContain(sha256(readFileSync(path)))
  })
})
