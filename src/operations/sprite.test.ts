import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { corpus, hasCorpus } from '../../test/support/corpus.ts'
import { type Colour, type FilmRecipe, makeFilm } from '../../test/support/films.ts'
import { recordingIo } from '../../test/support/operation-io.ts'
import { openMedia } from '../media/open.ts'
import { vttOf } from './sprite/cues.ts'
import { layoutFor, rhythmOf } from './sprite/tiles.ts'
import { sprite } from './sprite.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mediamill-sprite-'))
  await makeFilm(join(folder, 'clock.mp4'), { paint: clock, gop: 25, seconds: 4, width: 320, height: 180 })
})
afterAll(() => rm(folder, { recursive: true }))

/** Brightness that grows with time, so that a tile tells when it is from. */
function clock(_x: number, _y: number, second: number): Colour {
  const grey = 20 + second * 50
  return [grey, grey, grey]
}

async function made(path: string, params: Parameters<typeof sprite.params.parse>[0] = {}) {
  const media = await openMedia(path)
  const { io, kept } = recordingIo()
  try {
    const result = sprite.result.strict().parse(await sprite.run(media, sprite.params.parse(params), io))
    const sheets = kept.filter(({ role }) => role === 'sheet')
    const vtt = kept.find(({ role }) => role === 'vtt')?.content.toString() ?? ''
    return { result, sheets, vtt, counts: { ...media.counts } }
  } finally {
    await media.close()
  }
}

async function madeOf(recipe: FilmRecipe, params: Parameters<typeof sprite.params.parse>[0] = {}, name = 'film.mp4') {
  await makeFilm(join(folder, name), recipe)
  return made(join(folder, name), params)
}

/** The grey in the middle of each tile that the list names, and its second by the clock. */
async function secondsOf({ sheets, vtt }: Awaited<ReturnType<typeof made>>): Promise<number[]> {
  const open = sheets.map(async ({ name, content }) => ({
    name,
    ...(await sharp(content).raw().toBuffer({ resolveWithObject: true })),
  }))
  const raws = await Promise.all(open)
  return [...vtt.matchAll(/^(.+)#xywh=(\d+),(\d+),(\d+),(\d+)$/gm)].map(([, sheet, ...numbers]) => {
    const [x = 0, y = 0, width = 0, height = 0] = numbers.map(Number)
    const raw = raws.find(({ name }) => name === sheet)
    const place = (y + (height >> 1)) * (raw?.info.width ?? 0) + x + (width >> 1)
    return ((raw?.data[place * 3] ?? 0) - 20) / 50
  })
}

describe('sprite', () => {
  it('has a tile a second, each the key frame at its cue, and a list that names its place', async () => {
    const one = await made(join(folder, 'clock.mp4'))
    expect(one.result).toMatchObject({
      intervalMs: 1000,
      tiles: 4,
      frames: 4,
      tileWidth: 160,
      tileHeight: 90,
      sheets: 1,
    })
    expect(one.sheets).toMatchObject([{ name: 'sheet-1.webp', format: 'webp', width: 640, height: 90 }])
    expect(one.vtt.split('\n').slice(0, 6)).toEqual([
      'WEBVTT',
      '',
      '00:00:00.000 --> 00:00:01.000',
      'sheet-1.webp#xywh=0,0,160,90',
      '',
      '00:00:01.000 --> 00:00:02.000',
    ])
    const seconds = await secondsOf(one)
    for (const [at, second] of seconds.entries()) expect(second).toBeCloseTo(at, 0)
    expect(one.counts).toMatchObject({ demuxes: 1, framesDecoded: 4 })
  })

  it('repeats a key frame that stands for several cues, and shows the frames themselves when it must be exact', async () => {
    const byKeys = await made(join(folder, 'clock.mp4'), { intervalMs: 500, columns: 3, format: 'jpeg' })
    expect(byKeys.result).toMatchObject({ tiles: 8, frames: 4, columns: 3 })
    expect(byKeys.sheets).toMatchObject([{ format: 'jpeg', width: 480, height: 270 }])
    const exact = await made(join(folder, 'clock.mp4'), { intervalMs: 500, exact: true })
    expect(exact.result).toMatchObject({ tiles: 8, frames: 8 })
    for (const [at, second] of (await secondsOf(byKeys)).entries()) {
      expect(Math.abs(second - Math.floor(at / 2))).toBeLessThan(0.1)
    }
    for (const [at, second] of (await secondsOf(exact)).entries()) expect(Math.abs(second - at / 2)).toBeLessThan(0.1)
  })

  it('is the same each time', async () => {
    const [one, other] = [await made(join(folder, 'clock.mp4')), await made(join(folder, 'clock.mp4'))]
    expect(one.sheets[0]?.content.equals(other.sheets[0]?.content ?? Buffer.of())).toBe(true)
  })

  it('goes over several sheets when there are many tiles', async () => {
    const one = await made(join(folder, 'clock.mp4'), { intervalMs: 40, width: 320, columns: 10 })
    expect(one.result).toMatchObject({ tiles: 100, frames: 4, sheets: 2 })
    expect(one.sheets.map(({ name, width, height }) => [name, width, height])).toEqual([
      ['sheet-1.webp', 3200, 1440],
      ['sheet-2.webp', 3200, 360],
    ])
    expect(one.vtt).toContain('\n00:00:03.960 --> 00:00:04.000\nsheet-2.webp#xywh=2880,180,320,180\n')
    expect((await secondsOf(one)).every((second, at) => Math.abs(second - Math.floor(at / 25)) < 0.1)).toBe(true)
  })

  it('is not enlarged, and stands upright', async () => {
    const turned = { displayMatrix: [0, 1, 0, -1, 0, 0, 0, 0, 1], sar: [2, 1] } as const
    const { result } = await madeOf({ ...turned, seconds: 0.4 }, { width: 640 })
    expect(result).toMatchObject({ tileWidth: 96, tileHeight: 320, tiles: 1 })
  })

  it('is one tile of a film of one frame', async () => {
    const { result, vtt } = await madeOf({ seconds: 0.04 })
    expect(result).toMatchObject({ tiles: 1, frames: 1, sheets: 1 })
    expect(vtt).toBe('WEBVTT\n\n00:00:00.000 --> 00:00:00.040\nsheet-1.webp#xywh=0,0,160,96\n')
  })

  it('is the cover of a sound, once', async () => {
    const { result } = await madeOf({ video: null, audio: 'aac', cover: [10, 200, 10], seconds: 3 }, {}, 'cover.m4a')
    expect(result).toMatchObject({ tiles: 1, tileWidth: 120, tileHeight: 80 })
  })

  it('can not be made of a sound without a cover', async () => {
    await expect(madeOf({ video: null, audio: 'aac' }, {}, 'sound.m4a')).rejects.toMatchObject({ code: 'NO_PICTURE' })
  })

  it('ends when nobody waits any more', async () => {
    const media = await openMedia(join(folder, 'clock.mp4'))
    const { io, kept } = recordingIo(AbortSignal.abort(new Error('enough')))
    await expect(sprite.run(media, sprite.params.parse({}), io)).rejects.toThrow('enough')
    expect(kept).toEqual([])
    await media.close()
  })
})

