import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { corpus, hasCorpus } from '../../../test/support/corpus.ts'
import { type Colour, colourBars, type FilmRecipe, makeFilm } from '../../../test/support/films.ts'
import type { FrameAt } from '../film.ts'
import type { FormatName } from '../formats.ts'
import type { Pixels } from '../picture.ts'
import { openFilm } from './open-film.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mediamill-film-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function made(recipe: FilmRecipe, name = 'film.mp4', format: FormatName = 'mp4') {
  const path = join(folder, name)
  await makeFilm(path, recipe)
  return openFilm(path, format)
}

/** One frame at its full size, as pixels. */
async function frameOf(opened: Awaited<ReturnType<typeof openFilm>>, at: FrameAt) {
  try {
    const { picture, atMs } = await opened.film.frame(at)
    const { width, height, hasAlpha, intent } = picture
    const pixels = await picture.pixels({ width, height, fit: 'fill', as: hasAlpha ? 'rgba' : 'rgb' })
    return { pixels, atMs, width, height, intent, damage: picture.damage }
  } finally {
    await opened.close()
  }
}

/** The colour at a place given as parts of width and height. */
function colourAt({ data, width, height, channels }: Pixels, x: number, y: number): number[] {
  const at = (Math.floor(y * height) * width + Math.floor(x * width)) * channels
  return [...data.subarray(at, at + channels)]
}

function expectNear(actual: readonly number[], expected: readonly (number | undefined)[], tolerance: number): void {
  const isNear = actual.every((value, at) => Math.abs(value - (expected[at] ?? 0)) <= tolerance)
  expect(isNear, `${actual.join(' ')} is not near ${expected.join(' ')}`).toBe(true)
}

/** Brightness that grows with time, so that a frame tells when it is from. */
const clockGrey = (_x: number, _y: number, second: number): Colour => {
  const grey = 40 + second * 50
  return [grey, grey, grey]
}

describe('a frame at a time', () => {
  it.each([
    [0, 0],
    [39, 0],
    [40, 40],
    [1000, 1000],
    [1999, 1960],
    [99_000, 1960],
  ])('at %i ms is the one that is shown then: that of %i ms', async (ms, shownMs) => {
    const { atMs, pixels } = await frameOf(await made({ paint: clockGrey, gop: 20 }), { ms })
    expect(atMs).toBe(shownMs)
    expectNear(colourAt(pixels, 0.5, 0.5), clockGrey(0, 0, shownMs / 1000), 3)
  })

  it.each([
    ['film.mkv', 'mkv'],
    ['film.webm', 'webm'],
    ['film.ts', 'ts'],
    ['film.avi', 'avi'],
    ['film.flv', 'flv'],
    ['film.mpg', 'ps'],
    ['film.mov', 'mov'],
  ] as const)('is as exact in %s', async (name, format) => {
    const video = { webm: 'libvpx-vp9', ps: 'mpeg2video', avi: 'mpeg4' }[format as string] ?? 'libx264'
    const { pixels } = await frameOf(await made({ paint: clockGrey, gop: 20, video }, name, format), { ms: 1205 })
    expectNear(colourAt(pixels, 0.5, 0.5), clockGrey(0, 0, 1.2), 3)
  })

  it.each([0, 600, 2000, 3000, 4000])('is found among key frames that tell no time: %i ms', async (ms) => {
    // FFmpeg gives the packs of a program stream with B-frames time stamps that most key frames do without.
    const film = await made({ paint: clockGrey, gop: 50, seconds: 6, video: 'mpeg1video' }, 'timeless.mpg', 'ps')
    const { atMs, pixels } = await frameOf(film, { ms })
    expect(atMs).toBe(ms)
    expectNear(colourAt(pixels, 0.5, 0.5), clockGrey(0, 0, ms / 1000), 3)
  })

  it('can be given as a part of the length', async () => {
    expect((await frameOf(await made({ paint: clockGrey }), { fraction: 0.5 })).atMs).toBe(1000)
  })

  it('follows uneven time stamps', async () => {
    const timeOf = (frame: number) => frame * frame * 0.01
    const { atMs } = await frameOf(await made({ seconds: 0.8, timeOf }), { ms: 950 })
    expect(atMs).toBeCloseTo(810, 0)
  })
})

