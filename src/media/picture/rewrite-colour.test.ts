import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { type RgbSpace, spaces, type Triple } from '../../../test/support/colours.ts'
import { withSegment } from '../../../test/support/pictures.ts'
import {
  avifWith,
  exifOfInterop,
  jpegWithIcc,
  nclx,
  pngChunk,
  pngWithIcc,
  tiffOf,
  withChunks,
} from '../../../test/support/pixel-formats.ts'
import { cmykProfile, greyProfile, rgbProfile } from '../../../test/support/profiles.ts'
import { farthestDeltaE, render, seenStripes, stripes, stripesOf } from '../../../test/support/rendering.ts'
import { codedSamples, rewrite } from '../../../test/support/rewriting.ts'
import { readIcc } from './icc.ts'

/** Colours of a space, all but the first two inside of sRGB. */
const colours: readonly Triple[] = [
  [0.1, 0.9, 0.1],
  [0.9, 0.1, 0.1],
  [0.5, 0.5, 0.5],
  [0.4, 0.5, 0.6],
  [0.6, 0.5, 0.4],
  [1, 1, 1],
]
const bytes = colours.map((colour) => colour.map((value) => Math.round(value * 255)))
const pngIn = async (space: RgbSpace) => pngWithIcc(await stripes(bytes).png().toBuffer(), rgbProfile(space))
const shownOf = async (content: Buffer) => seenStripes(await render(content))
const nameIn = async (content: Buffer): Promise<string | undefined> => {
  const { icc } = await sharp(content).metadata()
  return icc && readIcc(icc)?.name
}

