import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { corpus, hasCorpus } from '../../test/support/corpus.ts'
import { type Colour, type FilmRecipe, makeFilm } from '../../test/support/films.ts'
import { recordingIo } from '../../test/support/operation-io.ts'
import { openMedia } from '../media/open.ts'
import { filmQualityIssues } from './film-quality-issues.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mediamill-issues-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** A scene with edges that passes by. */
function scene(x: number, y: number, second: number): Colour {
  const isLine = Math.floor(x * 12 + second * 1.5) % 2 === Math.floor(y * 8) % 2
  return isLine ? [210, 190, 150] : [40, 60, 90]
}

/** Two tones as of an instrument. */
const music = (second: number): number => 0.3 * Math.sin(2765 * second) + 0.2 * Math.sin(4147 * second)

async function judged(path: string, depth: 'keys' | 'full' = 'keys') {
  const media = await openMedia(path)
  try {
    const result = await filmQualityIssues.run(media, { depth }, recordingIo().io)
    expect(filmQualityIssues.result.strict().parse(result)).toEqual(result)
    return { ...result, kinds: result.issues.map(({ kind }) => kind), demuxes: media.counts.demuxes }
  } finally {
    await media.close()
  }
}

const large = { width: 400, height: 240, paint: scene } as const

async function judgedOf(recipe: FilmRecipe, depth: 'keys' | 'full' = 'keys', name = 'film.mkv') {
  await makeFilm(join(folder, name), { ...large, seconds: 6, frameRate: 12, gop: 12, ...recipe })
  return judged(join(folder, name), depth)
}

const stretchesOf = ({ issues }: Awaited<ReturnType<typeof judged>>, kind: string) =>
  issues.find((issue) => issue.kind === kind)?.evidence.stretches

describe('quality-issues of films', () => {
  it('finds nothing in a good film with music, and tells how loud it is', async () => {
    const found = await judgedOf({ audio: 'aac', tone: music })
    expect(found.kinds).toEqual([])
    expect(found.score).toBeGreaterThan(90)
    expect(found.loudness?.integratedLufs).toBeCloseTo(-16, -1)
    expect(found).toMatchObject({ depth: 'keys', framesDecoded: expect.any(Number), demuxes: 1 })
  })

  it('finds where it is black', async () => {
    const paint = (x: number, y: number, second: number): Colour =>
      second >= 2 && second < 5 ? [0, 0, 0] : scene(x, y, second)
    const found = await judgedOf({ paint, seconds: 9 })
    expect(found.kinds).toEqual(['black'])
    expect(stretchesOf(found, 'black')).toEqual([{ fromMs: expect.closeTo(2000, -2), toMs: expect.closeTo(5000, -2) }])
  })

  it('finds where it stands still, by every frame too', async () => {
    const paint = (x: number, y: number, second: number): Colour => scene(x, y, second > 2 && second < 7 ? 2 : second)
    for (const depth of ['keys', 'full'] as const) {
      const found = await judgedOf({ paint, seconds: 10 }, depth)
      expect(found.kinds).toEqual(['frozen'])
      expect(stretchesOf(found, 'frozen')).toEqual([
        { fromMs: expect.closeTo(2000, -3), toMs: expect.closeTo(7000, -3) },
      ])
    }
  })

  it('finds frames that are woven of two moments', async () => {
    const paint = (x: number, y: number, second: number): Colour =>
      scene(x, y, Math.floor(y * 240) % 2 === 0 ? second : second + 1 / 24)
    expect((await judgedOf({ paint, seconds: 2 })).kinds).toEqual(['interlaced'])
  })

  it('finds blocks of a codec that had too few bits', async () => {
    const paint = (x: number, y: number, second: number): Colour => {
      const wave = Math.sin(40 * x + 3 * second) * Math.cos(31 * y) + 0.5 * Math.sin(90 * x * y)
      return [128 + 70 * wave, 120 + 60 * wave, 110 + 50 * wave]
    }
    expect((await judgedOf({ video: 'mpeg4', bitRate: 60_000, paint, seconds: 2 })).kinds).toContain('blockiness')
    expect((await judgedOf({ paint, seconds: 2 })).kinds).toEqual([])
  })

  it('finds silence and clipping, of sounds too', async () => {
    const silent = await judgedOf({ audio: 'aac', seconds: 2 })
    expect(silent.kinds).toEqual(['silent'])
    const loud = (second: number) => Math.max(-1, Math.min(1, 6 * music(second)))
    const sound = await judgedOf({ video: null, audio: 'pcm_s16le', tone: loud }, 'keys', 'sound.wav')
    expect(sound.kinds).toEqual(['clipped-audio'])
    expect(sound.cuts).toEqual([])
  })

  it('tells where scenes end', async () => {
    const paint = (x: number, y: number, second: number): Colour =>
      second < 2 ? scene(x, y, second) : [255 * y, 200 * x, 40]
    expect((await judgedOf({ paint, seconds: 4 })).cuts).toEqual([expect.closeTo(2000, -2)])
  })
})

describe.skipIf(!hasCorpus)('quality-issues of real films', () => {
  it.each([
    ['androidx-media/hdr10-av1.mp4', []],
    ['androidx-media/bbb_960x540_60fps_vp8.webm', []],
    ['androidx-media/sample_video_only.mp4', []],
    ['mediabunny/no-initial-keyframe.ts', []],
    ['androidx-media/silent-black-10s.mp4', ['black', 'silent', 'low-resolution']],
    ['androidx-media/sample_ac3.mp4', ['clipped-audio']],
    ['shaka-player/small.mp4', ['low-resolution', 'blockiness']],
  ])('of %s are %j', async (file, kinds) => {
    expect((await judged(`${corpus}/videos/${file}`)).kinds).toEqual(kinds)
  })
})