describe('a frame as a picture', () => {
  const quarter = [0, 1, 0, -1, 0, 0, 0, 0, 1]
  const corners = (x: number, y: number): Colour => (y < 0.5 ? (x < 0.5 ? [250, 0, 0] : [0, 250, 0]) : [0, 0, 250])

  it('stands upright', async () => {
    const { pixels, width, height, intent } = await frameOf(await made({ paint: corners, displayMatrix: quarter }), {
      ms: 0,
    })
    expect([width, height]).toEqual([96, 160])
    expectNear(colourAt(pixels, 0.75, 0.1), [250, 0, 0], 12)
    expectNear(colourAt(pixels, 0.75, 0.9), [0, 250, 0], 12)
    expectNear(colourAt(pixels, 0.25, 0.5), [0, 0, 250], 12)
    expect(intent).toMatchObject({ orientation: 6, orientationFrom: 'container' })
  })

  it('is mirrored when it is meant to be', async () => {
    const displayMatrix = [-1, 0, 0, 0, 1, 0, 0, 0, 1]
    const { pixels, intent } = await frameOf(await made({ paint: corners, displayMatrix }), { ms: 0 })
    expectNear(colourAt(pixels, 0.1, 0.25), [0, 250, 0], 12)
    expectNear(colourAt(pixels, 0.9, 0.25), [250, 0, 0], 12)
    expect(intent.orientation).toBe(2)
  })

  it('has square pixels', async () => {
    const { width, height } = await frameOf(await made({ sar: [4, 3], width: 144, height: 96 }), { ms: 0 })
    expect([width, height]).toEqual([192, 96])
  })

  it.each([
    { kind: 'BT.601 that does not tell', codedMatrix: 'bt601', isFullRange: false },
    { kind: 'BT.601 in full range', codedMatrix: 'bt601', isFullRange: true },
    {
      kind: 'BT.709 that tells',
      codedMatrix: 'bt709',
      isFullRange: false,
      colour: { primaries: 1, transfer: 1, matrix: 1 },
    },
    {
      kind: 'BT.709 of high definition that does not tell',
      codedMatrix: 'bt709',
      width: 1280,
      height: 720,
      seconds: 0.08,
    },
    { kind: '4:4:4', codedMatrix: 'bt601', pixelFormat: 'yuv444p' },
    { kind: 'ten bits', codedMatrix: 'bt601', pixelFormat: 'yuv420p10le' },
    { kind: 'an odd size', codedMatrix: 'bt601', pixelFormat: 'yuv444p', width: 161, height: 97 },
  ] as const)('has the right colours from $kind', async ({ kind: _, ...recipe }) => {
    const opened = await made({ seconds: 0.2, paint: colourBars, ...recipe })
    const { pixels, width, height } = await frameOf(opened, { ms: 0 })
    expect([width, height]).toEqual([pixels.width, pixels.height])
    for (let bar = 0; bar < 8; bar++) {
      const place = (bar + 0.5) / 8
      expectNear(colourAt(pixels, place, 0.5), colourBars(place), 6)
    }
  })

  it('keeps the transparency of VP9', async () => {
    const paint = (x: number): Colour => [200, 40, 40, x < 0.5 ? 0 : 255]
    const recipe = { paint, video: 'libvpx-vp9', pixelFormat: 'yuva420p', seconds: 0.2 }
    const { pixels } = await frameOf(await made(recipe, 'film.webm', 'webm'), { ms: 0 })
    expect(colourAt(pixels, 0.25, 0.5)[3]).toBe(0)
    expect(colourAt(pixels, 0.75, 0.5)[3]).toBe(255)
  })

  it.each([
    { toneMapped: 'pq', transfer: 16, white: 0.58 },
    { toneMapped: 'hlg', transfer: 18, white: 0.75 },
  ])('brings $toneMapped down so that its reference white is bright and its grey stays grey', async (recipe) => {
    const { toneMapped, transfer, white } = recipe
    // Left a spark of full brightness, which sets the range; then reference white, and half of its signal.
    const paint = (x: number): Colour => {
      const level = 255 * (x < 0.25 ? 1 : x < 0.625 ? white : white / 2)
      return [level, level, level]
    }
    const opened = await made({
      paint,
      seconds: 0.2,
      video: 'libx265',
      pixelFormat: 'yuv420p10le',
      codedMatrix: 'bt2020',
      colour: { primaries: 9, transfer, matrix: 9 },
    })
    const { pixels, intent } = await frameOf(opened, { ms: 0 })
    expect(intent.toneMapped).toBe(toneMapped)
    const [spark = 0] = colourAt(pixels, 0.1, 0.5)
    const [bright = 0] = colourAt(pixels, 0.45, 0.5)
    const [red = 0, green = 0, blue = 0] = colourAt(pixels, 0.85, 0.5)
    expect(spark).toBeGreaterThan(250)
    expect(bright).toBeGreaterThan(170)
    expect(bright).toBeLessThan(spark)
    expect(red).toBeLessThan(bright)
    expectNear([red, green, blue], [red, red, red], 3)
  })

  it('is not rendered larger than it is needed, and knows its full size', async () => {
    const opened = await made({})
    const { picture } = await opened.film.frame({ ms: 0 }, { edge: 80 })
    expect(picture).toMatchObject({ width: 80, height: 48, fullWidth: 160, fullHeight: 96 })
    await opened.close()
  })
})

