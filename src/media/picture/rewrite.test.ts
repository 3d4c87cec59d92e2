import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { spaces } from '../../../test/support/colours.ts'
import {
  farthest,
  photo,
  quarterColours,
  quarters,
  quartersSeen,
  rawWith,
  truncated,
  withExif,
} from '../../../test/support/pictures.ts'
import { pngWithIcc } from '../../../test/support/pixel-formats.ts'
import { rgbProfile } from '../../../test/support/profiles.ts'
import { render } from '../../../test/support/rendering.ts'
import { codedSamples, noisy, noisySize, rewrite } from '../../../test/support/rewriting.ts'
import { type ResizeOptions, writableFormats } from '../picture.ts'

describe('rewriting without loss', () => {
  const exact = ['png', 'webp', 'avif', 'tiff'] as const

  const written = (channels: 3 | 4, format: (typeof exact)[number]) => {
    const image = noisy(channels)
    if (format === 'tiff') return image.tiff({ compression: 'lzw' }).toBuffer()
    if (format === 'png') return image.png().toBuffer()
    return (format === 'webp' ? image.webp({ lossless: true, exact: true }) : image.avif({ lossless: true })).toBuffer()
  }

  it.each(exact.flatMap((from) => exact.map((to) => [from, to] as const)))(
    'keeps every sample from %s to %s, with and without alpha',
    async (from, to) => {
      for (const channels of [3, 4] as const) {
        const original = await written(channels, from)
        const anew = await rewrite(original, { format: to, lossless: true })
        expect((await codedSamples(anew.data)).equals(await codedSamples(original))).toBe(true)
        expect(anew).toMatchObject({ ...noisySize, bitDepth: 8, frames: 1 })
      }
    },
  )

  it.each([
    ['png', 'png'],
    ['png', 'tiff'],
    ['tiff', 'png'],
    ['tiff', 'tiff'],
  ] as const)('keeps 16 bits from %s to %s, greys as greys', async (from, to) => {
    for (const channels of [1, 3, 4] as const) {
      const image = noisy(channels, 16)
      const original = await (from === 'png' ? image.png() : image.tiff({ compression: 'deflate' })).toBuffer()
      const anew = await rewrite(original, { format: to, lossless: true })
      const space = channels === 1 ? 'grey16' : 'rgb16'
      expect(anew.bitDepth).toBe(16)
      expect(await sharp(anew.data).metadata()).toMatchObject({ depth: 'ushort', space, channels })
      expect((await codedSamples(anew.data, space)).equals(await codedSamples(original, space))).toBe(true)
    }
  })

  it.each([10, 12] as const)('keeps the %i bits of an AVIF', async (bitdepth) => {
    const original = await noisy(3, 16).avif({ lossless: true, bitdepth }).toBuffer()
    for (const format of ['avif', 'png', 'tiff'] as const) {
      const anew = await rewrite(original, { format, lossless: true })
      expect(anew.bitDepth).toBe(format === 'avif' ? bitdepth : 16)
      expect((await codedSamples(anew.data, 'rgb16')).equals(await codedSamples(original, 'rgb16'))).toBe(true)
    }
  })

  it('keeps 16 bits in JPEG XL', async () => {
    const original = await noisy(3, 16).png().toBuffer()
    const anew = await rewrite(original, { format: 'jxl', lossless: true })
    expect(anew.bitDepth).toBe(16)
    const { data } = await (await render(anew.data)).pixels({ ...noisySize, fit: 'fill', as: 'rgb' })
    const { data: expected } = await (await render(original)).pixels({ ...noisySize, fit: 'fill', as: 'rgb' })
    expect(Math.max(...data.map((value, at) => Math.abs(value - (expected[at] ?? 999))))).toBeLessThanOrEqual(1)
  })

  it('refuses to lose bits, and takes 8 of them where sRGB is asked', async () => {
    const original = await noisy(3, 16).png().toBuffer()
    await expect(rewrite(original, { format: 'webp', lossless: true })).rejects.toMatchObject({
      code: 'PARAMS_INVALID',
      message: expect.stringContaining('can not keep 16 bits a sample'),
    })
    expect(await rewrite(original, { format: 'webp', lossless: true, color: 'srgb' })).toMatchObject({ bitDepth: 8 })
    expect(await rewrite(original, { format: 'webp' })).toMatchObject({ bitDepth: 8 })
  })

  it('refuses JPEG before anything is decoded', async () => {
    const unreadable = truncated(await photo().png().toBuffer(), 0.001)
    await expect(rewrite(unreadable, { format: 'jpeg', lossless: true })).rejects.toMatchObject({
      code: 'PARAMS_INVALID',
    })
  })

  it('keeps the palette of a drawing, profile and all', async () => {
    const drawing = await quarters(64, 48).png({ palette: true, colours: 4, dither: 0 }).toBuffer()
    for (const original of [drawing, pngWithIcc(drawing, rgbProfile(spaces.displayP3))]) {
      const anew = await rewrite(original)
      expect(await sharp(anew.data).metadata()).toMatchObject({ isPalette: true, hasProfile: original !== drawing })
      expect((await codedSamples(anew.data)).equals(await codedSamples(original))).toBe(true)
      expect(anew.profile).toBe(original === drawing ? undefined : 'Display P3')
    }
  })
})

