import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { corpus, hasCorpus } from '../../test/support/corpus.ts'
import { filtered } from '../../test/support/ffmpeg-filters.ts'
import { noFiles } from '../../test/support/operation-io.ts'
import { fileOf, photo, quarters, quartersSeen, truncated, withExif, withSegment } from '../../test/support/pictures.ts'
import { openMedia } from '../media/open.ts'
import type { Pixels } from '../media/picture.ts'
import { optimize } from './optimize.ts'
import { parseParameters } from './parameters.ts'

async function run(content: Buffer, params: object = {}) {
  const media = await openMedia(fileOf('source', content))
  const kept: Buffer[] = []
  const fractions: number[] = []
  try {
    const parsed = optimize.params.parse(params)
    const result = await optimize.run(media, parsed, {
      signal: new AbortController().signal,
      artifact: async (_draft, bytes) => void kept.push(Buffer.from(bytes)),
      ...noFiles,
      progress: (fraction) => void fractions.push(fraction),
    })
    optimize.result.strict().parse(result)
    expect(kept).toHaveLength(result.gained ? 1 : 0)
    expect(result.reason === undefined).toBe(result.gained)
    expect(result.bytes).toBe(kept[0]?.length ?? content.length)
    expect(result.savedBytes).toBe(content.length - result.bytes)
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b))
    return { result, file: kept[0] ?? content }
  } finally {
    await media.close()
  }
}

/** Luma as it is seen, by the decoder of the program, whose colours other tests prove. */
async function lumaOf(content: Buffer): Promise<Pixels> {
  const media = await openMedia(fileOf('seen', content))
  const picture = await media.picture()
  const pixels = await picture.pixels({ width: picture.width, height: picture.height, fit: 'fill', as: 'grey' })
  await media.close()
  return pixels
}

/** Likeness by FFmpeg's filter, which is none of ours. */
const likeness = async (one: Buffer, other: Buffer): Promise<number> =>
  filtered('ssim', 'lavfi.ssim.Y', await lumaOf(one), await lumaOf(other))

const real = (path: string): Buffer => readFileSync(join(corpus, 'photos', path))

const rawOf = (content: Buffer): Promise<Buffer> => sharp(content, { ignoreIcc: true }).raw().toBuffer()

const place = { GPSLatitudeRef: 'N', GPSLatitude: '48/1 8/1 0/1', GPSLongitudeRef: 'E', GPSLongitude: '11/1 34/1 0/1' }

/** Waves of many lengths and a little grain, alike in all colours: as hard to code as a photo, and always the same. */
function scene(width: number, height: number) {
  const data = Buffer.alloc(width * height * 3)
  let seed = 11
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 3) {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
      const waves = [3, 7, 17, 41, 97].reduce(
        (sum, n) => sum + Math.sin((n * x) / width + (n * n * y) / height / 3) / n ** 0.6,
        0,
      )
      const value = 128 + 40 * waves + (seed >>> 29)
      data.set(
        [value + 10, value, value - 10].map((sample) => Math.max(0, Math.min(255, sample))),
        at,
      )
    }
  }
  return sharp(data, { raw: { width, height, channels: 3 } })
}

/** A multi-picture file (MPO) of stereo views. */
function ofViews(views: readonly Buffer[]): Buffer {
  const entries = Buffer.alloc(16 * views.length)
  for (const [at, view] of views.entries()) {
    entries.writeUInt32LE(0x020002, 16 * at)
    entries.writeUInt32LE(view.length, 16 * at + 4)
  }
  const head = Buffer.from('MPF\0II*\0\x08\0\0\0\x02\0', 'latin1')
  const directory = Buffer.alloc(28)
  for (const [at, [tag, type, count, value]] of [
    [0xb001, 4, 1, views.length],
    [0xb002, 7, entries.length, 38],
  ].entries()) {
    directory.writeUInt16LE(tag ?? 0, 12 * at)
    directory.writeUInt16LE(type ?? 0, 12 * at + 2)
    directory.writeUInt32LE(count ?? 0, 12 * at + 4)
    directory.writeUInt32LE(value ?? 0, 12 * at + 8)
  }
  const [first = Buffer.alloc(0), ...rest] = views
  return Buffer.concat([withSegment(first, 0xe2, Buffer.concat([head, directory, entries])), ...rest])
}

