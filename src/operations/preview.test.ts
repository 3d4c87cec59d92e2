import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { corpus, hasCorpus } from '../../test/support/corpus.ts'
import { type Colour, type FilmRecipe, makeFilm } from '../../test/support/films.ts'
import { recordingIo } from '../../test/support/operation-io.ts'
import { openMedia } from '../media/open.ts'
import { preview } from './preview.ts'
import { probe } from './probe.ts'

const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mediamill-preview-'))
  await makeFilm(join(folder, 'long.mp4'), { paint: clock, seconds: 10, audio: 'aac' })
})
afterAll(() => rm(folder, { recursive: true }))

/** Stripes, one side of which tells by its brightness what second it is. */
function clock(x: number, y: number, second: number): Colour {
  if (x > 0.5) return [20 + second * 20, 20 + second * 20, 20 + second * 20]
  return [128 + 100 * Math.sin(20 * y + 9 * second), 90, 160]
}

async function made(path: string, params: Parameters<typeof preview.params.parse>[0] = {}) {
  const media = await openMedia(path)
  const { io, kept, told } = recordingIo()
  try {
    const result = preview.result.strict().parse(await preview.run(media, preview.params.parse(params), io))
    const [clip] = kept
    return { result, clip, told, counts: { ...media.counts } }
  } finally {
    await media.close()
  }
}

async function madeOf(recipe: FilmRecipe, params: Parameters<typeof preview.params.parse>[0] = {}, name = 'film.mp4') {
  await makeFilm(join(folder, name), recipe)
  return made(join(folder, name), params)
}

/** What a made film is made of, and a pixel of its frame at a moment. */
async function seenIn(path = '', ms = 0, x = 0.75) {
  const media = await openMedia(path)
  const { io } = recordingIo()
  try {
    const facts = await probe.run(media, {}, io)
    const film = await media.film()
    const [shot] = await film.shots([ms], { edge: 320, exact: true }, io)
    const { data, width = 0, height = 0 } = shot?.pixels ?? {}
    const at = ((height >> 1) * width + Math.floor(width * x)) * 3
    return { facts, pixel: [...(data?.subarray(at, at + 3) ?? [])] }
  } finally {
    await media.close()
  }
}