describe('rewriting', () => {
  const orientations = [1, 2, 3, 4, 5, 6, 7, 8]

  it.each(orientations.flatMap((orientation) => writableFormats.map((format) => [orientation, format] as const)))(
    'writes orientation %i upright as %s, and says so nowhere any more',
    async (orientation, format) => {
      const original = withExif(await quarters(64, 32).jpeg({ quality: 95 }).toBuffer(), [[274, orientation]])
      const shown = await render(original)
      const anew = await rewrite(original, { format, quality: 95, metadata: 'keep' })
      const [width, height] = orientation < 5 ? [64, 32] : [32, 64]
      expect(anew).toMatchObject({ width, height, intent: { orientation } })
      const found = await render(anew.data)
      expect(found).toMatchObject({ width, height, intent: { orientation: 1 } })
      const as = { width, height, fit: 'fill', as: 'rgb' } as const
      expect(farthest(quartersSeen(await found.pixels(as)), quartersSeen(await shown.pixels(as)))).toBeLessThan(16)
    },
  )

  const sizes: readonly (readonly [Partial<ResizeOptions>, number, number])[] = [
    [{ width: 80 }, 80, 60],
    [{ height: 30 }, 40, 30],
    [{ width: 50, height: 50 }, 50, 38],
    [{ width: 50, height: 50, fit: 'outside' }, 67, 50],
    [{ width: 50, height: 50, fit: 'cover' }, 50, 50],
    [{ width: 50, height: 50, fit: 'cover', focus: 'attention' }, 50, 50],
    [{ width: 50, height: 50, fit: 'contain' }, 50, 50],
    [{ width: 50, height: 50, fit: 'fill' }, 50, 50],
    [{ width: 500 }, 160, 120],
    [{ width: 320, enlarge: true }, 320, 240],
    [{ width: 200, height: 300, fit: 'contain' }, 200, 300],
    [{ width: 400, height: 400, fit: 'cover' }, 120, 120],
  ]

  it.each(sizes)('brings 160×120 by %j to %i×%i, turned pictures alike', async (given, width, height) => {
    const resize = { fit: 'inside', focus: 'centre', enlarge: false, ...given } as const
    const upright = await quarters(160, 120).jpeg().toBuffer()
    const turned = withExif(await quarters(120, 160).jpeg().toBuffer(), [[274, 6]])
    for (const original of [upright, turned]) {
      const anew = await rewrite(original, { format: 'webp', resize })
      expect(anew).toMatchObject({ width, height })
      expect(await sharp(anew.data).metadata()).toMatchObject({ width, height })
    }
  })

  it('puts a border of the colour that is asked, clear when none is, white where nothing can be clear', async () => {
    const original = await quarters(40, 40).jpeg().toBuffer()
    const corner = async (format: 'png' | 'jpeg', background?: string) => {
      const resize = { width: 80, height: 40, fit: 'contain', focus: 'centre', enlarge: false } as const
      const anew = await rewrite(original, { format, resize: { ...resize, ...(background ? { background } : {}) } })
      const picture = await render(anew.data)
      const { data } = await picture.pixels({ width: 80, height: 40, fit: 'fill', as: 'rgba' })
      return [...data.subarray(0, 4)]
    }
    expect(await corner('png')).toEqual([0, 0, 0, 0])
    expect(await corner('png', '#102030')).toEqual([16, 32, 48, 255])
    expect(await corner('png', '#10203080')).toEqual([16, 32, 48, 128])
    expect(await corner('jpeg')).toEqual([255, 255, 255, 255])
    expect((await corner('jpeg', '#ff0000')).map((value) => Math.round(value / 25))).toEqual([10, 0, 0, 10])
    expect((await corner('jpeg', '#00000080'))[0]).toBeGreaterThan(110)
  })

  it('gives the border of a grey picture its colour', async () => {
    const original = await sharp(await quarters(40, 40).png().toBuffer())
      .toColourspace('b-w')
      .png()
      .toBuffer()
    const resize = { width: 80, height: 40, fit: 'contain', focus: 'centre', enlarge: false } as const
    const red = await rewrite(original, { resize: { ...resize, background: '#ff0000' } })
    const white = await rewrite(original, { resize: { ...resize, background: '#ffffff' } })
    expect([...(await codedSamples(red.data)).subarray(0, 3)]).toEqual([255, 0, 0])
    expect(await sharp(white.data).metadata()).toMatchObject({ space: 'b-w', channels: 1 })
  })

  it('shows the preview of a raw file, turned once', async () => {
    const preview = await quarters(64, 32).jpeg({ quality: 95 }).toBuffer()
    const anew = await rewrite(rawWith(preview, 6), { format: 'jpeg', quality: 95 })
    expect(anew).toMatchObject({ width: 32, height: 64, intent: { orientation: 6, source: 'embedded preview' } })
    const { data } = await (await render(anew.data)).pixels({ width: 32, height: 64, fit: 'fill', as: 'rgb' })
    const [one, two, three, four] = quarterColours
    expect(farthest(quartersSeen({ data, width: 32, height: 64 }), [three, one, four, two])).toBeLessThan(20)
  })

  it('draws what SVG draws, with its transparency', async () => {
    const svg =
      '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="20" height="20" fill="#0f0"/></svg>'
    const anew = await rewrite(Buffer.from(svg), { format: 'webp', lossless: true })
    const data = await codedSamples(anew.data)
    expect([...data.subarray(0, 4), data[4 * 30 + 3]]).toEqual([0, 255, 0, 255, 0])
  })

  it('shows what is left of a damaged file, and says so', async () => {
    const jpeg = await photo(400, 300).jpeg().toBuffer()
    const png = await photo(400, 300).png().toBuffer()
    for (const original of [truncated(jpeg, 0.6), truncated(png, 0.6)]) {
      expect(await rewrite(original, { format: 'webp' })).toMatchObject({
        width: 400,
        height: 300,
        damage: 'the picture data ends early',
      })
    }
    const garbled = Buffer.from(jpeg)
    garbled.fill(0x5a, jpeg.length >> 1, (jpeg.length >> 1) + 400)
    expect((await rewrite(garbled, { format: 'webp' })).damage).toMatch(/garbled/)
    const webp = await photo(400, 300).webp().toBuffer()
    await expect(rewrite(truncated(webp, 0.5), { format: 'png' })).rejects.toMatchObject({ code: 'MEDIA_DAMAGED' })
  })

  it('refuses what declares too many pixels before it is decoded', async () => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="30000" height="30000"/>'
    await expect(rewrite(Buffer.from(svg))).rejects.toMatchObject({ code: 'INPUT_TOO_LARGE' })
  })

  it('refuses a size that the format can not hold, and takes it when it is resized', async () => {
    const wide = await sharp({ create: { width: 17_000, height: 4, channels: 3, background: '#888' } })
      .png()
      .toBuffer()
    await expect(rewrite(wide, { format: 'webp' })).rejects.toMatchObject({ code: 'PARAMS_INVALID' })
    const resize = { width: 100, fit: 'inside', focus: 'centre', enlarge: false } as const
    expect(await rewrite(wide, { format: 'webp', resize })).toMatchObject({ width: 100, height: 1 })
  })

  it('gives the same bytes for the same file', async () => {
    const original = withExif(await photo(200, 150).jpeg().toBuffer(), [[274, 6]])
    for (const format of writableFormats) {
      const [one, other] = [
        await rewrite(original, { format, metadata: 'keep' }),
        await rewrite(original, { format, metadata: 'keep' }),
      ]
      expect(one.data.equals(other.data), format).toBe(true)
    }
  })
})