describe('a file made smaller without loss', () => {
  it('is the default for a JPEG that is coded finely enough, and every pixel of it stays', async () => {
    const original = await photo(640, 480).jpeg({ quality: 80, optimiseCoding: false }).toBuffer()
    const { result, file } = await run(original)
    expect(result).toMatchObject({ gained: true, format: 'jpeg', lossless: true, ssim: 1, width: 640, height: 480 })
    expect(result.quality).toBeUndefined()
    expect(result.tried.find(({ lossless }) => !lossless)?.rejected).toContain('its quality is 80 already')
    expect(await rawOf(file)).toEqual(await rawOf(original))
  })

  it('keeps an orientation and a profile, and no more of the metadata unless it is asked to', async () => {
    const exif = { IFD0: { Make: 'mediamill', Copyright: 'somebody' }, IFD3: place }
    const tagged = await quarters(640, 320)
      .withIccProfile('p3')
      .withMetadata({ orientation: 6, exif })
      .jpeg({ quality: 80, optimiseCoding: false })
      .toBuffer()
    for (const metadata of ['strip', 'strip-gps', 'keep'] as const) {
      const { result, file } = await run(tagged, { metadata })
      expect(result).toMatchObject({ gained: true, lossless: true, width: 320, height: 640, metadata })
      const found = await sharp(file).metadata()
      expect([found.orientation, found.icc !== undefined]).toEqual([6, true])
      const text = found.exif?.toString('latin1') ?? ''
      expect(text.includes('somebody')).toBe(metadata !== 'strip')
      const media = await openMedia(fileOf('tagged', file))
      expect((await media.metadata()).gps?.latitude).toEqual(
        metadata === 'keep' ? expect.closeTo(48 + 8 / 60, 6) : undefined,
      )
      await media.close()
      const { data, info } = await sharp(file).autoOrient().raw().toBuffer({ resolveWithObject: true })
      const { data: before } = await sharp(tagged).autoOrient().raw().toBuffer({ resolveWithObject: true })
      expect(quartersSeen({ data, ...info })).toEqual(quartersSeen({ data: before, ...info }))
    }
  })

  it('is not made of a stereo picture, whose other view would be lost; what is made with loss says so', async () => {
    const [left, right] = [
      await photo(640, 480).jpeg({ quality: 80 }).toBuffer(),
      await photo(640, 480).jpeg().toBuffer(),
    ]
    const stereo = ofViews([left, right])
    const kept = await run(stereo, { lossless: true })
    expect(kept.result).toMatchObject({ gained: false, reason: expect.stringContaining('other views would be lost') })
    expect((await run(stereo, { ssim: 0.9 })).result).toMatchObject({ gained: true, dropped: ['other views'] })
    expect((await run(left, { ssim: 0.9 })).result).not.toHaveProperty('dropped')
  })

  it('keeps the 16 bits of a PNG', async () => {
    const deep = await photo(200, 100).toColourspace('rgb16').linear(1.001, 0.3).png({ compressionLevel: 1 }).toBuffer()
    const { result, file } = await run(deep, { lossless: true })
    expect(result).toMatchObject({ gained: true, format: 'png', lossless: true })
    expect((await sharp(file).metadata()).depth).toBe('ushort')
    const samples = (content: Buffer) => sharp(content).toColourspace('rgb16').raw({ depth: 'ushort' }).toBuffer()
    expect(await samples(file)).toEqual(await samples(deep))
  })

  it('is never one that lost something: a format that can not is refused, with the reason', async () => {
    const original = await photo(320, 240).png().toBuffer()
    const jpeg = await run(original, { format: 'jpeg', lossless: true })
    expect(jpeg.result).toMatchObject({ gained: false, reason: expect.stringContaining('without loss') })
    for (const format of ['webp', 'avif', 'auto'] as const) {
      const { result, file } = await run(original, { format, lossless: true })
      expect(result).toMatchObject({ lossless: true, ssim: 1 })
      expect(await rawOf(file)).toEqual(await rawOf(original))
    }
    expect(() => parseParameters(optimize.params, { lossless: true, ssim: 0.9 })).toThrow(/ssim/)
  })

  it('leaves the colours of a PNG to its own tone curve', async () => {
    const plain = await photo(64, 64).png({ compressionLevel: 0 }).toBuffer()
    const gama = Buffer.from('0000000467414d410000ffff00000000', 'hex')
    const { crc32 } = await import('node:zlib')
    gama.writeUInt32BE(crc32(gama.subarray(4, 12)), 12)
    const { file } = await run(Buffer.concat([plain.subarray(0, 33), gama, plain.subarray(33)]))
    expect(file.includes(gama)).toBe(true)
  })
})

