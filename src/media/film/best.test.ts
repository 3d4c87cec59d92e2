import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { corpus, hasCorpus } from '../../../test/support/corpus.ts'
import { type Colour, type FilmRecipe, lively, makeFilm } from '../../../test/support/films.ts'
import type { FormatName } from '../formats.ts'
import { openFilm } from './open-film.ts'
import { worthOf } from './score.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mediamill-best-'))
})
afterAll(() => rm(folder, { recursive: true }))

const black: Colour = [0, 0, 0]
const dimmed = ([red, green, blue]: Colour, light: number): Colour => [red * light, green * light, blue * light]

async function best(path: string, format: FormatName) {
  const opened = await openFilm(path, format)
  try {
    const { picture, atMs } = await opened.film.frame('best')
    const { score } = worthOf(await picture.pixels({ width: 160, height: 160, fit: 'inside', as: 'rgb' }))
    return { atMs, score, damage: picture.damage, ...opened.counts }
  } finally {
    await opened.close()
  }
}

async function bestOf(recipe: FilmRecipe) {
  const path = join(folder, 'film.mp4')
  await makeFilm(path, recipe)
  return best(path, 'mp4')
}

describe('the most telling frame', () => {
  it('is not one of a black beginning', async () => {
    const { atMs, score } = await bestOf({
      seconds: 4,
      paint: (x, y, second) => (second < 2.5 ? black : lively(x, y, second)),
    })
    expect(atMs).toBeGreaterThanOrEqual(2500)
    expect(score).toBeGreaterThan(0.5)
  })

  it('is found between key frames when the only one of them is black', async () => {
    const { atMs, score } = await bestOf({
      seconds: 3,
      gop: 1000,
      paint: (x, y, second) => (second < 1 ? black : lively(x, y, second)),
    })
    expect(atMs).toBeGreaterThanOrEqual(1000)
    expect(score).toBeGreaterThan(0.5)
  })

  it('is not in a fade when there is a calm one', async () => {
    const { atMs } = await bestOf({
      seconds: 6,
      paint: (x, y, second) => dimmed(lively(x, y, 0), second < 3 ? second / 3 : 1),
    })
    expect(atMs).toBeGreaterThanOrEqual(2400)
  })

  it('is neither empty nor white when there is something to see', async () => {
    const { atMs } = await bestOf({
      seconds: 6,
      paint: (x, y, second) => (second < 2 ? [90, 120, 200] : second < 4 ? lively(x, y, second) : [255, 255, 255]),
    })
    expect(atMs).toBeGreaterThanOrEqual(2000)
    expect(atMs).toBeLessThan(4000)
  })

  it('of a film of one frame is that frame', async () => {
    expect(await bestOf({ seconds: 0.04 })).toMatchObject({ atMs: 0 })
  })

  it('of a film that is black to the end is black, with a low score', async () => {
    const { score } = await bestOf({ seconds: 2, paint: () => black })
    expect(score).toBeLessThan(0.05)
  })

  it('is looked for in one opening of the file', async () => {
    expect(await bestOf({ seconds: 6 })).toMatchObject({ demuxes: 1 })
  })
})

describe.skipIf(!hasCorpus)('the most telling frame of real films', () => {
  it('of ten silent black seconds is a frame anyway', async () => {
    const { atMs, score } = await best(`${corpus}/videos/androidx-media/silent-black-10s.mp4`, 'mp4')
    expect(atMs).toBeGreaterThanOrEqual(0)
    expect(score).toBeLessThan(0.05)
  })

  it('of a stream that begins without a key frame is behind the first one', async () => {
    const { atMs, damage } = await best(`${corpus}/videos/mediabunny/no-initial-keyframe.ts`, 'ts')
    expect(atMs).toBeGreaterThan(2000)
    expect(damage).toBeUndefined()
  })

  it('of a film that was cut off comes with a note of it', async () => {
    const { damage } = await best(`${corpus}/broken/made/truncated-50.mp4`, 'mp4')
    expect(damage).toBe('its video breaks off after 0.2 s of 1.0 s')
  })
})
