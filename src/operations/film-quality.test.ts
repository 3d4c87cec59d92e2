import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { corpus, hasCorpus } from '../../test/support/corpus.ts'
import { type FilmRecipe, lively, makeFilm } from '../../test/support/films.ts'
import { noFiles } from '../../test/support/operation-io.ts'
import { photo } from '../../test/support/pictures.ts'
import { MediaError } from '../errors.ts'
import { openMedia } from '../media/open.ts'
import { filmQuality } from './film-quality.ts'
import type { OperationIo } from './operation.ts'
import { parseParameters } from './parameters.ts'

let folder = ''
const at = (name: string): string => join(folder, name)

const films: Readonly<Record<string, FilmRecipe>> = {
  'original.mkv': { paint: lively, video: 'ffv1', seconds: 1, audio: 'flac' },
  'copy.mp4': { paint: lively, seconds: 1 },
  // Breaks down for a moment.
  'broken.mkv': {
    paint: (x, y, s) => (s > 0.55 && s < 0.65 ? [90, 90, 90] : lively(x, y, s)),
    video: 'ffv1',
    seconds: 1,
  },
  'tone.m4a': { video: null, audio: 'aac', seconds: 1 },
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mediamill-film-quality-'))
  for (const [name, recipe] of Object.entries(films)) await makeFilm(at(name), recipe)
  await photo(64, 48).png().toFile(at('photo.png'))
})
afterAll(() => rm(folder, { recursive: true }))

async function run(path: string, asked: object = {}, signal = new AbortController().signal) {
  const media = await openMedia(path)
  const kept = new Map<string, { format: string; content: Buffer }>()
  const io: OperationIo = {
    ...noFiles,
    signal,
    artifact: async ({ role, format }, bytes) => void kept.set(role, { format, content: Buffer.from(bytes) }),
    progress: () => undefined,
  }
  try {
    const params = filmQuality.params.parse(asked)
    const result = filmQuality.result.strict().parse(await filmQuality.run(media, params, io))
    return { result, chart: kept.get('chart')?.content.toString() ?? '', frames: kept.get('frames') }
  } finally {
    await media.close()
  }
}

describe('the quality of a film against a reference', () => {
  it('is the best there is for the film itself', async () => {
    const { result } = await run(at('original.mkv'), { reference: at('original.mkv') })
    const whole = (score: number) => ({ mean: score, harmonicMean: score, p1: score, min: score })
    expect(result).toMatchObject({
      frames: 25,
      psnr: whole(100),
      ssim: whole(1),
      xpsnr: whole(100),
      worst: [],
      notes: [],
    })
  })

  it('is pooled over all frames, which are all in a file', async () => {
    const { result, frames } = await run(at('copy.mp4'), { reference: at('original.mkv') })
    const rows = JSON.parse(frames?.content.toString() ?? '') as { ms: number; psnr: number }[]
    expect(rows).toHaveLength(25)
    expect(result.series).toEqual(rows)
    const scores = rows.map(({ psnr }) => psnr)
    expect(result.psnr?.mean).toBeCloseTo(scores.reduce((sum, score) => sum + score, 0) / 25, 2)
    expect(result.psnr?.min).toBe(Math.min(...scores))
    expect(result.psnr?.harmonicMean).toBeLessThanOrEqual(result.psnr?.mean ?? 0)
  })

  it('names the worst moment first and marks it in the chart', async () => {
    const { result, chart } = await run(at('broken.mkv'), { reference: at('original.mkv') })
    expect([560, 600, 640]).toContain(result.worst?.[0]?.ms)
    expect(result.xpsnr?.min).toBe(result.worst?.[0]?.xpsnr)
    expect(result.ssim?.mean).toBeGreaterThan(0.8)
    expect(chart).toMatch(/0:00\.(?:56|60|64): XPSNR/)
    expect(chart.match(/class="mark"/g)?.length).toBeGreaterThan(0)
  })

  it('measures what was asked alone, of the part that was asked', async () => {
    const asked = { reference: at('original.mkv'), metrics: ['ssim'], fromMs: 200, toMs: 600, data: 'csv' }
    const { result, frames } = await run(at('copy.mp4'), asked)
    expect([result.frames, result.fromMs, result.toMs]).toEqual([10, 200, 560])
    expect([result.psnr, result.xpsnr]).toEqual([undefined, undefined])
    const [head, ...lines] = frames?.content.toString().trim().split('\r\n') ?? []
    expect([frames?.format, head, lines.length]).toEqual(['csv', 'ms,ssim', 10])
  })

  it('is refused where there is nothing to compare with', async () => {
    await expect(run(at('copy.mp4'), { reference: at('photo.png') })).rejects.toMatchObject({
      code: 'PARAMS_INVALID',
      message: 'A film is needed, but the reference is a picture.',
    })
    await expect(run(at('copy.mp4'), { reference: at('tone.m4a') })).rejects.toMatchObject({
      code: 'NO_PICTURE',
      message: expect.stringContaining('the reference'),
    })
    const beyond = run(at('copy.mp4'), { reference: at('original.mkv'), fromMs: 5000 })
    await expect(beyond).rejects.toMatchObject({
      code: 'PARAMS_INVALID',
      message: expect.stringContaining('nothing to compare'),
    })
  })

  it('stops when nobody waits any more', async () => {
    const signal = AbortSignal.abort(new MediaError('CANCELLED'))
    await expect(run(at('copy.mp4'), { reference: at('original.mkv') }, signal)).rejects.toMatchObject({
      code: 'CANCELLED',
    })
  })

  it('takes parts of films only with a reference, and ends behind beginnings', () => {
    expect(() => parseParameters(filmQuality.params, { fromMs: 5 })).toThrow(/reference/)
    expect(() => parseParameters(filmQuality.params, { reference: 'a', fromMs: 5, toMs: 5 })).toThrow(/after/)
    expect(() => parseParameters(filmQuality.params, { metrics: [] })).toThrow()
  })
})

