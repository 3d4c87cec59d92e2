import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
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
import { corpus, hasCorpus } from '../../../../test/support/corpus.ts'
import { fileOf, truncated } from '../../../../test/support/pictures.ts'
import { noiseOf, rewrite } from '../../../../test/support/rewriting.ts'
import { openMedia } from '../../open.ts'
import { pngChunks } from '../png-chunks.ts'
import type { Drawn } from './drawn.ts'
import { readSequence } from './sequence-boxes.ts'
import { survey } from './survey.ts'
import { writeApng } from './write-apng.ts'

describe('animations that are damaged', () => {
  it.each(['avif', 'png', 'jxl'] as const)(
    'are read as far as they go when %s is cut, and it is said',
    async (format) => {
      const original = await fileOfFrames(shaded({ isHazy: true }), format)
      const before = await shownOf(original)
      for (const share of format === 'jxl' ? [0.2, 0.4, 0.7, 0.95] : [0.4, 0.7, 0.95]) {
        const written = await rewrite(truncated(original, share), { format: 'webp', lossless: true })
        expect(written.damage).toMatch(/ends early/)
        expect(written.frames).toBeGreaterThan(share < 0.3 ? 0 : 1)
        const { frames } = await shownOf(written.data)
        expect(likenessOf(frames[0] ?? Buffer.alloc(0), before.frames[0] ?? Buffer.alloc(0))).toBe(99)
      }
    },
  )

  it('show a frame of an AVIF that can not be decoded as the one before it', async () => {
    const made = shaded()
    const original = await fileOfFrames(made, 'avif')
    const third = readSequence(original)?.samples[2] ?? Buffer.alloc(0)
    const at = original.indexOf(third)
    const broken = Buffer.from(original)
    broken.fill(0xff, at, at + third.length)
    const written = await rewrite(broken, { format: 'png' })
    expect(written.damage).toBeTypeOf('string')
    expect(written.frames).toBe(8)
    const { frames, times } = await shownOf(written.data)
    // WebP, by which it is looked at, joins frames that are the same.
    expect(frames).toHaveLength(7)
    expect(times.reduce((sum, ms) => sum + ms, 0)).toBe(made.times.reduce((sum, ms) => sum + ms, 0))
  })

  it('leave out a frame of an APNG that can not be decoded', async () => {
    const original = Buffer.from(await fileOfFrames(shaded(), 'png'))
    const frames = [...pngChunks(original)].filter(({ type }) => type === 'fdAT')
    const { start = 0, end = 0 } = frames[1] ?? {}
    original.fill(0xff, start + 12, end - 4)
    const written = await rewrite(original, { format: 'avif', lossless: true })
    expect(written.damage).toBeTypeOf('string')
    expect(written.frames).toBe(8)
  })

  it('are still pictures when what they say of their frames makes no sense', async () => {
    const original = await fileOfFrames(wandering(), 'avif')
    for (const name of ['stsz', 'stco', 'stsd', 'mdhd']) {
      const broken = Buffer.from(original)
      broken.fill(0xff, original.indexOf(name, 0, 'latin1') + 8, original.indexOf(name, 0, 'latin1') + 20)
      const written = await rewrite(broken, { format: 'webp' })
      expect(written).toMatchObject({ width: 48, height: 32 })
      expect(written.frames).toBeLessThanOrEqual(4)
    }
  })
})

