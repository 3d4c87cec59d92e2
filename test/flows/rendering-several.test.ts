import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { corpus, hasCorpus } from '../support/corpus.ts'
import { farthest, quarters, rawWith, withSegment } from '../support/pictures.ts'
import { tiffOf } from '../support/pixel-formats.ts'
import { render, seenStripes, stripes, stripesOf } from '../support/rendering.ts'

const photo = (file: string): string => join(corpus, 'photos', file)

/** Colours beside alpha, and what they are over white and over a blue. */
const veils = [
  [200, 100, 50, 255],
  [200, 100, 50, 128],
  [40, 160, 220, 64],
  [255, 255, 255, 0],
]
const over = (background: readonly number[]): number[][] =>
  veils.map(([red = 0, green = 0, blue = 0, alpha = 0]) =>
    [red, green, blue].map((value, index) => (value * alpha + (background[index] ?? 0) * (255 - alpha)) / 255),
  )

describe('alpha', () => {
  const contents: Record<string, () => Promise<Buffer>> = {
    png: () => stripes(veils).png().toBuffer(),
    'deep png': () =>
      stripes(
        veils.map((colour) => colour.map((value) => value * 257)),
        16,
      )
        .toColourspace('rgb16')
        .png()
        .toBuffer(),
    webp: () => stripes(veils).webp({ lossless: true, exact: true }).toBuffer(),
    tiff: async () => tiffOf({ ...stripesOf(veils, Uint8Array), photometric: 2, extra: 2 }),
    avif: () => stripes(veils).avif({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer(),
  }

  it.each(Object.keys(contents))('of a %s is kept, and lies over the colour that is asked for', async (format) => {
    const picture = await render((await contents[format]?.()) ?? Buffer.alloc(0))
    expect(picture.hasAlpha).toBe(true)
    const seen = await seenStripes(picture, 'rgba')
    expect(farthest(seen.slice(0, 3), veils.slice(0, 3))).toBeLessThan(4)
    expect(seen[3]?.[3]).toBe(0)
    const flat = async (background?: string): Promise<number[][]> => {
      const { data } = await picture.write({ format: 'jpeg', quality: 100, ...(background ? { background } : {}) })
      return seenStripes(await render(data))
    }
    expect(farthest(await flat(), over([255, 255, 255]))).toBeLessThan(8)
    expect(farthest(await flat('#204080'), over([32, 64, 128]))).toBeLessThan(8)
  })

  it('of colours that were multiplied with it is taken out again', async () => {
    const multiplied = veils.map(([red = 0, green = 0, blue = 0, alpha = 0]) => [
      ...[red, green, blue].map((value) => Math.round((value * alpha) / 255)),
      alpha,
    ])
    const picture = await render(tiffOf({ ...stripesOf(multiplied, Uint8Array), photometric: 2, extra: 1 }))
    expect(farthest((await seenStripes(picture, 'rgba')).slice(0, 3), veils.slice(0, 3))).toBeLessThan(3)
  })

  it('leaves no dark fringe when the picture is made smaller', async () => {
    const colours = Array.from({ length: 32 }, (_, index) => (index % 2 === 0 ? [255, 255, 255, 255] : [0, 0, 0, 0]))
    const picture = await render(await stripes(colours).png().toBuffer(), 128)
    const { data } = await picture.pixels({ width: 128, height: 4, fit: 'fill', as: 'rgba' })
    for (let at = 0; at < data.length; at += 4) if ((data[at + 3] ?? 0) > 8) expect(data[at]).toBeGreaterThan(245)
  })
})

describe('files of several pictures', () => {
  const moving = async (format: 'gif' | 'webp'): Promise<Buffer> => {
    const frames = [
      [220, 30, 30],
      [30, 220, 30],
      [30, 30, 220],
    ].map((colour) => Buffer.alloc(40 * 30 * 3, Buffer.from(colour)))
    const tall = sharp(Buffer.concat(frames), { raw: { width: 40, height: 90, channels: 3, pageHeight: 30 } })
    return format === 'gif' ? tall.gif().toBuffer() : tall.webp({ lossless: true }).toBuffer()
  }

  it.each(['gif', 'webp'] as const)('show the first frame of a moving %s, and say so', async (format) => {
    const picture = await render(await moving(format))
    expect([picture.width, picture.height]).toEqual([40, 30])
    expect(picture.intent.source).toBe('frame 1 of 3')
    expect(farthest((await seenStripes(picture)).slice(0, 1), [[220, 30, 30]])).toBeLessThan(4)
  })

  it('say nothing of frames when there is one', async () => {
    const picture = await render(await quarters().gif().toBuffer())
    expect(picture.intent.source).toBeUndefined()
  })

  it('show the preview of a raw file, and say so', async () => {
    const picture = await render(rawWith(await quarters(96, 64).jpeg().toBuffer(), 1))
    expect(picture.intent.source).toBe('embedded preview')
  })

  it.skipIf(!hasCorpus).each([
    // Its still picture is not part of its animation.
    ['pillow/apng/delay.png', undefined],
    ['pillow/apng/chunk_no_actl.png', undefined],
    ['pillow/apng/blend_op_over.png', undefined],
    ['avif/star-8bpc.avifs', 'frame 1 of 5'],
    ['avif/libavif/colors-animated-8bpc.avif', 'frame 1 of 5'],
    ['avif/kimono.avif', undefined],
    ['pillow/iss634.apng', 'frame 1 of 41'],
    ['pillow/iss634.webp', 'frame 1 of 42'],
    ['pillow/multipage.tiff', 'frame 1 of 3'],
    ['pillow/frozenpond.mpo', 'view 1 of 2'],
    // What lies behind these pictures is a preview, and a gain map.
    ['large/DJI_0024.JPG', undefined],
    ['avif/libavif/seine_sdr_gainmap_srgb.jpg', undefined],
  ])('say of %s: %s', async (file, source) => {
    expect((await render(photo(file))).intent.source).toBe(source)
  })
})

describe('gain maps', () => {
  it('are said and left out', async () => {
    const jpeg = await quarters(96, 64).jpeg().toBuffer()
    const plain = await render(jpeg)
    expect(plain.intent).not.toHaveProperty('gainMap')
    const xmp = '<rdf:Description xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0"/>'
    const marked = withSegment(jpeg, 0xe1, Buffer.from(`http://ns.adobe.com/xap/1.0/\0${xmp}`))
    const second = await sharp({ create: { width: 24, height: 16, channels: 3, background: '#fff' } })
      .jpeg()
      .toBuffer()
    const ultra = await render(Buffer.concat([marked, second]))
    expect(ultra.intent.gainMap).toBe('ignored')
    expect(await seenStripes(ultra)).toEqual(await seenStripes(plain))
  })

  it.skipIf(!hasCorpus).each([
    ['avif/libavif/seine_sdr_gainmap_srgb.jpg', true],
    ['avif/libavif/apple_gainmap_new.jpg', true],
    ['avif/libavif/apple_gainmap_old.jpg', true],
    ['avif/libavif/paris_exif_xmp_gainmap_bigendian.jpg', true],
    ['pillow/ultrahdr.jpg', true],
    ['avif/libavif/seine_sdr_gainmap_srgb.avif', true],
    ['avif/libavif/seine_hdr_gainmap_srgb.avif', true],
    ['avif/libavif/colors_hdr_p3.avif', true],
    ['avif/libavif/paris_exif_xmp_icc.jpg', false],
    ['avif/libavif/colors_sdr_srgb.avif', false],
    ['pillow/frozenpond.mpo', false],
    ['large/DJI_0024.JPG', false],
  ])('are found in %s: %s', async (file, isThere) => {
    const { intent } = await render(photo(file), 250)
    expect(intent.gainMap).toBe(isThere ? 'ignored' : undefined)
  })
})