describe('the quality of a film by itself', () => {
  it('is judged as quality-issues judges it, and shown over time', async () => {
    const { result, chart, frames } = await run(at('original.mkv'))
    expect(result.score).toBeGreaterThan(0)
    expect(result.issues?.map(({ kind }) => kind)).toContain('silent')
    expect(result.sound?.silent).toHaveLength(1)
    expect(result.frames).toBe(25)
    expect(result.series.length).toBeGreaterThan(3)
    expect(JSON.parse(frames?.content.toString() ?? '')).toEqual(result.series)
    for (const word of ['Blockiness', 'Sharpness', 'Noise', 'Light', 'frozen', 'silent']) expect(chart).toContain(word)
  })

  it('is that of what is heard, of sound', async () => {
    const { result, chart } = await run(at('tone.m4a'))
    expect(result).toMatchObject({ frames: 0, series: [], sound: { clippedShare: 0 } })
    expect(chart).toContain('silent')
  })
})

describe('a chart of quality', () => {
  it('is a picture that can be drawn anywhere, in light and dark', async () => {
    const { chart } = await run(at('copy.mp4'), { reference: at('original.mkv') })
    const { width, height } = await sharp(Buffer.from(chart)).metadata()
    expect([width, (height ?? 0) > 400]).toEqual([960, true])
    expect(chart).toContain('prefers-color-scheme: dark')
    expect(chart).not.toMatch(/NaN|Infinity|undefined/)
    for (const words of ['PSNR (dB)', 'SSIM', 'Time of the reference']) expect(chart).toContain(words)
  })
})

describe.skipIf(!hasCorpus)('real films', () => {
  it('are the better the more bits they were given', async () => {
    const original = join(corpus, 'videos/androidx-media/bbb_800x640_768kbps_30fps_vp9.mp4')
    const scores: (readonly (number | undefined)[])[] = []
    for (const crf of [18, 30, 42]) {
      const copy = at(`crf-${crf}.mp4`)
      await encoded(original, copy, crf)
      const { result } = await run(copy, { reference: original, toMs: 700 })
      scores.push([result.psnr?.mean, result.ssim?.mean, result.xpsnr?.mean, result.xpsnr?.p1])
    }
    for (const measure of [0, 1, 2, 3]) {
      const [best = 0, middle = 0, worst = 0] = scores.map((one) => one[measure])
      expect(best).toBeGreaterThan(middle)
      expect(middle).toBeGreaterThan(worst)
    }
  })
})

async function encoded(original: string, copy: string, crf: number): Promise<void> {
  const media = await openMedia(original)
  const video = {
    codec: 'h264',
    rate: { crf },
    speed: 'veryfast',
    rotation: 'apply',
    range: 'keep',
    deinterlace: false,
  } as const
  const plan = {
    container: 'mp4',
    video,
    audio: 'drop',
    subtitles: 'drop',
    chapters: 'drop',
    metadata: 'strip',
  } as const
  const stretch = { fromMs: 0, toMs: 800 }
  const io = { signal: new AbortController().signal, progress: () => undefined }
  await (await media.film()).transcode({ ...plan, stretch }, copy, io)
  await media.close()
}