describe('metadata of animations', () => {
  it.each(['avif', 'png'] as const)(
    'is kept and stripped in %s, and the frames stay where they are',
    async (format) => {
      const { width, height, data, times } = wandering()
      const raw = { width, height: height * times.length, channels: 4, pageHeight: height } as const
      const exif = {
        IFD0: { Make: 'Acme' },
        IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '48/1 8/1 0/1', GPSLongitudeRef: 'E', GPSLongitude: '11/1 5/1 0/1' },
      }
      const original = await sharp(data, { raw })
        .withExif(exif)
        .webp({ delay: [...times], lossless: true })
        .toBuffer()
      const seen = []
      for (const metadata of ['keep', 'strip-gps', 'strip'] as const) {
        const written = await rewrite(original, { format, lossless: true, metadata })
        const media = await openMedia(fileOf(`metadata-${metadata}.${format}`, written.data))
        const { camera, gps, pages, durationMs } = await media.metadata()
        seen.push({ make: camera?.make, isPlaced: gps !== undefined, pages, durationMs })
        await media.close()
        expect(Buffer.concat((await shownOf(written.data)).frames).equals(data)).toBe(true)
      }
      const moving = { pages: 4, durationMs: 1470 }
      expect(seen).toEqual([
        { make: 'Acme', isPlaced: true, ...moving },
        { make: 'Acme', isPlaced: false, ...moving },
        { make: undefined, isPlaced: false, ...moving },
      ])
    },
  )
})

describe('animated PNGs', () => {
  it('have one palette for up to 256 colours, and hold of later frames what has changed', async () => {
    const { data } = await rewrite(await fileOfFrames(wandering({ isClear: true }), 'gif'), { format: 'png' })
    const chunks = [...pngChunks(data)]
    expect(chunks.find(({ type }) => type === 'IHDR')?.data[9]).toBe(3)
    const controls = chunks.filter(({ type }) => type === 'fcTL').map((chunk) => chunk.data)
    // The square leaves its place and comes to another.
    expect(controls.map((control) => [4, 8, 12, 16].map((at) => control.readUInt32BE(at)))).toEqual([
      [48, 32, 0, 0],
      [18, 12, 0, 8],
      [18, 12, 10, 8],
      [18, 12, 20, 8],
    ])
  })

  it('have no alpha where none is seen', async () => {
    for (const [isHazy, type] of [
      [false, 2],
      [true, 6],
    ] as const) {
      const { data } = await rewrite(await fileOfFrames(shaded({ isHazy }), 'webp'), { format: 'png' })
      expect(data[25]).toBe(type)
    }
  })

  it('leave gaps for what has not changed, and look the same', async () => {
    const { width, height, times, data } = shaded({ width: 200, height: 120 })
    // Specks of noise over all of it, so that the rectangle is the whole frame.
    const noise = noiseOf(width * height * times.length)
    for (let at = 0; at < noise.length; at++) {
      const base = (at % (width * height)) * 4
      const isSpeck = (noise[at] ?? 0) < 4
      data.set(isSpeck ? [noise[at] ?? 0, 9, 200, 255] : data.subarray(base, base + 4), at * 4)
    }
    const original = await fileOfFrames({ width, height, times, data }, 'webp')
    const [small, large] = [
      await rewrite(original, { format: 'png' }),
      await rewrite(original, { format: 'png', effort: 'fast' }),
    ]
    const isOver = [...pngChunks(small.data)].filter(({ type }) => type === 'fcTL').map((chunk) => chunk.data[25])
    expect(isOver).toEqual([0, 1, 1, 1, 1, 1, 1, 1])
    expect(small.data.length).toBeLessThan(0.8 * large.data.length)
    for (const { data: file } of [small, large]) {
      expect(Buffer.concat((await shownOf(file)).frames).equals(data)).toBe(true)
    }
  })

  it('keep 16 bits a sample, as far as AVIF goes too', async () => {
    const made = shaded({ count: 3 })
    const deep = Uint16Array.from(made.data, (value, at) => (at % 4 === 3 ? 65_535 : value * 256 + (at % 251)))
    const bytes = Buffer.from(deep.buffer)
    const { width, height } = made
    const drawn: Drawn = {
      ...{ width, height, depth: 16, delays: made.times, loop: 0 },
      async *frames() {
        for (const frame of [0, 1, 2])
          yield bytes.subarray((frame * bytes.length) / 3, ((frame + 1) * bytes.length) / 3)
      },
    }
    const original = await writeApng(drawn, await survey(drawn), { effort: 'fast' })
    const again = await rewrite(original, { format: 'png' })
    expect(again).toMatchObject({ frames: 3, bitDepth: 16 })
    const first = await sharp(again.data).toColourspace('rgb16').raw({ depth: 'ushort' }).toBuffer()
    expect(
      first.equals(Buffer.from(await sharp(original).toColourspace('rgb16').raw({ depth: 'ushort' }).toBuffer())),
    ).toBe(true)
    expect(await rewrite(original, { format: 'avif' })).toMatchObject({ frames: 3, bitDepth: 10 })
    expect(await rewrite(original, { format: 'webp' })).toMatchObject({ frames: 3, bitDepth: 8 })
    await expect(rewrite(original, { format: 'avif', lossless: true })).rejects.toMatchObject({
      code: 'PARAMS_INVALID',
    })
    expect(await rewrite(original, { format: 'png', color: 'srgb' })).toMatchObject({ frames: 3, bitDepth: 8 })
  })
})