describe('an open film', () => {
  it('is demuxed once, whatever is asked of it, and its best frame chosen once', async () => {
    const opened = await made({ seconds: 4 })
    opened.film.expect(1440)
    const small = await opened.film.frame('best', { edge: 250 })
    const { framesDecoded } = opened.counts
    expect(framesDecoded).toBeGreaterThan(0)
    const large = await opened.film.frame('best', { edge: 1440 })
    expect(large.picture).toBe(small.picture)
    expect(opened.film.probe.video).toHaveLength(1)
    expect(opened.counts).toEqual({ demuxes: 1, framesDecoded })
    await opened.film.frame({ ms: 3000 })
    expect((await opened.film.frame('best')).atMs).toBe(small.atMs)
    expect(opened.counts.demuxes).toBe(1)
    await opened.close()
  })

  it('answers requests that come at once one after the other', async () => {
    const opened = await made({ paint: clockGrey })
    const moments = [1800, 200, 1000, 600, 1400]
    const frames = await Promise.all(moments.map((ms) => opened.film.frame({ ms })))
    expect(frames.map(({ atMs }) => atMs)).toEqual(moments)
    await opened.close()
  })

  it('leaves out frames that no other needs on the way to a late one', async () => {
    const opened = await made({ seconds: 8, gop: 1000 })
    await opened.film.frame({ ms: 7500 })
    expect(opened.counts.framesDecoded).toBeGreaterThan(20)
    expect(opened.counts.framesDecoded).toBeLessThan(150)
    await opened.close()
  })

  it('gives the cover of a sound', async () => {
    const opened = await made({ video: null, audio: 'aac', cover: [200, 30, 60] }, 'sound.m4a', 'm4a')
    const { pixels, atMs, intent } = await frameOf(opened, 'best')
    expectNear(colourAt(pixels, 0.5, 0.5), [200, 30, 60], 1)
    expect(atMs).toBe(0)
    expect(intent.source).toBe('cover')
  })

  it('has no picture to show of a sound without a cover', async () => {
    const opened = await made({ video: null, audio: 'pcm_s16le' }, 'sound.wav', 'wav')
    await expect(opened.film.frame('best')).rejects.toMatchObject({ code: 'NO_PICTURE' })
    await opened.close()
  })

  it('refuses pictures that are too large before it decodes them', async () => {
    const path = join(folder, 'large.mp4')
    await makeFilm(path, { seconds: 0.2 })
    const opened = await openFilm(path, 'mp4', { maxPixels: 10_000 })
    await expect(opened.film.frame('best')).rejects.toMatchObject({ code: 'INPUT_TOO_LARGE' })
    expect(opened.counts.framesDecoded).toBe(0)
    await opened.close()
  })
})

describe('a file that can not be opened', () => {
  it('is missing', async () => {
    await expect(openFilm(join(folder, 'none.mp4'), 'mp4')).rejects.toMatchObject({ code: 'FILE_MISSING' })
  })

  it('is empty', async () => {
    const path = join(folder, 'empty.mp4')
    await writeFile(path, '')
    await expect(openFilm(path, 'mp4')).rejects.toMatchObject({ code: 'EMPTY_FILE' })
  })

  it.skipIf(!hasCorpus)('has lost its index', async () => {
    const path = join(folder, 'no-moov.mp4')
    await copyFile(`${corpus}/broken/made/no-moov.mp4`, path)
    await expect(openFilm(path, 'mp4')).rejects.toThrow('its index (moov) is missing')
    await expect(openFilm(path, 'mp4')).rejects.toMatchObject({ code: 'MEDIA_DAMAGED' })
  })
})

describe.skipIf(!hasCorpus)('damaged films', () => {
  it.each([
    ['truncated-50.mp4', 'mp4'],
    ['truncated-50.webm', 'webm'],
    ['truncated-50.mkv', 'mkv'],
  ] as const)('%s gives its last frame and says that the rest is missing', async (name, format) => {
    const { damage, atMs } = await frameOf(await openFilm(`${corpus}/broken/made/${name}`, format), { ms: 99_000 })
    expect(damage).toMatch(/breaks off after/)
    expect(atMs).toBeLessThan(1500)
  })

  it('without any frame that can be decoded say so', async () => {
    const opened = await openFilm(`${corpus}/broken/made/truncated-10.mp4`, 'mp4')
    await expect(opened.film.frame('best')).rejects.toMatchObject({ code: 'MEDIA_DAMAGED' })
    await opened.close()
  })
})
