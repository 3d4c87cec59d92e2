import { hash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { corpus, hasCorpus } from '../../../test/support/corpus.ts'
import { type FilmRecipe, lively, makeFilm } from '../../../test/support/films.ts'
import { temporaryFolder } from '../../../test/support/temporary.ts'
import type { FrameAt } from '../film.ts'
import { defaultLimits } from '../limits.ts'
import type { Identity, Media } from '../media.ts'
import { markOf } from '../naming.ts'
import { openMedia } from '../open.ts'
import { canGlance, glanceAt } from './glance.ts'

const edge = 250

async function using<Result>(media: Media, work: (media: Media) => Promise<Result>): Promise<Result> {
  try {
    return await work(media)
  } finally {
    await media.close()
  }
}

const openKnown = (path: string, identity: Identity): Promise<Media> =>
  openMedia(path, undefined, { known: { identity, mark: markOf(statSync(path, { bigint: true })) } })

/** A frame with all that is said of it; of one that can not be taken why not. */
async function frameOf(media: Media, at: FrameAt) {
  try {
    const { picture, atMs } = await media.frame(at, { edge })
    const { fullWidth, fullHeight, intent, damage } = picture
    const { width, height, data } = await picture.pixels(box)
    return { atMs, fullWidth, fullHeight, intent, damage, pixels: `${width}×${height} ${hash('sha1', data)}` }
  } catch (error) {
    return { error }
  }
}

const box = { width: edge, height: edge, fit: 'inside', as: 'rgb' } as const

/** The frame of a film that is opened for it, of the same film when it is known, and of a glance alone. */
async function bothWays(path: string, at: FrameAt) {
  const [identity, opened] = await using(await openMedia(path), async (media) => [
    media.identity,
    await frameOf(media, at),
  ])
  const rest = await using(await openKnown(path, identity), async (media) => {
    media.expect(edge, { isLast: true })
    const known = await frameOf(media, at)
    return { known, identities: [identity, media.identity], counts: media.counts }
  })
  return { opened, ...rest, isGlanced: await isGlanced(path, identity, at) }
}

async function isGlanced(path: string, identity: Identity, at: FrameAt): Promise<boolean> {
  const { originMs, durationMs, format } = identity
  if (originMs === undefined || durationMs === undefined || !canGlance(format, at)) return false
  const film = { ...identity, path, length: { originMs, durationMs }, limits: defaultLimits, onFrame: () => {} }
  return (await glanceAt(film, at, edge).catch(() => undefined)) !== undefined
}

const middle: FrameAt = { fraction: 0.5, exact: false }

async function aFilm(name: string, recipe: FilmRecipe = {}): Promise<string> {
  const path = join(temporaryFolder(), name)
  await makeFilm(path, { seconds: 4, gop: 20, paint: lively, ...recipe })
  return path
}

const quarterTurn = [0, 1, 0, -1, 0, 0, 0, 0, 1]

describe('a frame of a known film', () => {
  it.each<[name: string, file: string, recipe: FilmRecipe]>([
    ['H.264', 'film.mp4', {}],
    ['turned, with wide pixels', 'turned.mp4', { displayMatrix: quarterTurn, sar: [4, 3] }],
    [
      'with wide colours',
      'wide.mov',
      { pixelFormat: 'yuv420p10le', colour: { primaries: 9, transfer: 18, matrix: 9 } },
    ],
    ['in Matroska, with sound', 'sounding.mkv', { audio: 'libopus' }],
    ['HEVC', 'hevc.mp4', { video: 'libx265' }],
    ['VP9, seen through', 'seen-through.webm', { video: 'libvpx-vp9', pixelFormat: 'yuva420p' }],
    ['beginning late', 'late.mkv', { timeOf: (frame) => 5 + frame / 25 }],
    ['of a size that the header does not tell', 'mpeg4.mp4', { video: 'mpeg4' }],
    ['in fragments', 'fragments.mp4', { muxer: { movflags: 'frag_keyframe+empty_moov' } }],
    ['beside a cover', 'covered.mp4', { cover: [200, 0, 0] }],
    ['in a stream without an index', 'stream.ts', { audio: 'aac' }],
  ])('is the one of the film when it is opened, by its header alone: %s', async (_, file, recipe) => {
    const path = await aFilm(file, recipe)
    for (const at of [middle, { fraction: 0.4 }, { ms: 900, exact: false }, { fraction: 1, exact: false }]) {
      const { opened, known, isGlanced, identities, counts } = await bothWays(path, at)
      expect(opened).toHaveProperty('pixels')
      expect(known).toEqual(opened)
      expect(isGlanced).toBe(true)
      expect(identities[1]).toEqual(identities[0])
      expect(counts).toEqual({ pictureDecodes: 0, demuxes: 1, framesDecoded: 1 })
    }
  })

  it.each<[why: string, file: string, recipe: FilmRecipe, at: FrameAt]>([
    ['the very frame is asked for', 'film.mp4', {}, { ms: 900 }],
    ['the best one is', 'film.mp4', {}, 'best'],
    ['no key frame is near', 'long.mp4', { gop: 1000 }, { fraction: 0.5 }],
    ['there are two tracks', 'tracks.mp4', { beside: { width: 320, seconds: 4 } }, middle],
    ['its header tells nothing', 'film.flv', {}, middle],
  ])('is looked for in the opened film where %s', async (_, file, recipe, at) => {
    const { opened, known, isGlanced } = await bothWays(await aFilm(file, recipe), at)
    expect(opened).toHaveProperty('pixels')
    expect(known).toEqual(opened)
    expect(isGlanced).toBe(false)
  })

  it('is the one of the opened film where the shape of its pixels changes on the way', async () => {
    const video = 'mpeg2video'
    const parts = [await aFilm('wide.ts', { video, sar: [1, 1] }), await aFilm('wider.ts', { video, sar: [4, 3] })]
    const path = join(temporaryFolder(), 'both.ts')
    writeFileSync(path, Buffer.concat(parts.map((part) => readFileSync(part))))
    const last: FrameAt = { fraction: 1, exact: false }
    const { opened, known, isGlanced } = await bothWays(path, last)
    expect(opened).toMatchObject({ fullWidth: 160, fullHeight: 96 })
    expect(known).toEqual(opened)
    expect(isGlanced).toBe(false)
  })

  it('is looked for in the opened film where there are several programmes', async () => {
    const path = await aFilm('programmes.ts')
    announceSecondProgramme(path)
    const { opened, known, isGlanced } = await bothWays(path, middle)
    expect(opened).toHaveProperty('pixels')
    expect(known).toEqual(opened)
    expect(isGlanced).toBe(false)
  })

  it('is found where an index names none of the first key frames', async () => {
    const path = await aFilm('cues.mkv')
    blankFirstCues(path, 3)
    for (const fraction of [0, 0.1, 0.3, 0.5, 1]) {
      const { opened, known, isGlanced } = await bothWays(path, { fraction, exact: false })
      expect(known).toEqual(opened)
      expect(isGlanced).toBe(true)
    }
  })

  it('is drawn as large as was announced', async () => {
    const path = await aFilm('announced.mp4', { width: 400, height: 300, seconds: 2 })
    const identity = await using(await openMedia(path), async (media) => media.identity)
    for (const isLast of [true, false]) {
      await using(await openKnown(path, identity), async (media) => {
        media.expect(200, { isLast })
        expect((await media.frame(middle, { edge: 134 })).picture.width).toBe(200)
      })
    }
  })

  it('is waited for when the film is closed, and not opened for afterwards', async () => {
    const path = await aFilm('closed.mp4', { gop: 1000 })
    const identity = await using(await openMedia(path), async (media) => media.identity)
    const media = await openKnown(path, identity)
    media.expect(edge, { isLast: true })
    let isDone = false
    const frame = frameOf(media, { fraction: 0.5 }).finally(() => {
      isDone = true
    })
    while (!isDone && !openFiles().includes(path)) await setImmediate()
    await media.close()
    expect(openFiles()).not.toContain(path)
    expect(await frame).toMatchObject({ error: { code: 'INTERNAL' } })
    expect(openFiles()).not.toContain(path)
  })

  it('is not taken by what was known once the file was touched', async () => {
    const path = await aFilm('touched.mp4')
    const identity = await using(await openMedia(path), async (media) => media.identity)
    const mark = markOf(statSync(path, { bigint: true }))
    utimesSync(path, 1, 1)
    const lie = { ...identity, durationMs: 10 }
    await using(await openMedia(path, undefined, { known: { identity: lie, mark } }), async (media) => {
      media.expect(edge, { isLast: true })
      expect(media.identity).toEqual(identity)
      expect(await frameOf(media, middle)).toMatchObject({ atMs: 1600 })
    })
  })

  it.each(['large.mp4', 'large.ts'])('is refused where it is too large: %s', async (file) => {
    const path = await aFilm(file)
    const identity = await using(await openMedia(path), async (media) => media.identity)
    const known = { identity, mark: markOf(statSync(path, { bigint: true })) }
    await using(await openMedia(path, { maxPixels: 1000 }, { known }), async (media) => {
      media.expect(edge, { isLast: true })
      expect(await frameOf(media, middle)).toMatchObject({ error: { code: 'INPUT_TOO_LARGE' } })
    })
  })

  it('opens the film once when more is asked of it', async () => {
    const path = await aFilm('more.mp4')
    const identity = await using(await openMedia(path), async (media) => media.identity)
    await using(await openKnown(path, identity), async (media) => {
      expect(media.counts.demuxes).toBe(0)
      media.expect(edge, { isLast: false })
      expect(await frameOf(media, middle)).toMatchObject({ atMs: 1600 })
      expect((await media.film()).probe.video).toHaveLength(1)
      expect(media.counts.demuxes).toBe(1)
    })
  })

  it.runIf(hasCorpus)(
    'is the one of the opened film in each film of the corpus, the broken ones too',
    async () => {
      let glances = 0
      for (const path of await corpusFilms()) {
        for (const fraction of [0.1, 0.5, 0.93]) {
          const { opened, known, identities, counts } = await bothWays(path, { fraction, exact: false })
          expect(known, path).toEqual(opened)
          expect(identities[1], path).toEqual(identities[0])
          if (counts.demuxes === 1 && counts.framesDecoded === 1) glances++
        }
      }
      expect(glances).toBeGreaterThan(150)
    },
    120_000,
  )
})

/** Files that this process has open, where the system tells. */
function openFiles(): string[] {
  const folder = '/proc/self/fd'
  if (!existsSync(folder)) return []
  return readdirSync(folder).flatMap((name) => {
    try {
      return [readlinkSync(join(folder, name))]
    } catch {
      return []
    }
  })
}

/** Writes a second programme into the tables of programmes (PAT) of a transport stream, of which nothing is sent. */
function announceSecondProgramme(path: string): void {
  const bytes = readFileSync(path)
  const table = Buffer.of(
    0x00,
    0xb0,
    0x11,
    0x00,
    0x01,
    0xc1,
    0x00,
    0x00,
    0x00,
    0x01,
    0xf0,
    0x00,
    0x00,
    0x02,
    0xff,
    0x00,
  )
  for (let at = 0; at < bytes.length; at += 188) {
    if ((bytes.readUInt16BE(at + 1) & 0x1fff) !== 0) continue
    bytes[at + 4] = 0
    table.copy(bytes, at + 5)
    bytes.writeUInt32BE(checkOf(table), at + 5 + table.length)
    bytes.fill(0xff, at + 9 + table.length, at + 188)
  }
  writeFileSync(path, bytes)
}

/** CRC-32 of MPEG-2 (ISO 13818-1, annex A). */
function checkOf(bytes: Buffer): number {
  let check = 0xffffffff
  for (const byte of bytes) {
    check ^= byte << 24
    for (let bit = 0; bit < 8; bit++) check = check & 0x80000000 ? (check << 1) ^ 0x04c11db7 : check << 1
  }
  return check >>> 0
}

/** Writes padding (EBML Void) over the first places of an index (Cues, whose CuePoints begin with BB). */
function blankFirstCues(path: string, count: number): void {
  const bytes = readFileSync(path)
  const cues = bytes.lastIndexOf(Buffer.of(0x1c, 0x53, 0xbb, 0x6b))
  let at = bytes.indexOf(0xbb, cues + 4)
  for (let left = count; left > 0; left--) {
    expect(bytes[at]).toBe(0xbb)
    bytes[at] = 0xec
    at += 2 + ((bytes[at + 1] ?? 0) & 0x7f)
  }
  writeFileSync(path, bytes)
}

/** Films of the corpus that may be glanced at, and files that only seem to be some. */
async function corpusFilms(): Promise<string[]> {
  const entries = await readdir(corpus, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && /\.(?:mp4|mov|m4v|3gp|mkv|webm|ts)$/i.test(entry.name))
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((path) => statSync(path).size > 0)
}