describe('the tiles of a sprite', () => {
  it('are about a hundred, none closer than a second, whatever the length', () => {
    expect(rhythmOf(2 * 3_600_000, undefined)).toMatchObject({ intervalMs: 72_000, moments: { length: 100 } })
    expect(rhythmOf(30_500, undefined)).toMatchObject({ intervalMs: 1000, moments: { length: 31 } })
    expect(rhythmOf(undefined, undefined)).toEqual({ intervalMs: 1000, moments: [0], endMs: 1000 })
    expect(rhythmOf(30, undefined)).toEqual({ intervalMs: 1000, moments: [0], endMs: 30 })
  })

  it('have no further one for the last moment of a film', () => {
    expect(rhythmOf(10_024, undefined).moments).toHaveLength(10)
    expect(rhythmOf(10_200, undefined).moments).toHaveLength(11)
  })

  it('are refused when they would be too many', () => {
    expect(() => rhythmOf(3_600_000, 100)).toThrow(/at least 720 ms/)
    expect(rhythmOf(3_600_000, 720).moments).toHaveLength(5000)
  })

  it('lie on sheets that every browser shows', () => {
    expect(layoutFor({ width: 1920, height: 1080 }, { width: 160, columns: 10 })).toEqual({
      tile: { width: 160, height: 90 },
      columns: 10,
      rows: 34,
    })
    expect(layoutFor({ width: 1080, height: 1920 }, { width: 160, columns: 10 }).rows).toBeGreaterThanOrEqual(10)
    expect(layoutFor({ width: 3840, height: 2160 }, { width: 960, columns: 100 })).toMatchObject({
      columns: 8,
      rows: 1,
    })
    expect(layoutFor({ width: 16, height: 8000 }, { width: 160, columns: 10 }).tile).toEqual({ width: 2, height: 1080 })
  })

  it('are named with times of any length', () => {
    const cue = { fromMs: 100 * 3_600_000 + 61_001.4, toMs: 100 * 3_600_000 + 62_000, sheet: 's.jpeg', x: 0, y: 9 }
    expect(vttOf([cue], { width: 16, height: 9 })).toBe(
      'WEBVTT\n\n100:01:01.001 --> 100:01:02.000\ns.jpeg#xywh=0,9,16,9\n',
    )
  })
})

describe.skipIf(!hasCorpus)('sprite of real films', () => {
  it('is quick where key frames are far apart', async () => {
    const { result, counts } = await made(`${corpus}/videos/androidx-media/long_1080p_videoonly_lowbitrate.mp4`)
    expect(result).toMatchObject({ intervalMs: 3628, tiles: 100, sheets: 1 })
    expect(counts).toEqual({ pictureDecodes: 0, demuxes: 1, framesDecoded: result.frames })
  })

  it.each([
    ['androidx-media/sample_rotate_and_reflect.mp4', 160, 240],
    ['mediabunny/sar_2x1.mp4', 160, 45],
    ['androidx-media/hdr10-av1.mp4', 160, 284],
    ['androidx-media/sample.avi', 160, 67],
    ['mediabunny/cursed-vfr.mp4', 160, 73],
  ])('has the shape of %s', async (file, tileWidth, tileHeight) => {
    expect((await made(`${corpus}/videos/${file}`)).result).toMatchObject({ tileWidth, tileHeight })
  })
})
