import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MediaError } from '../../src/errors.ts'
import { runOperation } from '../../src/executor/run.ts'
import { openMedia } from '../../src/media/open.ts'
import { anApp, dataIn, faultyOperations } from '../support/app.ts'
import { makeFilm } from '../support/films.ts'
import { filmElsewhere, makeAbsurdFilms, playlists, soundWithCoverElsewhere } from '../support/hostile-films.ts'
import { aFolder } from '../support/library.ts'
import { tellsMemory, watchMemory } from '../support/memory.ts'

const memoryBytes = 700 << 20
const limits = { 'workers.timeoutMs': 15_000, 'workers.memoryBytes': memoryBytes }
const folder = aFolder()
const library = join(folder.path, 'library')
mkdirSync(library)
const at = (name: string) => join(library, name)
const app = anApp(dataIn(folder.path), limits)

afterAll(async () => {
  await app.stop()
  folder[Symbol.dispose]()
})

const everything = ['probe', 'thumbnail', 'validate', 'metadata'] as const

/** How an operation on a file ends: its code, or for a result its verdict or `done`. */
async function endOf(path: string, operation: string, params: Record<string, unknown> = {}, of = app): Promise<string> {
  try {
    const { result } = await runOperation(of, { path, operation, params })
    return (result as { verdict?: string }).verdict ?? 'done'
  } catch (error) {
    if (!(error instanceof MediaError)) throw error
    return error.code
  }
}

const endsOf = (path: string) => Promise.all(everything.map((operation) => endOf(path, operation)))

