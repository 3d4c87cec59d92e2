import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { corpus, hasCorpus } from '../../../test/support/corpus.ts'
import { type Colour, makeFilm } from '../../../test/support/films.ts'
import type { Film, FilmIo } from '../film.ts'
import type { FormatName } from '../formats.ts'
import { openFilm } from './open-film.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mediamill-shots-'))
  await makeFilm(join(folder, 'clock.mp4'), { paint: clock, gop: 25, seconds: 4 })
  await makeFilm(join(folder, 'clock.ts'), { paint: clock, gop: 25, seconds: 4 })
  await makeFilm(join(folder, 'clock.mkv'), { paint: clock, gop: 25, seconds: 4 })
  await makeFilm(join(folder, 'clock.flv'), { paint: clock, gop: 25, seconds: 4 })
})
afterAll(() => rm(folder, { recursive: true }))

/** Brightness that grows with time, so that a frame tells when it is from. */
function clock(_x: number, _y: number, second: number): Colour {
  const grey = 20 + second * 50
  return [grey, grey, grey]
}

const io: FilmIo = { signal: new AbortController().signal, progress: () => {} }

async function opened<Result>(
  path: string,
  format: FormatName,
  work: (film: Film, counts: { demuxes: number; framesDecoded: number }) => Promise<Result>,
): Promise<Result> {
  const { film, counts, close } = await openFilm(path, format)
  try {
    return await work(film, counts)
  } finally {
    await close()
  }
}

describe('shots of a film', () => {
  it.each(['mp4', 'mkv', 'ts', 'flv'] as const)('are the key frames at or before their moments in %s', (format) =>
    opened(join(folder, `clock.${format}`), format, async (film, counts) => {
      const shots = await film.shots([3500, 0, 1100, 1999], { edge: 100 }, io)
      expect(shots.map(({ ms }) => Math.round(ms))).toEqual([3000, 0, 1000, 1000])
      for (const { ms, pixels } of shots) {
        expect(pixels).toMatchObject({ width: 160, height: 96, channels: 3 })
        expect(Math.abs((pixels.data[160 * 48 * 3] ?? 0) - (clock(0, 0, ms / 1000)[0] ?? 0))).toBeLessThan(4)
      }
      expect(counts).toMatchObject({ demuxes: 1, framesDecoded: 3 })
    }),
  )

  it('are the frames themselves when it must be exact', () =>
    opened(join(folder, 'clock.mp4'), 'mp4', async (film) => {
      const shots = await film.shots([3550, 40, 79, 80, 9000], { edge: 100, exact: true }, io)
      expect(shots.map(({ ms }) => ms)).toEqual([3520, 40, 40, 80, 3960])
    }))

  it('are decoded once, whoever asks for them', () =>
    opened(join(folder, 'clock.mp4'), 'mp4', async (film, counts) => {
      const [first] = await film.shots([0, 1000], { edge: 100 }, io)
      const again = await film.shots([1000, 2000, 20], { edge: 200 }, io)
      expect(counts.framesDecoded).toBe(3)
      expect(again[2]?.pixels.data.equals(first?.pixels.data ?? Buffer.of())).toBe(true)
    }))

  it('end when nobody waits any more', () =>
    opened(join(folder, 'clock.mp4'), 'mp4', async (film) => {
      const signal = AbortSignal.abort(new Error('enough'))
      await expect(film.shots([0], { edge: 100 }, { ...io, signal })).rejects.toThrow('enough')
      expect(await film.shots([0], { edge: 100 }, io)).toHaveLength(1)
    }))
})

describe.skipIf(!hasCorpus)('shots of real films', () => {
  it('of a film whose frames are few are the ones before a long gap', () =>
    opened(`${corpus}/videos/androidx-media/long_1080p_videoonly_lowbitrate.mp4`, 'mp4', async (film) => {
      const [key] = await film.shots([99_000], { edge: 320 }, io)
      expect(key?.ms).toBeCloseTo(91_666.667, 0)
      expect(key?.pixels).toMatchObject({ width: 320, height: 180 })
    }))

  it('stand upright', () =>
    opened(`${corpus}/videos/androidx-media/sample_rotate_and_reflect.mp4`, 'mp4', async (film) => {
      const [shot] = await film.shots([500], { edge: 320 }, io)
      expect(shot?.pixels).toMatchObject({ width: 213, height: 320 })
    }))

  it('of a stream that begins without a key frame are those of its first one', () =>
    opened(`${corpus}/videos/mediabunny/no-initial-keyframe.ts`, 'ts', async (film) => {
      const shots = await film.shots([0, 1000, 2500], { edge: 320 }, io)
      expect(new Set(shots.map(({ ms }) => Math.round(ms)))).toEqual(new Set([2136]))
    }))
})