describe('preview', () => {
  it.skipIf(!hasFfmpeg)('is made of films whose frames are woven of two moments', async () => {
    const drawn = ['-f', 'lavfi', '-i', 'testsrc2=s=160x96:r=50:d=3', '-vf', 'interlace']
    const woven = [...drawn, '-c:v', 'mpeg2video', '-flags', '+ilme+ildct', join(folder, 'woven.mkv')]
    execFileSync('ffmpeg', ['-v', 'error', ...woven])
    const { result } = await made(join(folder, 'woven.mkv'), { durationMs: 1000 })
    expect(result).toMatchObject({ durationMs: 1000, width: 160, height: 96, frames: 25, notes: [] })
  })

  it('has the rate that is asked for, however slow', async () => {
    const { result } = await madeOf({ paint: clock, seconds: 4 }, { frameRate: 2, durationMs: 4000 })
    expect(result).toMatchObject({ durationMs: 4000, frames: 8, frameRate: 2 })
  })

  it('is a short silent film of moments, one after the other', async () => {
    const { result, clip, told, counts } = await made(join(folder, 'long.mp4'), { durationMs: 2000 })
    expect(result).toMatchObject({ durationMs: 2000, width: 160, height: 96, frames: 50, frameRate: 25 })
    expect(result.clips).toHaveLength(2)
    expect(clip).toMatchObject({ role: 'clip', format: 'mp4', width: 160, height: 96 })
    expect(result.bytes).toBe(clip?.content.length)
    expect(told.at(-1)).toBe(1)
    expect(told).toEqual([...told].sort((one, other) => one - other))
    expect(counts.demuxes).toBe(1)
    for (const [at, { atMs }] of result.clips.entries()) {
      const { pixel } = await seenIn(clip?.path, at * 1000 + 500)
      expect(Math.abs((pixel[0] ?? 0) - (20 + ((atMs + 500) / 1000) * 20))).toBeLessThan(6)
    }
  })

  it('plays in every browser, and before it is loaded whole', async () => {
    const { clip } = await made(join(folder, 'long.mp4'), { durationMs: 1000 })
    const { facts } = await seenIn(clip?.path)
    expect(facts.audio).toEqual([])
    expect(facts.video).toMatchObject([{ codec: 'h264', pixelFormat: 'yuv420p', hdr: 'none', colorSpace: 'bt709' }])
    const content = clip?.content ?? Buffer.of()
    expect(content.indexOf('moov')).toBeLessThan(content.indexOf('mdat'))
  })

  it.each(['mp4', 'webm', 'webp'] as const)('is the same bytes each time as %s', async (format) => {
    const [one, other] = [
      await made(join(folder, 'long.mp4'), { durationMs: 1000, format }),
      await made(join(folder, 'long.mp4'), { durationMs: 1000, format }),
    ]
    expect(one.result.format).toBe(format)
    expect(one.clip?.content.equals(other.clip?.content ?? Buffer.of())).toBe(true)
  })

  it('can be an animation that is shown over and over, in the right colours', async () => {
    const paint = (x: number, y: number, second: number): Colour =>
      y < 0.1 && x < second ? [255, 255, 255] : x < 0.5 ? [200, 40, 60] : [30, 160, 90]
    const { clip } = await madeOf({ paint, seconds: 1 }, { format: 'webp' })
    const { pages, delay, loop } = await sharp(clip?.content, { pages: -1 }).metadata()
    expect([loop, delay?.reduce((sum, ms) => sum + ms, 0)]).toEqual([0, expect.closeTo(1000, -2)])
    expect(pages).toBeGreaterThan(3)
    const { data, info } = await sharp(clip?.content).removeAlpha().raw().toBuffer({ resolveWithObject: true })
    for (const [x, colour] of [
      [0.25, [200, 40, 60]],
      [0.75, [30, 160, 90]],
    ] as const) {
      const at = ((info.height >> 1) * info.width + Math.floor(info.width * x)) * 3
      for (const channel of [0, 1, 2]) {
        expect(Math.abs((data[at + channel] ?? 0) - (colour[channel] ?? 0))).toBeLessThan(8)
      }
    }
  })

  it('stands upright with square pixels in even sizes, and is not enlarged', async () => {
    const turned = { displayMatrix: [0, 1, 0, -1, 0, 0, 0, 0, 1], sar: [3, 2], width: 162, height: 90 } as const
    const { result } = await madeOf({ ...turned, seconds: 0.4 }, { width: 480 })
    expect(result).toMatchObject({ width: 90, height: 242 })
  })

  it('is the whole of a very short film, be it a single frame', async () => {
    const { result } = await madeOf({ seconds: 0.04 })
    expect(result).toMatchObject({ frames: 1, durationMs: 40, clips: [{ atMs: 0, durationMs: 40 }] })
  })

  it('is given even frames where the film has none', async () => {
    const timeOf = (number: number) => number * 0.04 + (number % 3) * 0.012
    const { result, clip } = await madeOf({ timeOf, paint: clock, seconds: 1 }, { frameRate: 25 }, 'uneven.mkv')
    expect(result.frames).toBeGreaterThanOrEqual(25)
    expect((await seenIn(clip?.path)).facts.video[0]?.variableFrameRate).toBe(false)
  })

  it('can not be made of a sound, nor of a cover, which does not move', async () => {
    await expect(madeOf({ video: null, audio: 'aac' }, {}, 'sound.m4a')).rejects.toMatchObject({ code: 'NO_PICTURE' })
    const cover = { video: null, audio: 'aac', cover: [9, 9, 9] } as const
    await expect(madeOf(cover, {}, 'cover.m4a')).rejects.toMatchObject({ code: 'NO_PICTURE' })
  })

  it('ends when nobody waits any more, and leaves the film usable', async () => {
    const media = await openMedia(join(folder, 'long.mp4'))
    const control = new AbortController()
    const { io } = recordingIo(control.signal)
    const isOver = { ...io, progress: (done: number) => void (done > 0.4 && control.abort(new Error('enough'))) }
    await expect(preview.run(media, preview.params.parse({}), isOver)).rejects.toThrow('enough')
    const { frames } = await preview.run(media, preview.params.parse({ durationMs: 500 }), recordingIo().io)
    expect(frames).toBeGreaterThan(10)
    await media.close()
  })
})

describe.skipIf(!hasCorpus)('preview of real films', () => {
  it.each([
    ['androidx-media/sample_rotate_and_reflect.mp4', 480, 720],
    ['androidx-media/dolbyVision-hdr.MOV', 480, 854],
    ['mediabunny/sar_2x1.mp4', 480, 136],
    ['androidx-media/bear-vp9-odd-dimensions.webm', 160, 120],
  ])('has the shape of %s', async (file, width, height) => {
    const { result, clip } = await made(`${corpus}/videos/${file}`, { durationMs: 800 })
    expect(result).toMatchObject({ width, height })
    const { facts } = await seenIn(clip?.path)
    expect(facts.video).toMatchObject([{ width, height, hdr: 'none', pixelFormat: 'yuv420p' }])
  })
})
