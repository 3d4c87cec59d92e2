import { spawnSync } from 'node:child_process'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import {
  alphaLikenessOf,
  fileOfFrames,
  likenessOf,
  shaded,
  shownOf,
  wandering,
} from '../../../../test/support/animations.ts'
import { fileOf } from '../../../../test/support/pictures.ts'
import { rewrite } from '../../../../test/support/rewriting.ts'
import { openMedia } from '../../open.ts'
import type { WritableFormat } from '../../picture.ts'

const formats = ['gif', 'webp', 'avif', 'png', 'jxl'] as const
const ways = formats.flatMap((from) => formats.map((to) => [from, to] as const))

/** Frames of a file as FFmpeg's own program counts them; undefined where it is not installed. */
function counted(path: string): { frames: number; streams: number } | undefined {
  const wanted = ['-count_frames', '-show_entries', 'stream=nb_read_frames', '-of', 'csv=p=0']
  const { stdout, error } = spawnSync('ffprobe', ['-v', 'error', ...wanted, path], { encoding: 'utf8' })
  if (error) return undefined
  const counts = stdout.trim().split('\n')
  return { frames: Number(counts[0]), streams: counts.length }
}

describe('animations', () => {
  it.each(ways)('keep frames, times and repeats from %s to %s, and without loss every sample', async (from, to) => {
    const made = wandering()
    for (const loop of [0, 1, 5]) {
      const original = await fileOfFrames(made, from, loop)
      const written = await rewrite(original, { format: to, lossless: true })
      expect(written).toMatchObject({ width: 48, height: 32, frames: 4, bitDepth: 8 })
      expect(written.intent).not.toHaveProperty('source')
      const [shown, before] = [await shownOf(written.data), await shownOf(original)]
      expect({ times: shown.times, loop: shown.loop }).toEqual({ times: made.times, loop })
      expect(shown.frames).toEqual(before.frames)
      expect(Buffer.concat(shown.frames).equals(made.data)).toBe(true)
    }
  })

  it.each(ways)('stay near the original with loss from %s to %s', async (from, to) => {
    const original = await fileOfFrames(shaded(), from)
    const written = await rewrite(original, { format: to })
    expect(written).toMatchObject({ width: 120, height: 80, frames: 8 })
    const [shown, before] = [await shownOf(written.data), await shownOf(original)]
    expect(shown.times).toEqual(before.times)
    const likenesses = before.frames.map((frame, at) =>
      likenessOf(frame, shown.frames[at] ?? Buffer.alloc(frame.length)),
    )
    expect(Math.min(...likenesses)).toBeGreaterThan(28)
  })

  it.each(['webp', 'avif', 'png', 'jxl'] as const)('keep every alpha in %s', async (to) => {
    const original = await fileOfFrames(shaded({ isHazy: true }), 'webp')
    const [shown, before] = [await shownOf((await rewrite(original, { format: to })).data), await shownOf(original)]
    for (const [at, frame] of before.frames.entries()) {
      expect(alphaLikenessOf(frame, shown.frames[at] ?? Buffer.alloc(frame.length))).toBeGreaterThan(40)
      expect(likenessOf(frame, shown.frames[at] ?? Buffer.alloc(frame.length))).toBeGreaterThan(30)
    }
  })

  it.each(['avif', 'png'] as const)(
    'are what FFmpeg reads as %s too, alpha of an AVIF in a track of its own',
    async (to) => {
      for (const isHazy of [false, true]) {
        const { data } = await rewrite(await fileOfFrames(shaded({ isHazy }), 'webp'), { format: to })
        const found = counted(fileOf(`written-${isHazy}.${to}`, data))
        expect(found ?? { frames: 8, streams: to === 'avif' && isHazy ? 2 : 1 }).toEqual({
          frames: 8,
          streams: to === 'avif' && isHazy ? 2 : 1,
        })
      }
    },
  )

  it('are smaller as AVIF than their frames each by itself', async () => {
    const original = await fileOfFrames(shaded({ count: 12 }), 'webp')
    const moving = await rewrite(original, { format: 'avif' })
    const still = await rewrite(original, { format: 'avif', frames: 'first' })
    expect(moving.frames).toBe(12)
    expect(moving.data.length).toBeLessThan(5 * still.data.length)
  })

  it('give a picture to readers of still ones', async () => {
    const made = wandering()
    for (const format of ['avif', 'png'] as const) {
      const original = await fileOfFrames(made, format)
      const media = await openMedia(fileOf(`still.${format}`, original))
      const { data } = await (await media.picture()).pixels({ width: 48, height: 32, fit: 'fill', as: 'rgba' })
      expect(likenessOf(data, made.data.subarray(0, data.length))).toBeGreaterThan(40)
      await media.close()
    }
  })

  it.each(['avif', 'png', 'jxl'] as const)('give their first frame alone as %s when that is asked', async (format) => {
    for (const from of formats) {
      const original = await fileOfFrames(wandering(), from)
      const written = await rewrite(original, { format, frames: 'first' })
      // A JPEG XL tells how many frames it has only when they are decoded.
      const told = from === 'jxl' ? {} : { intent: { source: 'frame 1 of 4' } }
      expect(written).toMatchObject({ frames: 1, ...told })
      expect((await shownOf(written.data)).frames).toHaveLength(1)
    }
  })

  it.each(['avif', 'png', 'jxl'] as const)('are sized and cut frame by frame from and to %s', async (format) => {
    const original = await fileOfFrames(wandering(), format)
    const sizes = [
      [{ width: 24, fit: 'inside', focus: 'centre', enlarge: false }, 24, 16],
      [{ width: 20, height: 20, fit: 'cover', focus: 'entropy', enlarge: false }, 20, 20],
      [{ width: 40, height: 40, fit: 'contain', focus: 'centre', enlarge: false }, 40, 40],
    ] as const
    for (const [resize, width, height] of sizes) {
      for (const to of formats) {
        const written = await rewrite(original, { format: to, resize })
        expect(written).toMatchObject({ width, height, frames: 4 })
        expect((await shownOf(written.data)).frames[3]).toHaveLength(width * height * 4)
      }
    }
  })

  it.each([
    [1, 1],
    [2, 3],
    [5, 4],
    [63, 17],
  ])('of %i×%i pixels are written as well', async (width, height) => {
    const original = await fileOfFrames(wandering({ width, height }), 'webp')
    for (const format of ['avif', 'png', 'jxl'] as const) {
      const written = await rewrite(original, { format })
      expect(written).toMatchObject({ width, height, frames: 4 })
      expect((await shownOf(written.data)).frames[0]).toHaveLength(width * height * 4)
    }
  })

  it('are written as the same bytes each time', async () => {
    const original = await fileOfFrames(shaded({ isHazy: true }), 'webp')
    for (const format of ['avif', 'png', 'jxl'] as const) {
      const [one, other] = [await rewrite(original, { format }), await rewrite(original, { format })]
      expect(one.data.equals(other.data)).toBe(true)
    }
  })

  it('show for a tenth of a second what no screen could show, and long what is to be long', async () => {
    const original = await fileOfFrames(wandering({ times: [0, 10, 40, 60_000] }), 'gif')
    for (const format of ['avif', 'png'] as const) {
      expect((await shownOf((await rewrite(original, { format })).data)).times).toEqual([100, 100, 40, 60_000])
    }
  })

  it('keep their length in GIF, which counts in hundredths', async () => {
    const original = await fileOfFrames(wandering({ times: [33, 33, 34, 33, 33, 34] }), 'webp')
    const { times } = await shownOf((await rewrite(original, { format: 'gif' })).data)
    expect(times.reduce((sum, ms) => sum + ms, 0)).toBe(200)
  })

  it('are held to the pixels of all frames together', async () => {
    for (const from of ['avif', 'png', 'jxl'] as const) {
      const path = fileOf(`limited.${from}`, await fileOfFrames(wandering(), from))
      const media = await openMedia(path, { maxPixels: 48 * 32 * 3 })
      const options = { format: 'webp', color: 'keep', metadata: 'strip' } as const
      await expect(media.rewrite({ ...options, frames: 'all' })).rejects.toMatchObject({ code: 'INPUT_TOO_LARGE' })
      expect(await media.rewrite({ ...options, frames: 'first' })).toMatchObject({ frames: 1 })
      await media.close()
    }
  })

  it('are held to them from WebP and GIF where libvips has to hold them at once', async () => {
    const ask = async (from: 'gif' | 'webp', to: WritableFormat, fit?: 'inside' | 'contain') => {
      const path = fileOf(`held.${from}`, await fileOfFrames(wandering(), from))
      const media = await openMedia(path, { maxPixels: 48 * 32 * 3 })
      const resize = fit && ({ width: 40, height: 40, fit, focus: 'centre', enlarge: false } as const)
      const options = {
        format: to,
        color: 'keep',
        metadata: 'strip',
        frames: 'all',
        ...(resize ? { resize } : {}),
      } as const
      const said = await media.rewrite(options).then(
        ({ frames }) => frames,
        ({ code }) => code,
      )
      await media.close()
      return said
    }
    expect(await ask('webp', 'webp')).toBe('INPUT_TOO_LARGE')
    expect(await ask('webp', 'gif')).toBe('INPUT_TOO_LARGE')
    expect(await ask('gif', 'webp', 'contain')).toBe('INPUT_TOO_LARGE')
    expect(await ask('gif', 'webp', 'inside')).toBe(4)
    expect(await ask('gif', 'gif')).toBe(4)
    expect(await ask('webp', 'png')).toBe(4)
  })

  it.each(['avif', 'png', 'jxl'] as const)(
    'end in the middle when nobody waits for the %s, and tell how far they are',
    async (format) => {
      const original = await fileOfFrames(shaded(), 'webp')
      const reason = new Error('nobody waits')
      const stop = new AbortController()
      const told: number[] = []
      const progress = (fraction: number): void => {
        told.push(fraction)
        if (told.length === 3) stop.abort(reason)
      }
      await expect(rewrite(original, { format, progress, signal: stop.signal })).rejects.toBe(reason)
      expect(told).toHaveLength(3)
      told.length = 0
      await rewrite(original, { format, progress: (fraction) => void told.push(fraction) })
      expect(told).toEqual(told.toSorted((one, other) => one - other))
      expect(told.at(-1)).toBeGreaterThan(0.3)
    },
  )

  it('keep a profile where the format takes one, and are sRGB where it does not', async () => {
    const { width, height, data, times } = shaded()
    const raw = { width, height: height * times.length, channels: 4, pageHeight: height } as const
    const image = sharp(data, { raw }).withIccProfile('p3')
    const original = await image.webp({ delay: [...times], lossless: true }).toBuffer()
    for (const format of ['avif', 'png'] as const) {
      const kept = await rewrite(original, { format, lossless: true })
      expect(kept.profile).toMatch(/P3/i)
      const again = await rewrite(kept.data, { format: format === 'png' ? 'avif' : 'png', lossless: true })
      expect(again).toMatchObject({ profile: kept.profile, frames: 8 })
      const [seen, before] = [await shownOf(again.data), await shownOf(original, { color: 'srgb' })]
      const expected = (
        await shownOf((await rewrite(original, { format: 'webp', lossless: true, color: 'srgb' })).data)
      ).frames
      expect(before.frames).toHaveLength(8)
      expect(likenessOf(seen.frames[3] ?? Buffer.alloc(0), expected[3] ?? Buffer.alloc(0))).toBeGreaterThan(40)
    }
  })
})
