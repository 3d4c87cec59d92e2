import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { corpus, hasCorpus } from '../../test/support/corpus.ts'
import { type Colour, type FilmRecipe, makeFilm } from '../../test/support/films.ts'
import { recordingIo } from '../../test/support/operation-io.ts'
import { openMedia } from '../media/open.ts'
import { type FilmPrint, filmLikeness } from './film-fingerprint/likeness.ts'
import { filmFingerprint } from './film-fingerprint.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mediamill-fingerprint-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** Scenes of their own for each seed, another one each second. */
const scenes =
  (seed: number) =>
  (x: number, y: number, second: number): Colour => {
    const scene = Math.floor(second) * 7 + seed * 31
    const value =
      Math.sin((3 + (scene % 5)) * x + scene) * Math.cos((2 + (scene % 7)) * y - scene) + Math.sin(scene * x * y)
    return [128 + 60 * value, 110 + 70 * value, 140 - 40 * value]
  }

/** Scenes in the middle of black bars. */
const letterboxed =
  (seed: number) =>
  (x: number, y: number, second: number): Colour =>
    y < 0.15 || y >= 0.85 ? [0, 0, 0] : scenes(seed)(x, (y - 0.15) / 0.7, second)

async function printOf(path: string): Promise<FilmPrint> {
  const media = await openMedia(path)
  const { io, told } = recordingIo()
  try {
    const result = await filmFingerprint.run(media, {}, io)
    expect(told).toEqual(told.toSorted((one, other) => one - other))
    expect(filmFingerprint.result.strict().parse(result)).toEqual(result)
    expect([result.contentId, result.pixelId]).toEqual([media.identity.contentId, media.identity.pixelId])
    return result
  } finally {
    await media.close()
  }
}

async function printOfMade(name: string, recipe: FilmRecipe): Promise<FilmPrint> {
  await makeFilm(join(folder, name), { seconds: 4, frameRate: 10, width: 160, height: 96, ...recipe })
  return printOf(join(folder, name))
}

describe('fingerprint of a film', () => {
  it('is at the same parts of every film, and alike in copies of other size, codec, key frames and bars', async () => {
    const original = await printOfMade('one.mp4', { paint: scenes(1) })
    expect(original.moments.map(({ ms }) => ms)).toEqual([200, 700, 1200, 1700, 2200, 2700, 3200, 3700])
    const copies = [
      await printOfMade('small.mkv', { paint: scenes(1), width: 96, height: 60, gop: 7 }),
      await printOfMade('other.webm', { paint: scenes(1), video: 'libvpx-vp9', gop: 40 }),
      await printOfMade('bars.mp4', { paint: letterboxed(1), height: 140 }),
    ]
    for (const copy of copies) {
      const { similarity, compared } = filmLikeness(original, copy)
      expect(similarity).toBeGreaterThan(0.85)
      expect(compared).toBe(8)
    }
  })

  it('is unlike in other films, also when both begin in black', async () => {
    const [one, other] = [
      await printOfMade('a.mp4', { paint: scenes(2) }),
      await printOfMade('b.mp4', { paint: scenes(3) }),
    ]
    expect(filmLikeness(one, other).similarity).toBeLessThan(0.4)
    const dark =
      (seed: number) =>
      (x: number, y: number, second: number): Colour =>
        second < 2 ? [0, 0, 0] : scenes(seed)(x, y, second)
    const [black, blackToo] = [
      await printOfMade('c.mp4', { paint: dark(4) }),
      await printOfMade('d.mp4', { paint: dark(5) }),
    ]
    expect(black.moments.slice(0, 4).every(({ perceptualHash }) => perceptualHash === undefined)).toBe(true)
    expect(filmLikeness(black, blackToo)).toMatchObject({ compared: 4 })
    expect(filmLikeness(black, blackToo).similarity).toBeLessThan(0.4)
  })

  it('does not call black films copies of each other', async () => {
    const one = await printOfMade('black.mp4', { paint: () => [0, 0, 0], seconds: 1 })
    expect(filmLikeness(one, one)).toEqual({ similarity: 0, weakest: 0, compared: 0 })
  })
})

describe('likeness of films', () => {
  const print = (
    durationMs: number | undefined,
    hash = (at: number) => (0x1234_5678_9abc_def0n * BigInt(at + 3)) & 0xffff_ffff_ffff_ffffn,
  ): FilmPrint => ({
    durationMs,
    moments: Array.from({ length: 8 }, (_, at) => ({
      ms: ((durationMs ?? 0) * (at + 0.5)) / 8,
      perceptualHash: hash(at).toString(16).padStart(16, '0'),
    })),
  })

  it('falls with the lengths, not with a rounded one', () => {
    expect(filmLikeness(print(60_000), print(60_400)).similarity).toBe(1)
    expect(filmLikeness(print(1000), print(1200)).similarity).toBe(1)
    expect(filmLikeness(print(60_000), print(45_000)).similarity).toBe(0)
    expect(filmLikeness(print(undefined), print(undefined)).similarity).toBe(0)
  })

  it('is that of all moments, and tells the weakest', () => {
    const one = print(60_000)
    const shared = {
      ...one,
      moments: one.moments.map((moment, at) => (at < 2 ? moment : { ...moment, perceptualHash: 'ffffffff00000000' })),
    }
    const { similarity, weakest } = filmLikeness(one, shared)
    expect(similarity).toBeLessThan(0.5)
    expect(weakest).toBeLessThan(0.2)
  })

  it('is the same both ways', () => {
    const [one, other] = [
      print(60_000),
      print(58_500, (at) => (0x0f0f_0f0f_1234_5678n * BigInt(at + 1)) & 0xffff_ffff_ffff_ffffn),
    ]
    expect(filmLikeness(one, other)).toEqual(filmLikeness(other, one))
  })
})

describe.skipIf(!hasCorpus)('fingerprints of real films', () => {
  it('are alike in two codings of one film and unlike in others', async () => {
    const [one, av1, other] = await Promise.all(
      ['sample_video_only.mp4', 'sample_av1.mp4', 'testvid_1022ms.mp4'].map((name) =>
        printOf(`${corpus}/videos/androidx-media/${name}`),
      ),
    )
    if (!one || !av1 || !other) throw new Error('there are three')
    expect(filmLikeness(one, av1).similarity).toBeGreaterThan(0.75)
    expect(filmLikeness(one, other).similarity).toBeLessThan(0.2)
  })
})