describe('rewriting colours', () => {
  const wide = [spaces.displayP3, spaces.adobeRgb, spaces.proPhoto]
  const holding = ['jpeg', 'png', 'webp', 'avif', 'tiff'] as const

  it.each(wide.flatMap((space) => holding.map((format) => [space.name, format, space] as const)))(
    'keeps %s in %s: its profile, and the numbers of the pixels',
    async (name, format, space) => {
      const original = await pngIn(space)
      const isLossy = format === 'jpeg'
      const written = await rewrite(original, { format, ...(isLossy ? { quality: 100 } : { lossless: true }) })
      expect(written.profile).toBe(name)
      expect(await nameIn(written.data)).toBe(name)
      const [data, expected] = [await codedSamples(written.data), await codedSamples(original)]
      const far = Math.max(...data.map((value, at) => Math.abs(value - (expected[at] ?? 999))))
      expect(far).toBeLessThanOrEqual(isLossy ? 3 : 0)
      expect(farthestDeltaE(await shownOf(written.data), await shownOf(original))).toBeLessThan(2)
    },
  )

  it.each(wide.map((space) => [space.name, space] as const))('keeps %s in JPEG XL', async (name, space) => {
    const original = await pngIn(space)
    const written = await rewrite(original, { format: 'jxl', lossless: true })
    const found = await render(written.data)
    expect([written.profile, found.intent.profile]).toEqual([name, name])
    expect(farthestDeltaE(await seenStripes(found), await shownOf(original))).toBeLessThan(2)
  })

  it.each(wide.flatMap((space) => ([8, 16] as const).map((depth) => [space.name, depth, space] as const)))(
    'brings %s of %i bits to sRGB where that is asked, or where no profile can be kept',
    async (_, depth, space) => {
      const scale = depth === 8 ? 255 : 65535
      const samples = colours.map((colour) => colour.map((value) => Math.round(value * scale)))
      const image = stripes(samples, depth)
      const png = await (depth === 16 ? image.toColourspace('rgb16') : image).png().toBuffer()
      const original = pngWithIcc(png, rgbProfile(space))
      for (const options of [
        { format: 'png', color: 'srgb' },
        { format: 'webp', color: 'srgb', lossless: true },
        { format: 'gif' },
      ] as const) {
        const written = await rewrite(original, options)
        expect(written).not.toHaveProperty('profile')
        expect(written).toMatchObject({ bitDepth: 8, intent: { profile: space.name } })
        expect(await nameIn(written.data)).toBeUndefined()
        expect(farthestDeltaE(await shownOf(written.data), await shownOf(original))).toBeLessThan(2)
      }
    },
  )

  it('keeps 16 bits together with their profile', async () => {
    const samples = colours.map((colour) => colour.map((value) => Math.round(value * 65535)))
    const png = await stripes(samples, 16).toColourspace('rgb16').png().toBuffer()
    const original = pngWithIcc(png, rgbProfile(spaces.adobeRgb))
    for (const format of ['png', 'tiff'] as const) {
      const written = await rewrite(original, { format })
      expect(written).toMatchObject({ bitDepth: 16, profile: 'Adobe RGB (1998)' })
      expect((await codedSamples(written.data, 'rgb16')).equals(await codedSamples(original, 'rgb16'))).toBe(true)
    }
    const small = await rewrite(original, { format: 'jpeg', quality: 100 })
    expect(small).toMatchObject({ bitDepth: 8, profile: 'Adobe RGB (1998)' })
    expect(farthestDeltaE(await shownOf(small.data), await shownOf(original))).toBeLessThan(2)
  })

  it('shows Adobe RGB rightly that a camera only names', async () => {
    const jpeg = await stripes(bytes).jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer()
    const exif = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), exifOfInterop('R03')])
    const original = withSegment(jpeg, 0xe1, exif)
    expect(farthestDeltaE(await shownOf(original), await shownOf(jpeg))).toBeGreaterThan(5)
    for (const metadata of ['keep', 'strip'] as const) {
      const written = await rewrite(original, { format: 'jpeg', quality: 100, metadata })
      expect(farthestDeltaE(await shownOf(written.data), await shownOf(original))).toBeLessThan(2)
    }
  })

  it('shows greys rightly whose gamma a PNG only names', async () => {
    const gamma = Buffer.alloc(4)
    gamma.writeUInt32BE(Math.round(100_000 / 1.4))
    const grey = await stripes([[30], [120], [220]])
      .toColourspace('b-w')
      .png()
      .toBuffer()
    const original = withChunks(grey, pngChunk('gAMA', gamma))
    expect(farthestDeltaE(await shownOf(original), await shownOf(grey))).toBeGreaterThan(5)
    for (const format of ['png', 'jpeg', 'webp'] as const) {
      const written = await rewrite(original, { format, quality: 100 })
      expect(farthestDeltaE(await shownOf(written.data), await shownOf(original))).toBeLessThan(2)
    }
  })

  it('keeps a grey picture grey, with its profile', async () => {
    const grey = await stripes([[30], [120], [220]])
      .toColourspace('b-w')
      .png()
      .toBuffer()
    const original = pngWithIcc(
      grey,
      greyProfile('Dot Gain 20%', (value) => value ** 1.8),
    )
    const shown = await seenStripes(await render(original))
    for (const format of ['jpeg', 'png', 'tiff'] as const) {
      const written = await rewrite(original, { format, quality: 100 })
      expect(await sharp(written.data).metadata()).toMatchObject({ space: 'b-w', channels: 1 })
      expect(written.profile).toBe('Dot Gain 20%')
      expect(farthestDeltaE(await seenStripes(await render(written.data)), shown)).toBeLessThan(2)
    }
    for (const options of [{ format: 'png', color: 'srgb' }, { format: 'webp' }, { format: 'gif' }] as const) {
      const written = await rewrite(original, options)
      expect(written).not.toHaveProperty('profile')
      expect(farthestDeltaE(await seenStripes(await render(written.data)), shown)).toBeLessThan(3)
    }
  })

  describe('of four inks', () => {
    const inks = [
      [255, 0, 0, 0],
      [0, 255, 255, 0],
      [20, 40, 60, 80],
      [0, 0, 0, 0],
    ]
    const icc = cmykProfile('A press of tests', (bits) => {
      const ink = bits.toString(2).replaceAll('0', '').length
      return [95 - 22 * ink, bits & 8 ? -30 : 10, bits & 2 ? 40 : -10]
    })
    const bare = { ...stripesOf(inks, Uint8Array), photometric: 5 }
    const jpeg = sharp(tiffOf(bare)).pipelineColourspace('cmyk').toColourspace('cmyk').jpeg({ quality: 100 })
    const originals = {
      tiff: async () => tiffOf({ ...bare, icc }),
      'tiff without profile': async () => tiffOf(bare),
      jpeg: async () => jpegWithIcc(await jpeg.toBuffer(), icc),
      'jpeg without profile': () => jpeg.toBuffer(),
    }

    it.each(Object.entries(originals))(
      'stays CMYK from %s to JPEG and TIFF, and becomes sRGB elsewhere',
      async (name, make) => {
        const original = await make()
        expect(await sharp(original).metadata()).toMatchObject({ space: 'cmyk', channels: 4 })
        const shown = await seenStripes(await render(original))
        const hasProfile = !name.includes('without')
        for (const format of ['jpeg', 'tiff'] as const) {
          const written = await rewrite(original, { format, quality: 100 })
          expect(written.profile).toBe(hasProfile ? 'A press of tests' : undefined)
          expect(await sharp(written.data).metadata()).toMatchObject({ space: 'cmyk', channels: 4, hasProfile })
          expect(farthestDeltaE(await seenStripes(await render(written.data)), shown), format).toBeLessThan(2)
        }
        for (const options of [{ format: 'png' }, { format: 'jxl' }, { format: 'jpeg', color: 'srgb' }] as const) {
          const written = await rewrite(original, { ...options, quality: 100 })
          expect(written).not.toHaveProperty('profile')
          const found = await render(written.data)
          expect(found.intent.profile).not.toBe('CMYK')
          expect(farthestDeltaE(await seenStripes(found), shown), options.format).toBeLessThan(3)
        }
      },
    )

    it('becomes sRGB when it gets a border', async () => {
      const resize = { width: 64, height: 40, fit: 'contain', focus: 'centre', enlarge: false } as const
      const written = await rewrite(await originals.jpeg(), { format: 'jpeg', quality: 100, resize })
      expect(await sharp(written.data).metadata()).toMatchObject({ space: 'srgb', channels: 3 })
      const { data } = await (await render(written.data)).pixels({ width: 64, height: 40, fit: 'fill', as: 'rgb' })
      expect([...data.subarray(0, 3)]).toEqual([255, 255, 255])
    })
  })

  it('brings high dynamic range down as the rendering does', async () => {
    const png = await stripes(bytes).png().toBuffer()
    const cicp = withChunks(png, pngChunk('cICP', Buffer.from([9, 16, 0, 1])))
    const avif = avifWith(await stripes(bytes).avif({ lossless: true }).toBuffer(), nclx(9, 18, 0))
    for (const [original, range] of [
      [cicp, 'pq'],
      [avif, 'hlg'],
    ] as const) {
      const shown = await seenStripes(await render(original))
      const written = await rewrite(original, { format: 'webp', lossless: true })
      expect(written).toMatchObject({ bitDepth: 8, intent: { toneMapped: range } })
      expect(await seenStripes(await render(written.data))).toEqual(shown)
    }
  })
})
