import { truncateSync } from 'node:fs'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import {
  exifOf,
  farthest,
  fileOf,
  photo,
  quarterColours,
  quarters,
  quartersSeen,
  rawWith,
  truncated,
  withExif,
} from '../../../test/support/pictures.ts'
import { MiB } from '../../units.ts'
import { openMedia } from '../open.ts'
import type { Picture } from '../picture.ts'
import { pictureOf } from './raster.ts'

let number = 0
async function decode(content: Buffer, edge?: number): Promise<Picture> {
  const media = await openMedia(fileOf(`picture-${number++}`, content))
  return media.picture(edge === undefined ? {} : { edge })
}

async function seen(picture: Picture): Promise<number[][]> {
  const { width, height } = picture
  return quartersSeen(await picture.pixels({ width, height, fit: 'fill', as: 'rgb' }))
}

/** For each EXIF orientation, which of the stored quarters is seen top left, top right, bottom left, bottom right. */
const turns = [
  [0, 1, 2, 3],
  [1, 0, 3, 2],
  [3, 2, 1, 0],
  [2, 3, 0, 1],
  [0, 2, 1, 3],
  [2, 0, 3, 1],
  [3, 1, 2, 0],
  [1, 3, 0, 2],
]

describe('orientation', () => {
  it.each(turns.map((places, index) => ({ orientation: index + 1, places })))(
    'turns a JPEG of EXIF orientation $orientation upright',
    async ({ orientation, places }) => {
      const jpeg = await quarters(96, 64).jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer()
      const picture = await decode(withExif(jpeg, [[274, orientation]]))
      expect([picture.width, picture.height]).toEqual(orientation < 5 ? [96, 64] : [64, 96])
      expect(
        farthest(
          await seen(picture),
          places.map((place) => [...(quarterColours[place] ?? [])]),
        ),
      ).toBeLessThan(6)
      expect(picture.intent.orientation).toBe(orientation)
    },
  )

  it.each(turns.map((places, index) => ({ orientation: index + 1, places })))(
    'turns the preview of a raw file of orientation $orientation once, whatever the preview says itself',
    async ({ orientation, places }) => {
      const jpeg = await quarters(96, 64).jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer()
      const expected = places.map((place) => [...(quarterColours[place] ?? [])])
      for (const preview of [jpeg, withExif(jpeg, [[274, orientation]])]) {
        const picture = await decode(rawWith(preview, orientation))
        expect(farthest(await seen(picture), expected)).toBeLessThan(6)
        expect(picture.intent).toMatchObject({ orientation, source: 'embedded preview' })
      }
    },
  )

  it('finds the preview of a raw file that is too large to be held', async () => {
    const jpeg = await quarters(96, 64).jpeg().toBuffer()
    const path = fileOf('large.dng', rawWith(jpeg, 6))
    truncateSync(path, 65 * MiB)
    const media = await openMedia(path)
    expect(media.identity).toMatchObject({ format: 'raw', width: 3000, height: 4000 })
    const picture = await media.picture()
    expect([picture.width, picture.height]).toEqual([64, 96])
  })

  it.each([0, 9, 99])('takes orientation %i, which does not exist, for upright', async (orientation) => {
    const jpeg = await quarters(96, 64).jpeg().toBuffer()
    const picture = await decode(withExif(jpeg, [[274, orientation]]))
    expect([picture.width, picture.intent.orientation]).toEqual([96, 1])
  })

  it('turns PNG and WebP by their EXIF too', async () => {
    const stored = quarters(96, 64).withMetadata({ orientation: 6 })
    for (const format of ['png', 'webp'] as const) {
      const picture = await decode(await stored.clone().toFormat(format, { lossless: true }).toBuffer())
      expect([picture.width, picture.height]).toEqual([64, 96])
    }
  })
})

