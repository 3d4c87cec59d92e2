import sharp, { type Sharp } from 'sharp'
import { describe, expect, it } from 'vitest'
import { coded, spaces, srgbOf, srgbOfLab, type Triple } from '../support/colours.ts'
import { box, farthest, withSegment } from '../support/pictures.ts'
import {
  avifWith,
  exifOfInterop,
  jpegWithIcc,
  pngChunk,
  pngWithIcc,
  tiffOf,
  webpWith,
  withChunks,
} from '../support/pixel-formats.ts'
import { cmykProfile, greyProfile, rgbProfile } from '../support/profiles.ts'
import { farthestDeltaE, render, seenStripes, stripes, stripesOf } from '../support/rendering.ts'

/** Colours that a screen can show, in every space used here: dull, light, dark, and some on the edge. */
const patches: readonly Triple[] = [
  [0, 0, 0],
  [255, 255, 255],
  [128, 128, 128],
  [20, 20, 20],
  [200, 120, 100],
  [110, 150, 90],
  [90, 110, 170],
  [230, 220, 140],
  [60, 30, 40],
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
]

/** Pictures of stripes in a format, with a profile put in and nothing converted. */
const taggers: Record<string, (image: Sharp, icc: Buffer) => Promise<Buffer>> = {
  png: async (image, icc) => pngWithIcc(await image.png().toBuffer(), icc),
  jpeg: async (image, icc) =>
    jpegWithIcc(await image.jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer(), icc),
  webp: async (image, icc) => {
    const { data, info } = await image.webp({ lossless: true }).toBuffer({ resolveWithObject: true })
    return webpWith(data, { width: info.width, height: info.height, icc })
  },
  tiff: async (image, icc) => {
    const { data, info } = await image.raw().toBuffer({ resolveWithObject: true })
    return tiffOf({ ...info, data, photometric: 2, icc })
  },
  avif: async (image, icc) => {
    const profile = box('colr', Buffer.from('prof'), icc)
    return avifWith(await image.avif({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer(), profile)
  },
}

describe('profiles', () => {
  for (const [format, tag] of Object.entries(taggers)) {
    it.each(Object.values(spaces))(`shows $name in a ${format} as it is meant`, async (space) => {
      const picture = await render(await tag(stripes(patches), rgbProfile(space)))
      expect(picture.intent.profile).toBe(space.name)
      expect(
        farthestDeltaE(
          await seenStripes(picture),
          patches.map((colour) => srgbOf(space, colour)),
        ),
      ).toBeLessThan(2)
    })
  }

  it.each(Object.values(spaces))('shows 16 bits of $name as they are meant', async (space) => {
    const expected = patches.map((colour) => srgbOf(space, colour))
    const deep = patches.map((colour) => colour.map((value) => value * 257))
    const png = pngWithIcc(await stripes(deep, 16).toColourspace('rgb16').png().toBuffer(), rgbProfile(space))
    const tiff = tiffOf({ ...stripesOf(deep, Uint16Array), photometric: 2, icc: rgbProfile(space) })
    for (const content of [png, tiff]) {
      expect((await sharp(content).metadata()).depth).toBe('ushort')
      expect(farthestDeltaE(await seenStripes(await render(content)), expected)).toBeLessThan(2)
    }
  })

  it('shows colours of a profile beside alpha, which stays', async () => {
    const colours = patches.map((colour, index) => [...colour, 255 - 10 * index])
    const content = pngWithIcc(await stripes(colours).png().toBuffer(), rgbProfile(spaces.adobeRgb))
    const seen = await seenStripes(await render(content), 'rgba')
    const expected = patches.map((colour) => srgbOf(spaces.adobeRgb, colour))
    expect(farthestDeltaE(seen, expected)).toBeLessThan(2)
    expect(seen.map((colour) => colour[3])).toEqual(colours.map((colour) => colour[3]))
  })

  it('shows the same colours when the picture is made smaller', async () => {
    const content = pngWithIcc(
      await stripes(patches).resize(1920, 160, { kernel: 'nearest', fit: 'fill' }).png().toBuffer(),
      rgbProfile(spaces.proPhoto),
    )
    const seen = await seenStripes(await render(content, 192))
    expect(
      farthestDeltaE(
        seen,
        patches.map((colour) => srgbOf(spaces.proPhoto, colour)),
      ),
    ).toBeLessThan(2)
  })

  it('shows the Adobe RGB that a camera names in its EXIF without a profile', async () => {
    const jpeg = await stripes(patches).jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer()
    const named = async (index: string) =>
      render(withSegment(jpeg, 0xe1, Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), exifOfInterop(index)])))
    const picture = await named('R03')
    expect(picture.intent.profile).toBe('Adobe RGB (1998)')
    const expected = patches.map((colour) => srgbOf(spaces.adobeRgb, colour))
    expect(farthestDeltaE(await seenStripes(picture), expected)).toBeLessThan(2)
    const usual = await named('R98')
    expect(usual.intent.profile).toBe('untagged')
    expect(farthestDeltaE(await seenStripes(usual), patches)).toBeLessThan(2)
  })

  it.each([1, 1 / 1.8])('shows a PNG by its gamma of %f when it says no more', async (exponent) => {
    const gama = Buffer.alloc(4)
    gama.writeUInt32BE(Math.round(exponent * 100_000))
    const png = await stripes(patches).png().toBuffer()
    const space = { ...spaces.srgb, toLight: (value: number) => value ** (1 / exponent) }
    const picture = await render(withChunks(png, pngChunk('gAMA', gama)))
    expect(picture.intent.profile).toMatch(/gamma/)
    const expected = patches.map((colour) => srgbOf(space, colour))
    expect(farthestDeltaE(await seenStripes(picture), expected)).toBeLessThan(2)
    const named = await render(withChunks(png, pngChunk('sRGB', Buffer.from([0])), pngChunk('gAMA', gama)))
    expect(await seenStripes(named)).toEqual(patches)
  })

  it('takes the gamma of nearly all PNGs for that of sRGB', async () => {
    const gama = Buffer.from([0, 0, 0xb1, 0x8f])
    const picture = await render(withChunks(await stripes(patches).png().toBuffer(), pngChunk('gAMA', gama)))
    expect(picture.intent.profile).toBe('untagged')
    expect(await seenStripes(picture)).toEqual(patches)
  })

  it('shows grey by its curve', async () => {
    const greys = [0, 30, 64, 100, 128, 180, 220, 255]
    const gamma = greyProfile('Gamma 1.8', (value) => value ** 1.8)
    const expected = greys.map((grey) => coded([(grey / 255) ** 1.8, (grey / 255) ** 1.8, (grey / 255) ** 1.8]))
    const single = greys.map((grey) => [grey])
    const jpeg = jpegWithIcc(await stripes(single).toColourspace('b-w').jpeg({ quality: 100 }).toBuffer(), gamma)
    const png = pngWithIcc(await stripes(single).toColourspace('b-w').png().toBuffer(), gamma)
    const deep = tiffOf({
      ...stripesOf(
        greys.map((grey) => [grey * 257]),
        Uint16Array,
      ),
      photometric: 1,
      icc: gamma,
    })
    for (const content of [jpeg, png, deep]) {
      const picture = await render(content)
      expect(picture.intent.profile).toBe('Gamma 1.8')
      expect(farthestDeltaE(await seenStripes(picture), expected)).toBeLessThan(2)
    }
  })

  it('shows grey with the profile of a colour space by the curve of that', async () => {
    const greys = [0, 30, 64, 100, 128, 180, 220, 255]
    const space = { ...spaces.proPhoto, toLight: (value: number) => value ** 1.4 }
    const expected = greys.map((grey) => srgbOf(space, [grey, grey, grey]))
    const jpeg = await stripes(greys.map((grey) => [grey]))
      .toColourspace('b-w')
      .jpeg({ quality: 100 })
      .toBuffer()
    expect(
      farthestDeltaE(await seenStripes(await render(jpegWithIcc(jpeg, rgbProfile(space)))), expected),
    ).toBeLessThan(2)
  })

  it('shows grey beside alpha', async () => {
    const colours = [
      [0, 255],
      [80, 200],
      [128, 128],
      [200, 60],
      [255, 255],
    ]
    const picture = await render(await stripes(colours).toColourspace('b-w').png().toBuffer())
    expect(picture.hasAlpha).toBe(true)
    const seen = await seenStripes(picture, 'rgba')
    expect(seen).toEqual(colours.map(([grey = 0, alpha = 0]) => [grey, grey, grey, alpha]))
  })
})

