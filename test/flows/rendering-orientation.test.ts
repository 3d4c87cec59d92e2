import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { exifOf, farthest, quarterColours, quarters, quartersSeen, withExif } from '../support/pictures.ts'
import { avifWith, imir, irot, pngChunk, webpWith, withChunks } from '../support/pixel-formats.ts'
import { render } from '../support/rendering.ts'

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
].map((places, index) => ({ orientation: index + 1, places }))

const coloursAt = (places: readonly number[]): number[][] => places.map((place) => [...(quarterColours[place] ?? [])])

const quartersOf = async (content: Buffer, edge?: number) => {
  const picture = await render(content, edge)
  const { width, height, intent } = picture
  return { width, height, intent, seen: quartersSeen(await picture.pixels({ width, height, fit: 'fill', as: 'rgb' })) }
}

describe('orientation', () => {
  const exif = (orientation: number): Buffer => exifOf([[274, orientation]])
  const makers: Record<string, (orientation: number) => Promise<Buffer>> = {
    jpeg: async (orientation) =>
      withExif(await quarters(96, 64).jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer(), [
        [274, orientation],
      ]),
    png: async (orientation) => {
      const png = await quarters(96, 64).png().toBuffer()
      return withChunks(png, pngChunk('eXIf', exif(orientation)))
    },
    webp: async (orientation) =>
      webpWith(await quarters(96, 64).webp({ lossless: true }).toBuffer(), {
        width: 96,
        height: 64,
        exif: exif(orientation),
      }),
    tiff: async (orientation) =>
      quarters(96, 64).withMetadata({ orientation }).tiff({ compression: 'none' }).toBuffer(),
  }

  for (const [format, make] of Object.entries(makers)) {
    it.each(turns)(`shows a ${format} of EXIF orientation $orientation upright`, async ({ orientation, places }) => {
      for (const edge of [undefined, 48]) {
        const { width, height, intent, seen } = await quartersOf(await make(orientation), edge)
        const [long, short] = edge === undefined ? [96, 64] : [48, 32]
        expect([width, height]).toEqual(orientation < 5 ? [long, short] : [short, long])
        expect(farthest(seen, coloursAt(places))).toBeLessThan(6)
        expect(intent).toMatchObject({ orientation, orientationFrom: orientation === 1 ? 'none' : 'exif' })
      }
    })
  }

  /** The EXIF orientation that does the same as turning anticlockwise by quarters, then mirroring. */
  const properties = [
    { orientation: 1, boxes: [] },
    { orientation: 2, boxes: [imir('horizontal')] },
    { orientation: 3, boxes: [irot(2)] },
    { orientation: 4, boxes: [imir('vertical')] },
    { orientation: 5, boxes: [irot(1), imir('vertical')] },
    { orientation: 6, boxes: [irot(3)] },
    { orientation: 7, boxes: [irot(3), imir('vertical')] },
    { orientation: 8, boxes: [irot(1)] },
  ]

  it.each(properties)(
    'shows an AVIF turned by its container like EXIF orientation $orientation',
    async ({ orientation, boxes }) => {
      const avif = avifWith(await quarters(96, 64).avif({ quality: 95 }).toBuffer(), ...boxes)
      for (const edge of [undefined, 48]) {
        const { seen, intent } = await quartersOf(avif, edge)
        expect(farthest(seen, coloursAt(turns[orientation - 1]?.places ?? []))).toBeLessThan(12)
        expect(intent).toMatchObject({ orientation, orientationFrom: orientation === 1 ? 'none' : 'container' })
      }
    },
  )

  it.each(properties)(
    'shows a HEIC turned by its container like EXIF orientation $orientation',
    async ({ orientation, boxes }) => {
      const heic = avifWith(await quarters(96, 64).avif({ quality: 95 }).toBuffer(), ...boxes)
      heic.write('heic', 8, 'latin1')
      for (const edge of [undefined, 48]) {
        const { width, seen, intent } = await quartersOf(heic, edge)
        expect(width).toBe((orientation < 5 ? 96 : 64) / (edge === undefined ? 1 : 2))
        expect(farthest(seen, coloursAt(turns[orientation - 1]?.places ?? []))).toBeLessThan(12)
        expect(intent).toMatchObject({ orientation, orientationFrom: orientation === 1 ? 'none' : 'container' })
      }
    },
  )

  it('turns an AVIF by its container only, not by its EXIF as well', async () => {
    const avif = await quarters(96, 64)
      .withExif({ IFD0: { Orientation: '6' } })
      .avif({ quality: 95 })
      .toBuffer()
    expect((await sharp(avif).metadata()).exif).toBeDefined()
    const { width, seen, intent } = await quartersOf(avif)
    expect(width).toBe(96)
    expect(farthest(seen, coloursAt([0, 1, 2, 3]))).toBeLessThan(12)
    expect(intent.orientationFrom).toBe('none')
  })
})