describe('colour', () => {
  const expected = quarterColours.map((colour) => [...colour])

  it.each(['srgb', 'p3'])('shows a picture with the profile %s in its true colours', async (profile) => {
    for (const format of ['jpeg', 'png', 'webp', 'tiff'] as const) {
      const options = { quality: 100, chromaSubsampling: '4:4:4', compression: 'none' }
      const content = await quarters(96, 64).withIccProfile(profile).toFormat(format, options).toBuffer()
      const picture = await decode(content)
      // WebP has only subsampled colour.
      expect(farthest(await seen(picture), expected), format).toBeLessThan(format === 'webp' ? 20 : 6)
      expect(picture.intent.profile).toMatch(profile === 'p3' ? /P3/ : /sRGB/)
    }
  })

  it('brings CMYK to sRGB by its profile', async () => {
    const brown = { r: 150, g: 120, b: 100 }
    const plain = sharp({ create: { width: 40, height: 40, channels: 3, background: brown } })
    const content = await plain.toColourspace('cmyk').withIccProfile('cmyk').jpeg({ quality: 100 }).toBuffer()
    expect((await sharp(content).metadata()).space).toBe('cmyk')
    const picture = await decode(content)
    expect(farthest(await seen(picture), Array(4).fill([150, 120, 100]))).toBeLessThan(24)
    expect(picture.intent.profile).not.toBe('untagged')
  })

  it('brings 16 bits down to 8', async () => {
    const content = await quarters(96, 64).toColourspace('rgb16').png().toBuffer()
    expect((await sharp(content).metadata()).depth).toBe('ushort')
    expect(farthest(await seen(await decode(content)), expected)).toBeLessThan(3)
  })

  it('shows grey as grey', async () => {
    const content = await quarters(96, 64).greyscale().jpeg({ quality: 100 }).toBuffer()
    const [first = []] = await seen(await decode(content))
    expect(new Set(first).size).toBe(1)
  })

  it('keeps alpha where the new format has it, and lays it over white where it has not', async () => {
    const half = { r: 200, g: 0, b: 0, alpha: 0 }
    const content = await sharp({ create: { width: 40, height: 40, channels: 4, background: half } })
      .png()
      .toBuffer()
    const picture = await decode(content)
    expect(picture.hasAlpha).toBe(true)
    const options = { edge: 20, fit: 'inside', focus: 'centre', quality: 90 } as const
    const webp = await picture.encode({ ...options, format: 'webp' })
    expect((await sharp(webp.data).metadata()).hasAlpha).toBe(true)
    const jpeg = await picture.encode({ ...options, format: 'jpeg' })
    const [red, green, blue] = await sharp(jpeg.data).raw().toBuffer()
    expect([red, green, blue]).toEqual([255, 255, 255])
  })
})

describe('sizes', () => {
  const options = { focus: 'centre', quality: 80, format: 'webp' } as const

  it('never enlarges', async () => {
    const picture = await decode(await quarters(60, 40).png().toBuffer())
    expect(await picture.encode({ ...options, edge: 500, fit: 'inside' })).toMatchObject({ width: 60, height: 40 })
    expect(await picture.encode({ ...options, edge: 500, fit: 'cover' })).toMatchObject({ width: 40, height: 40 })
    expect(await picture.encode({ ...options, edge: 500, fit: 'contain' })).toMatchObject({ width: 60, height: 60 })
  })

  it('keeps the aspect inside, cuts a square, and fills one up', async () => {
    const picture = await decode(await quarters(600, 300).png().toBuffer())
    expect(await picture.encode({ ...options, edge: 100, fit: 'inside' })).toMatchObject({ width: 100, height: 50 })
    expect(await picture.encode({ ...options, edge: 100, fit: 'cover' })).toMatchObject({ width: 100, height: 100 })
    const contained = await picture.encode({ ...options, edge: 100, fit: 'contain' })
    expect(contained).toMatchObject({ width: 100, height: 100 })
    const { data } = await sharp(contained.data).raw().toBuffer({ resolveWithObject: true })
    expect(data[3], 'transparent above the picture').toBe(0)
  })

  it('never makes a side of a very long picture vanish', async () => {
    const picture = await decode(await quarters(2000, 2).png().toBuffer())
    expect(await picture.encode({ ...options, edge: 250, fit: 'inside' })).toMatchObject({ width: 250, height: 1 })
  })

  it('gives the same tiny pixels whether or not a thumbnail was made before', async () => {
    const content = await photo(1200, 900).jpeg().toBuffer()
    const want = { width: 32, height: 32, fit: 'fill', as: 'grey' } as const
    const alone = await (await decode(content, 1440)).pixels(want)
    const after = await decode(content, 1440)
    await after.encode({ ...options, edge: 250, fit: 'inside' })
    expect((await after.pixels(want)).data.equals(alone.data)).toBe(true)
  })
})