describe('ink', () => {
  /** The four inks of each stripe, cyan, magenta, yellow, black: none, one, or two of them. */
  const overprints = [0, 8, 4, 2, 1, 12, 6, 10]
  const inks = overprints.map((bits) => [8, 4, 2, 1].map((bit) => (bits & bit ? 255 : 0)))
  /** A press unlike any real one, so that only its own profile gives these colours. */
  const press = (bits: number): Triple => {
    if (bits & 1) return [0, 0, 0]
    const [cyan, magenta, yellow] = [8, 4, 2].map((bit) => (bits & bit ? 1 : 0)) as [number, number, number]
    return [100 - 25 * cyan - 30 * magenta - 5 * yellow, 30 * magenta - 18 * cyan, 40 * yellow - 20 * cyan]
  }
  const expected = overprints.map((bits) => srgbOfLab(press(bits)))
  const icc = cmykProfile('A press of tests', press)
  const plain = tiffOf({ ...stripesOf(inks, Uint8Array), photometric: 5 })
  const jpeg = async (): Promise<Buffer> =>
    sharp(plain)
      .pipelineColourspace('cmyk')
      .toColourspace('cmyk')
      .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
      .toBuffer()

  it('shows a CMYK TIFF by its profile', async () => {
    const picture = await render(tiffOf({ ...stripesOf(inks, Uint8Array), photometric: 5, icc }))
    expect(picture.intent.profile).toBe('A press of tests')
    expect(farthestDeltaE(await seenStripes(picture), expected)).toBeLessThan(2)
  })

  it('shows a CMYK JPEG, whose inks Adobe writes inverted, by its profile', async () => {
    const adobe = await jpeg()
    expect(adobe.includes('Adobe')).toBe(true)
    const picture = await render(jpegWithIcc(adobe, icc))
    expect(picture.intent.profile).toBe('A press of tests')
    expect(farthestDeltaE(await seenStripes(picture), expected)).toBeLessThan(3)
  })

  it('shows CMYK without a profile as ink on paper', async () => {
    for (const content of [plain, await jpeg()]) {
      const picture = await render(content)
      expect(picture.intent.profile).toBe('CMYK')
      const seen = await seenStripes(picture)
      // No more can be asked of an unknown press than what everyone calls these inks and their overprints.
      const names = [
        [255, 255, 255],
        [0, 160, 230],
        [230, 0, 130],
        [255, 240, 0],
        [30, 25, 25],
        [50, 40, 130],
        [230, 20, 20],
        [0, 150, 70],
      ]
      expect(farthest(seen, names)).toBeLessThan(45)
      expect(farthest(seen.slice(0, 1), [[255, 255, 255]])).toBeLessThan(3)
    }
  })
})