/** Files that an operation which was given up or failed would leave. */
const leftovers = () =>
  readdirSync(dataIn(folder.path), { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('.part'))

const strangeNames = [
  'concat:secret.mp4|secret.mp4',
  'file:secret.mp4',
  'subfile,,start,0,end,9,,:secret.mp4',
  'http:/127.0.0.1.mp4',
  'frame-%03d.mp4',
  'pipe:0',
  'data:,x.mp4',
  '-i.mp4',
  'two\nlines.mp4',
]

describe('files that lead to other files and addresses', () => {
  const asked: string[] = []
  const trap = createServer(({ url = '' }, response) => {
    asked.push(url)
    response.end()
  })
  /** Whoever opens it waits until somebody writes, which nobody does. */
  const pipe = at('secret.mp4')
  let address = ''

  beforeAll(async () => {
    await new Promise<void>((resolve) => trap.listen(0, '127.0.0.1', resolve))
    address = `http://127.0.0.1:${(trap.address() as AddressInfo).port}/secret.mp4`
    execFileSync('mkfifo', [pipe])
  })
  afterAll(() => void trap.close())

  const targets = () => [
    address,
    pipe,
    `file:${pipe}`,
    'secret.mp4',
    `concat:${pipe}|${pipe}`,
    `subfile,,start,0,end,9,,:${pipe}`,
  ]

  it('are no films when they are playlists, whatever they are called', async () => {
    for (const [number, target] of targets().entries()) {
      for (const [name, text] of Object.entries(playlists(target))) {
        const path = at(`${number}-${name}`)
        writeFileSync(path, text)
        expect([name, target, await endOf(path, 'probe')]).toEqual([name, target, 'UNSUPPORTED_CONTENT'])
        expect(await endOf(path, 'validate')).toBe('UNSUPPORTED_CONTENT')
      }
    }
    expect(asked).toEqual([])
  })

  it.each(['url ', 'alis'] as const)(
    'are read for what is in them alone when they name the place of their samples (%s)',
    async (kind) => {
      for (const [number, target] of targets().entries()) {
        const path = at(`elsewhere-${kind.trim()}-${number}.mov`)
        await filmElsewhere(path, target, kind)
        expect([target, ...(await endsOf(path))]).toEqual([target, 'done', 'done', 'ok', 'done'])
      }
      expect(asked).toEqual([])
    },
  )

  it('have no cover when that is an address', async () => {
    await soundWithCoverElsewhere(at('cover.mp3'), address)
    expect(await endsOf(at('cover.mp3'))).toEqual(['done', 'NO_PICTURE', 'ok', 'done'])
    expect(asked).toEqual([])
  })

  it('are opened as themselves when their names look like addresses, lists, parts and patterns', async () => {
    await makeFilm(at('plain.mp4'), { seconds: 0.4 })
    const plain = readFileSync(at('plain.mp4'))
    mkdirSync(at('http:'))
    for (const [number, name] of strangeNames.entries()) {
      // Else one answer would be remembered for all.
      const behind = Buffer.concat([Buffer.from([0, 0, 0, 9]), Buffer.from('free'), Buffer.from([number])])
      writeFileSync(at(name), Buffer.concat([plain, behind]))
      expect([name, ...(await endsOf(at(name)))]).toEqual([name, 'done', 'done', 'ok', 'done'])
    }
    expect(asked).toEqual([])
  })

  it('do not read the pipe that is named, but say that it is no file', async () => {
    expect(await endOf(pipe, 'probe')).toBe('FILE_UNREADABLE')
  })
})

const isShown = ['done', 'done', 'ok', 'done']
const hasNoPicture = ['done', 'MEDIA_DAMAGED', 'unreadable', 'done']
const isUnreadable = ['MEDIA_DAMAGED', 'MEDIA_DAMAGED', 'unreadable', 'MEDIA_DAMAGED']

/** What probe, thumbnail, validate and metadata make of each: what is announced is not believed where it can be seen. */
const absurd: Readonly<Record<string, readonly string[]>> = {
  'moov-of-4-GiB.mp4': isUnreadable,
  'moov-of-4-EiB.mp4': isUnreadable,
  'a-million-tracks.mp4': isUnreadable,
  'a-million-boxes.mp4': isUnreadable,
  'nested-boxes.mp4': isUnreadable,
  'endless-segments.mkv': isUnreadable,
  'endless-clusters.mkv': isUnreadable,
  'nested-tags.mkv': isUnreadable,
  'samples-of-one-chunk.mov': hasNoPicture,
  'table-of-sizes.mov': isUnreadable,
  'table-of-times.mov': isUnreadable,
  'years-between-frames.mov': isShown,
  '136-years.mov': isShown,
  '1000000000000000.mkv': isShown,
  '1e+300.mkv': isShown,
  'Infinity.mkv': isShown,
  'NaN.mkv': isShown,
  '-1000000000000000000.mkv': isShown,
  'wide.avi': hasNoPicture,
  'wide.ts': hasNoPicture,
  'wide.mkv': hasNoPicture,
}

describe('films with absurd headers', () => {
  it('end with a result or a code, within the limits of time and memory', { timeout: 240_000 }, async () => {
    const names = await makeAbsurdFilms(library)
    const memory = watchMemory(() => app.executor.pool.workers().map(({ pid }) => pid))
    const ends: Record<string, readonly string[]> = {}
    for (const name of names) ends[name] = await endsOf(at(name))
    const peak = memory.stop()
    // Two workers, each looked at ten times a second.
    if (tellsMemory) expect(peak).toBeLessThan(2.5 * memoryBytes)
    expect(ends).toEqual(absurd)
    expect(leftovers()).toEqual([])
    expect(app.executor.admission.usedBytes).toBe(0)
  })

  it('are refused by their size before a frame is decoded', async () => {
    await makeFilm(at('large.mp4'), { seconds: 0.2, width: 320, height: 240 })
    const media = await openMedia(at('large.mp4'), { maxPixels: 320 * 240 - 1 })
    try {
      const film = await media.film()
      const io = { signal: new AbortController().signal, progress: () => {} }
      await expect(media.picture()).rejects.toMatchObject({ code: 'INPUT_TOO_LARGE' })
      for (const mode of ['quick', 'thorough'] as const) {
        await expect(film.check(mode, io)).rejects.toMatchObject({ code: 'INPUT_TOO_LARGE' })
      }
      expect(media.counts.framesDecoded).toBe(0)
    } finally {
      await media.close()
    }
  })
})

const faults = { ...limits, 'workers.memoryBytes': 400 << 20 }

describe('films on which a decoder crashes or hoards memory', () => {
  it('cost one worker each, are named with the reason, and keep no other film from its result', {
    timeout: 120_000,
  }, async () => {
    await using faulty = anApp(dataIn(join(folder.path, 'faulty')), faults, faultyOperations)
    const names = ['segfault-1.mp4', 'hog-2.mp4', 'sound-3.mp4', 'sound-4.mp4']
    for (const [number, name] of names.entries()) await makeFilm(at(name), { seconds: 0.2 + 0.04 * number })
    const ends = await Promise.all(names.map((name) => endOf(at(name), 'validate', {}, faulty)))
    expect(ends).toEqual(['DECODER_CRASHED', 'DECODER_OUT_OF_MEMORY', 'ok', 'ok'])
    expect(await endOf(at('sound-3.mp4'), 'thumbnail', {}, faulty)).toBe('done')
    expect(faulty.executor.admission.usedBytes).toBe(0)
  })

  it('keep what was made of them when they can not be freed, and cost no other film its result', {
    timeout: 120_000,
  }, async () => {
    await using faulty = anApp(dataIn(join(folder.path, 'unfreed')), { 'workers.count': 2 }, faultyOperations)
    const names = [
      'freed.never-1.mp4',
      'freed.never-2.mp4',
      'freed.segfault-3.mp4',
      'freed.segfault-4.mp4',
      'sound-5.mp4',
    ]
    for (const [number, name] of names.entries()) await makeFilm(at(name), { seconds: 0.3 + 0.04 * number })
    const ends = await Promise.all(names.map((name) => endOf(at(name), 'validate', {}, faulty)))
    expect(ends).toEqual(names.map(() => 'ok'))
    const again = await Promise.all(names.map((name) => endOf(at(name), 'thumbnail', {}, faulty)))
    expect(again).toEqual(names.map(() => 'done'))
    expect(faulty.catalog.journal.leftovers()).toEqual([])
  })
})
