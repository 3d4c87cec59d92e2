import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { noFiles } from '../../test/support/operation-io.ts'
import { fileOf, photo, quarters, truncated, withExif } from '../../test/support/pictures.ts'
import { openMedia } from '../media/open.ts'
import type { ArtifactDraft, OperationIo } from './operation.ts'
import { pictureThumbnail } from './picture-thumbnail.ts'

interface Kept extends ArtifactDraft {
  readonly content: Uint8Array
}

async function run(content: Buffer, params: object = {}) {
  const media = await openMedia(fileOf('source', content))
  const kept: Kept[] = []
  const io: OperationIo = {
    signal: new AbortController().signal,
    artifact: async (draft, bytes) => void kept.push({ ...draft, content: bytes }),
    ...noFiles,
    progress: () => undefined,
  }
  const result = await pictureThumbnail.run(media, pictureThumbnail.params.parse(params), io)
  pictureThumbnail.result.parse(result)
  return { result, kept, counts: media.counts }
}

describe('thumbnail of a picture', () => {
  it('is a WebP of 250 pixels when nothing else is asked', async () => {
    const { result, kept } = await run(await photo(1000, 500).jpeg().toBuffer())
    expect(result).toMatchObject({ width: 250, height: 125, format: 'webp', quality: 80 })
    expect(kept).toMatchObject([{ role: 'thumbnail', format: 'webp', width: 250, height: 125 }])
    const found = await sharp(kept[0]?.content).metadata()
    expect(found).toMatchObject({ format: 'webp', width: 250, height: 125 })
    expect(result.bytes).toBe(kept[0]?.content.length)
  })

  it.each([
    ['jpeg', 'jpeg'],
    ['png', 'png'],
    ['avif', 'heif'],
  ])('is a %s when asked', async (format, found) => {
    const { kept } = await run(await photo(400, 300).jpeg().toBuffer(), { format, edge: 100 })
    expect(await sharp(kept[0]?.content).metadata()).toMatchObject({ format: found, width: 100, height: 75 })
  })

  it('carries no metadata of the original, a place least of all', async () => {
    const tagged = await photo(400, 300)
      .withExif({ IFD3: { GPSLatitude: '48/1 8/1 0/1' } })
      .jpeg()
      .toBuffer()
    const { kept } = await run(tagged, { format: 'jpeg' })
    const { exif, icc, xmp, iptc } = await sharp(kept[0]?.content).metadata()
    expect([exif, icc, xmp, iptc]).toEqual([undefined, undefined, undefined, undefined])
  })

  it('is upright, and tells by which orientation', async () => {
    const { result } = await run(withExif(await quarters(400, 200).jpeg().toBuffer(), [[274, 8]]))
    expect(result).toMatchObject({ width: 125, height: 250, intent: { orientation: 8, orientationFrom: 'exif' } })
  })

  it('is never larger than the original', async () => {
    expect((await run(await quarters(60, 40).png().toBuffer())).result).toMatchObject({ width: 60, height: 40 })
  })

  it('fills a square from enough pixels, with one decode', async () => {
    const { result, counts } = await run(await photo(2000, 500).jpeg().toBuffer(), { fit: 'cover', edge: 400 })
    expect(result).toMatchObject({ width: 400, height: 400 })
    expect(counts.pictureDecodes).toBe(1)
  })

  it('cuts the square where most is to be seen', async () => {
    const left = await photo(200, 200).png().toBuffer()
    const wide = sharp({ create: { width: 800, height: 200, channels: 3, background: '#888' } })
    const content = await wide
      .composite([{ input: left, left: 600, top: 0 }])
      .png()
      .toBuffer()
    const { kept } = await run(content, { fit: 'cover', edge: 200, focus: 'entropy', format: 'png' })
    const { channels } = await sharp(kept[0]?.content).stats()
    expect(channels[0]?.stdev).toBeGreaterThan(10)
  })

  it('shows what is left of a damaged file, and says so', async () => {
    const { result, kept } = await run(truncated(await photo().jpeg().toBuffer(), 0.6))
    expect(result.damaged).toBe('the picture data ends early')
    expect(kept).toHaveLength(1)
  })

  it('takes the name preview when asked', async () => {
    const { kept } = await run(await photo().jpeg().toBuffer(), { role: 'preview', edge: 320, format: 'jpeg' })
    expect(kept).toMatchObject([{ role: 'preview', width: 320 }])
  })

  it.each([{ edge: 0 }, { edge: 1.5 }, { format: 'bmp' }, { quality: 101 }, { fit: 'fill' }])(
    'refuses %j before anything is opened',
    (params) => {
      expect(pictureThumbnail.params.safeParse(params).success).toBe(false)
    },
  )
})
