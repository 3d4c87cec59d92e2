import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { corpus, hasCorpus } from '../../../test/support/corpus.ts'
import { fileOf, photo, truncated, withExif } from '../../../test/support/pictures.ts'
import { openMedia } from '../open.ts'
import type { RewriteOptions } from '../picture.ts'
import { jpegCodingOf } from './jpeg-coding.ts'
import { orientationExif, withOrientation } from './orientation-exif.ts'
import { orientationOf } from './tiff-ifds.ts'

async function repack(content: Buffer, metadata: RewriteOptions['metadata'] = 'strip') {
  const media = await openMedia(fileOf('source', content))
  try {
    return await media.repack({ metadata })
  } finally {
    await media.close()
  }
}

const rawOf = (content: Buffer): Promise<Buffer> => sharp(content, { ignoreIcc: true }).raw().toBuffer()

describe('packing a file tighter', () => {
  it.each([
    ['4:4:4', {}],
    ['4:2:0', { chromaSubsampling: '4:2:0' }],
    ['progressive', { progressive: true, optimiseScans: false }],
  ])('leaves every sample and the coding of a JPEG as they are, %s', async (_title, options) => {
    const original = await photo(200, 150)
      .jpeg({ quality: 77, ...options, optimiseCoding: false })
      .toBuffer()
    const packed = await repack(original)
    expect(await rawOf(packed?.data ?? Buffer.alloc(0))).toEqual(await rawOf(original))
    expect(packed?.data.length).toBeLessThan(original.length)
    const [now, before] = [packed?.data ?? original, original].map(jpegCodingOf)
    expect(now).toEqual({ ...before, isProgressive: true })
  })

  it('leaves CMYK what it is', async () => {
    const original = await photo(100, 80).toColourspace('cmyk').jpeg({ optimiseCoding: false }).toBuffer()
    const packed = await repack(original)
    expect(await sharp(packed?.data).metadata()).toMatchObject({ space: 'cmyk', channels: 4 })
    expect(await rawOf(packed?.data ?? original)).toEqual(await rawOf(original))
  })

  it('tells an orientation, as the pixels lie as they lay, and says the size as it is seen', async () => {
    const turned = withExif(await photo(200, 150).jpeg({ optimiseCoding: false }).toBuffer(), [
      [274, 8],
      [0x4746, 4],
    ])
    for (const metadata of ['strip', 'keep', 'strip-gps'] as const) {
      const packed = await repack(turned, metadata)
      expect(packed).toMatchObject({ width: 150, height: 200 })
      expect((await sharp(packed?.data).metadata()).orientation).toBe(8)
      const media = await openMedia(fileOf('packed', packed?.data ?? turned))
      expect((await media.metadata()).rating).toBe(metadata === 'strip' ? undefined : 4)
      await media.close()
    }
  })

  it('makes nothing of what ends early, or has more behind its end that its metadata speaks of', async () => {
    const jpeg = await photo(200, 150).jpeg().toBuffer()
    expect(await repack(truncated(jpeg, 0.7))).toBeUndefined()
    const withFilm = Buffer.concat([jpeg, Buffer.alloc(5000, 7)])
    expect(await repack(withFilm, 'keep')).toBeUndefined()
    expect((await repack(withFilm))?.data.length).toBeLessThanOrEqual(jpeg.length)
    const png = await photo(200, 150).png().toBuffer()
    expect(await repack(truncated(png, 0.7))).toBeUndefined()
  })

  it('knows no way for other formats', async () => {
    expect(await repack(await photo(100, 80).webp().toBuffer())).toBeUndefined()
    expect(await repack(await photo(100, 80).tiff().toBuffer())).toBeUndefined()
  })

  it.skipIf(!hasCorpus)('keeps a PNG moving', async () => {
    const packed = await repack(readFileSync(join(corpus, 'photos/pillow/apng/delay.png')))
    expect(packed?.frames).toBe(4)
  })

  it
    .skipIf(!hasCorpus)
    .each([
      'jxl/flower_small.q85_444_partially_interleaved.jpg',
      'jxl/bicycles_restarts.jpg',
      'pillow/hopper_gray.jpg',
    ])('packs what other encoders write: %s', async (path) => {
    const original = readFileSync(join(corpus, 'photos', path))
    const packed = await repack(original)
    expect(await rawOf(packed?.data ?? Buffer.alloc(0))).toEqual(await rawOf(original))
  })
})

describe('an orientation in Exif', () => {
  it('is read again as it was written, and replaced where one stands', () => {
    for (const orientation of [1, 3, 6, 8]) expect(orientationOf(orientationExif(orientation))).toBe(orientation)
    expect(orientationOf(withOrientation(orientationExif(1), 5))).toBe(5)
  })

  it('never reaches outside of a garbled block', () => {
    const block = orientationExif(6)
    for (let at = 0; at < block.length; at++) {
      for (const value of [0, 1, 0x49, 0x7f, 0xff]) {
        const garbled = Buffer.from(block)
        garbled[at] = value
        expect(withOrientation(garbled, 3)).toHaveLength(block.length)
        withOrientation(garbled.subarray(0, at), 3)
      }
    }
  })
})