describe('a file made smaller to a likeness', () => {
  it.each([0.92, 0.95, 0.98])('is at least as alike as asked, %d, and hardly more', async (ssim) => {
    const original = await scene(800, 600).png().toBuffer()
    for (const format of ['jpeg', 'webp'] as const) {
      const { result, file } = await run(original, { format, ssim, effort: 'fast' })
      expect(result).toMatchObject({ gained: true, lossless: false, format, originalFormat: 'png' })
      const measured = await likeness(original, file)
      expect(result.ssim).toBeCloseTo(measured, 4)
      expect(measured).toBeGreaterThanOrEqual(ssim)
      expect(1 - measured).toBeGreaterThan(0.6 * (1 - ssim))
    }
  })

  it('stays as it is when the likeness asked for leaves nothing to gain', async () => {
    const original = await photo(320, 240).jpeg({ quality: 60, mozjpeg: true }).toBuffer()
    const { result, file } = await run(original, { ssim: 1 })
    expect(result).toMatchObject({
      gained: false,
      format: 'jpeg',
      savedBytes: 0,
      savedShare: 0,
      lossless: true,
      ssim: 1,
    })
    expect(file).toBe(original)
  })

  it('is decoded no further than damage allows: half a picture is refused', async () => {
    const half = truncated(await photo(640, 480).jpeg().toBuffer(), 0.5)
    await expect(run(half)).rejects.toMatchObject({ code: 'MEDIA_DAMAGED' })
  })
})

describe('a file made smaller to a size', () => {
  it.each([90_000, 30_000, 12_000])('has at most %i bytes, and quality is spent up to them', async (maxBytes) => {
    const original = await scene(800, 600).jpeg({ quality: 97 }).toBuffer()
    const { result, file } = await run(original, { maxBytes })
    expect(result.gained).toBe(true)
    expect(file.length).toBeLessThanOrEqual(maxBytes)
    expect(file.length).toBeGreaterThan(0.85 * maxBytes)
    expect(await likeness(original, file)).toBeCloseTo(result.ssim, 4)
  })

  it('is not made where none is acceptable, and the smallest is named', async () => {
    const { result } = await run(await scene(800, 600).jpeg().toBuffer(), { maxBytes: 2000 })
    expect(result.gained).toBe(false)
    expect(result.reason).toMatch(/at most 2000 bytes: the smallest one tried, jpeg of quality 10, has \d+/)
  })

  it('is only packed where it fits already', async () => {
    const original = await photo(320, 240).jpeg({ quality: 95, optimiseCoding: false }).toBuffer()
    const { result } = await run(original, { maxBytes: 1_000_000 })
    expect(result).toMatchObject({ gained: true, lossless: true })
  })
})

describe('what a picture needs', () => {
  it('keeps its transparency: formats without are out of the question', async () => {
    const clear = await quarters(400, 300)
      .ensureAlpha()
      .composite([
        {
          input: Buffer.from([0, 0, 0, 0]),
          raw: { width: 1, height: 1, channels: 4 },
          tile: true,
          blend: 'dest-in',
          left: 0,
          top: 0,
        },
      ])
      .png({ compressionLevel: 0 })
      .toBuffer()
    const { result, file } = await run(clear, { format: 'auto', ssim: 0.9 })
    expect(result.tried.find(({ format }) => format === 'jpeg')?.rejected).toContain('no transparency')
    expect((await sharp(file).metadata()).hasAlpha).toBe(true)
    const named = await run(clear, { format: 'jpeg' })
    expect(named.result).toMatchObject({ gained: false, reason: expect.stringContaining('transparency') })
  })

  it('does not need an alpha channel in which nothing is clear', async () => {
    const opaque = await photo(400, 300).ensureAlpha().png({ compressionLevel: 1 }).toBuffer()
    const { result } = await run(opaque, { format: 'jpeg', ssim: 0.9 })
    expect(result).toMatchObject({ gained: true, format: 'jpeg' })
  })

  it('keeps its 16 bits, in auto', async () => {
    const deep = await photo(200, 150).toColourspace('rgb16').linear(1.001, 0.3).png({ compressionLevel: 1 }).toBuffer()
    const { result, file } = await run(deep, { format: 'auto' })
    expect(result).toMatchObject({ gained: true, format: 'png', lossless: true })
    expect((await sharp(file).metadata()).depth).toBe('ushort')
  })

  it('stands upright in every format', async () => {
    const turned = withExif(await quarters(640, 320).jpeg({ quality: 98 }).toBuffer(), [[274, 6]])
    const before = await sharp(turned).autoOrient().raw().toBuffer({ resolveWithObject: true })
    for (const format of ['jpeg', 'webp', 'avif'] as const) {
      const { result, file } = await run(turned, { format, ssim: 0.9 })
      expect(result).toMatchObject({ format, width: 320, height: 640 })
      const { data, info } = await sharp(file).autoOrient().removeAlpha().raw().toBuffer({ resolveWithObject: true })
      const [seen, known] = [quartersSeen({ data, ...info }), quartersSeen({ data: before.data, ...before.info })]
      for (const [at, colour] of seen.entries()) {
        for (const [channel, value] of colour.entries()) {
          expect(Math.abs(value - (known[at]?.[channel] ?? 999))).toBeLessThan(12)
        }
      }
    }
  })
})