describe('Lab', () => {
  const labs: readonly Triple[] = [
    [0, 0, 0],
    [100, 0, 0],
    [50, 0, 0],
    [60, 40, 20],
    [60, -40, 20],
    [40, 20, -40],
    [80, 3, -3],
  ]
  const expected = labs.map(srgbOfLab)
  const bytes = labs.map(([lightness, a, b]) => [Math.round(lightness * 2.55), a & 255, b & 255])
  const words = labs.map(([lightness, a, b]) => [Math.round(lightness * 655.35), (a * 256) & 65535, (b * 256) & 65535])

  it('shows 8 bits of it', async () => {
    const picture = await render(tiffOf({ ...stripesOf(bytes, Uint8Array), photometric: 8 }))
    expect(picture.intent.profile).toBe('CIELab')
    expect(farthestDeltaE(await seenStripes(picture), expected)).toBeLessThan(2)
  })

  it('shows 16 bits of it', async () => {
    const picture = await render(tiffOf({ ...stripesOf(words, Uint16Array), photometric: 8 }))
    expect(picture.intent.profile).toBe('CIELab')
    expect(farthestDeltaE(await seenStripes(picture), expected)).toBeLessThan(2)
  })

  it('keeps neutral colours neutral when the picture is made smaller', async () => {
    const near = Array.from({ length: 64 }, (_, index) => [128, index % 2 === 0 ? 255 : 1, 0])
    const picture = await render(tiffOf({ ...stripesOf(near, Uint8Array), photometric: 8 }), 64)
    const { data } = await picture.pixels({ width: 64, height: 1, fit: 'fill', as: 'rgb' })
    for (let at = 0; at < data.length; at += 3)
      expect(Math.max(...data.subarray(at, at + 3)) - Math.min(...data.subarray(at, at + 3))).toBeLessThan(8)
  })
})

describe('formats that sharp lacks', () => {
  it('show a JPEG XL without loss as the picture that it was written from', async () => {
    const original = await render(await stripes(patches).png().toBuffer())
    const { data } = await original.write({ format: 'jxl', lossless: true })
    expect(data.subarray(0, 2).toString('hex') === 'ff0a' || data.includes('JXL ')).toBe(true)
    expect(await seenStripes(await render(data))).toEqual(patches)
  })

  it('show a bitmap as it is', async () => {
    const { data, width, height } = stripesOf(patches, Uint8Array)
    const head = Buffer.alloc(54)
    head.write('BM', 'latin1')
    head.writeUInt32LE(54 + data.length, 2)
    head.writeUInt32LE(54, 10)
    head.writeUInt32LE(40, 14)
    head.writeInt32LE(width, 18)
    head.writeInt32LE(-height, 22)
    head.writeUInt16LE(1, 26)
    head.writeUInt16LE(24, 28)
    for (let at = 0; at < data.length; at += 3) data.subarray(at, at + 3).reverse()
    expect(await seenStripes(await render(Buffer.concat([head, data])))).toEqual(patches)
  })
})

describe('depth', () => {
  it('shows float colours as light', async () => {
    const light = [0, 0.01, 0.1, 0.25, 0.5, 0.75, 1]
    const colours = light.map((value) => [value, value / 2, 0])
    const picture = await render(tiffOf({ ...stripesOf(colours, Float32Array), photometric: 2 }))
    const expected = light.map((value) => coded([value, value / 2, 0]))
    expect(farthestDeltaE(await seenStripes(picture), expected)).toBeLessThan(2)
  })
})