describe.skipIf(!hasCorpus)('real animations', () => {
  const photos = join(corpus, 'photos')
  const isSequence = (file: string): boolean => readFileSync(join(photos, file)).toString('latin1', 8, 12) === 'avis'
  const sequences = globSync('avif/**/*.avif{,s}', { cwd: photos }).filter(isSequence)

  it('go from AVIF to all that moves, and look the same', { timeout: 60_000 }, async () => {
    expect(sequences.length).toBeGreaterThan(10)
    for (const file of sequences) {
      const before = await shownOf(join(photos, file))
      for (const format of ['webp', 'avif', 'png'] as const) {
        const written = await rewrite(join(photos, file), { format, effort: 'fast' })
        expect(written.frames, file).toBe(format === 'webp' ? before.frames.length : readCount(join(photos, file)))
        const shown = await shownOf(written.data)
        expect(shown.loop).toBe(before.loop)
        expect(shown.times.reduce((sum, ms) => sum + ms, 0)).toBe(before.times.reduce((sum, ms) => sum + ms, 0))
        for (const [at, frame] of before.frames.entries()) {
          const other = shown.frames[at] ?? Buffer.alloc(frame.length)
          expect(likenessOf(frame, other), `${file} as ${format}`).toBeGreaterThan(32)
          expect(alphaLikenessOf(frame, other), `${file} as ${format}`).toBeGreaterThan(40)
        }
      }
    }
  })

  it('go from JPEG XL to all that moves', async () => {
    const file = join(photos, 'jxl/cropped_traffic_light.jxl')
    const before = await shownOf(file)
    expect(before.times).toEqual([3000, 1000, 3000, 1000])
    for (const format of ['gif', 'avif', 'png', 'jxl'] as const) {
      const written = await rewrite(file, { format, quality: 90 })
      expect(written).toMatchObject({ frames: 4, width: 50, height: 80 })
      const shown = await shownOf(written.data)
      expect(shown.times).toEqual(before.times)
      for (const [at, frame] of before.frames.entries()) {
        expect(likenessOf(frame, shown.frames[at] ?? Buffer.alloc(frame.length)), format).toBeGreaterThan(28)
      }
    }
  })

  it('keep the depth that they have, as far as the format can hold it', async () => {
    const depths = { 'star-8bpc.avifs': [8, 8, 8], 'star-10bpc.avifs': [8, 10, 16], 'star-12bpc.avifs': [8, 10, 16] }
    for (const [file, expected] of Object.entries(depths)) {
      const written = await Promise.all(
        (['webp', 'avif', 'png'] as const).map((format) => rewrite(join(photos, 'avif', file), { format })),
      )
      expect(written.map(({ bitDepth }) => bitDepth)).toEqual(expected)
    }
  })

  it('draw the animated PNGs of the test suite the same as APNG again', async () => {
    for (const file of globSync('pillow/apng/*.png', { cwd: photos })) {
      const before = await shownOf(join(photos, file))
      const again = await rewrite(join(photos, file), { format: 'png' })
      const shown = await shownOf(again.data)
      expect(shown.frames, file).toEqual(before.frames)
    }
  })
})

const readCount = (path: string): number => readSequence(readFileSync(path))?.samples.length ?? 1