describe.skipIf(!hasCorpus)('real photos', () => {
  it('become smaller with nothing to be seen, once: the second time there is nothing to gain', {
    timeout: 120_000,
  }, async () => {
    for (const path of ['mobile/HMD_Nokia_8.3_5G.jpg', 'gps/DSCN0025.jpg', 'large/friends_by_Aitzol_Berasategi.jpg']) {
      const original = real(path)
      const first = await run(original)
      expect(first.result).toMatchObject({ gained: true, format: 'jpeg' })
      expect(await likeness(original, first.file)).toBeGreaterThan(0.94)
      const second = await run(first.file)
      expect([path, second.result.gained, second.result.savedBytes]).toEqual([path, false, 0])
    }
  })

  it('are searched by parts when they are large, but hold what was asked as a whole', {
    timeout: 120_000,
  }, async () => {
    const original = real('large/oakland-zoo-otters.jpg')
    const { result, file } = await run(original, { ssim: 0.96 })
    expect(result).toMatchObject({ gained: true, lossless: false })
    expect(await likeness(original, file)).toBeGreaterThanOrEqual(0.96)
    expect(result.tried.filter(({ estimated, lossless }) => !estimated && !lossless).length).toBeLessThanOrEqual(4)
  })

  it('stay in Display P3', async () => {
    const wide = await sharp(real('large/free_by_Peter_Nerlich.jpg'))
      .resize(600)
      .withIccProfile('p3')
      .jpeg({ quality: 97 })
      .toBuffer()
    for (const format of ['same', 'webp', 'avif'] as const) {
      const { result, file } = await run(wide, { format, ssim: 0.95 })
      expect(result).toMatchObject({ gained: true, lossless: false })
      const media = await openMedia(fileOf('wide', file))
      expect((await media.metadata()).colorSpace).toBe('display-p3')
      await media.close()
    }
  })

  it('go without the place where they were taken, and the rest stays when that is asked', async () => {
    const { file } = await run(real('gps/DSCN0010.jpg'), { metadata: 'strip-gps', ssim: 0.9 })
    const media = await openMedia(fileOf('placeless', file))
    const { gps, camera, tags } = await media.metadata()
    await media.close()
    expect([gps, camera?.make]).toEqual([undefined, 'NIKON'])
    expect(JSON.stringify(tags)).not.toMatch(/GPSLatitude/)
  })

  it('keep moving: animations are no stills afterwards', { timeout: 60_000 }, async () => {
    for (const [path, format] of [
      ['pillow/iss634.gif', 'webp'],
      ['pillow/iss634.apng', 'png'],
    ] as const) {
      const original = real(path)
      const { result, file } = await run(original, { format })
      expect(result).toMatchObject({ gained: true, format })
      const media = await openMedia(fileOf('moving', file))
      const before = await openMedia(fileOf('before', original))
      const [now, then] = [await media.metadata(), await before.metadata()]
      expect([now.pages, now.durationMs]).toEqual([then.pages, then.durationMs])
      await Promise.all([media.close(), before.close()])
    }
  })

  it('are left alone where a new file would lose what they are about', async () => {
    const jpegOfGif = await run(real('pillow/iss634.gif'), { format: 'jpeg' })
    expect(jpegOfGif.result).toMatchObject({ gained: false, reason: expect.stringContaining('42') })
    const heic = await run(real('motion-and-misc/sample_still_photo.heic'))
    expect(heic.result).toMatchObject({
      gained: false,
      format: 'heic',
      reason: expect.stringContaining('only read here'),
    })
  })
})