describe('memory', () => {
  it('of pixels is given back at once when all went well, and never while something may be reading them', async () => {
    for (const isDone of [true, false]) {
      const media = await openMedia(fileOf(`freed-${isDone}.png`, await quarters().png().toBuffer()))
      const { data } = await (await media.picture()).pixels({ width: 9999, height: 9999, fit: 'inside', as: 'rgb' })
      const { length } = data
      expect(length).toBeGreaterThan(0)
      await media.close({ isDone })
      expect(data.length).toBe(isDone ? 0 : length)
    }
  })

  it('that others share stays', () => {
    const shared = Buffer.alloc(8)
    const intent = { orientation: 1, orientationFrom: 'none', profile: 'untagged' } as const
    pictureOf({ data: shared.subarray(0, 3), width: 1, height: 1, channels: 3, intent }).free()
    expect(shared.length).toBe(8)
  })
})

describe('damage', () => {
  it.each([0.5, 0.9])('shows what can be read of a JPEG cut at %f of its bytes, and says so', async (share) => {
    const picture = await decode(truncated(await photo().jpeg().toBuffer(), share))
    expect([picture.width, picture.height]).toEqual([640, 480])
    expect(picture.damage).toBe('the picture data ends early')
  })

  it('notices the zeros of an interrupted copy, which decoders take for data', async () => {
    const jpeg = await photo().jpeg().toBuffer()
    jpeg.fill(0, jpeg.length >> 1)
    expect((await decode(jpeg)).damage).toMatch(/ends early/)
  })

  it('notices wrong bits within a PNG', async () => {
    const png = await photo().png().toBuffer()
    png.fill(0x55, png.length >> 1, (png.length >> 1) + 40)
    expect((await decode(png)).damage).toBeTypeOf('string')
  })

  it('calls nothing damaged that is whole', async () => {
    const whole = [
      await photo().jpeg().toBuffer(),
      await photo().jpeg({ progressive: true }).toBuffer(),
      Buffer.concat([await photo().jpeg().toBuffer(), Buffer.from('a film follows')]),
      await photo().png().toBuffer(),
      await photo().webp().toBuffer(),
      await quarters().gif().toBuffer(),
      await photo().tiff().toBuffer(),
      await photo(64, 64).avif().toBuffer(),
    ]
    for (const content of whole) expect((await decode(content)).damage).toBeUndefined()
  })

  it('says NO_PICTURE of a raw file without a preview', async () => {
    const raw = exifOf([
      [256, 10],
      [257, 10],
      [262, 32803],
      [50706, 1],
    ])
    await expect(decode(raw)).rejects.toMatchObject({ code: 'NO_PICTURE' })
  })
})

describe('SVG', () => {
  it('is drawn at its own size', async () => {
    const svg =
      '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="40" height="20" fill="#f00"/></svg>'
    const picture = await decode(Buffer.from(svg))
    expect([picture.width, picture.height]).toEqual([40, 20])
    expect((await seen(picture))[0]).toEqual([255, 0, 0])
  })

  it('reads no other file', async () => {
    const red = await sharp({ create: { width: 20, height: 20, channels: 3, background: '#f00' } })
      .png()
      .toBuffer()
    const other = fileOf('other.png', red)
    const image = `<image href="file://${other}" width="20" height="20"/><image href="other.png" width="20" height="20"/>`
    const picture = await decode(
      Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20">${image}</svg>`),
    )
    const { data } = await picture.pixels({ width: 20, height: 20, fit: 'fill', as: 'rgba' })
    expect(data.every((value) => value === 0)).toBe(true)
  })
})
