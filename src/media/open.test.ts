import { chmodSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fileOfFrames, wandering } from '../../test/support/animations.ts'
import { noFiles } from '../../test/support/operation-io.ts'
import { fileOf, photo, quarters, truncated, withExif } from '../../test/support/pictures.ts'
import { analyze } from '../operations/analyze.ts'
import { fingerprint } from '../operations/fingerprint.ts'
import type { OperationIo } from '../operations/operation.ts'
import { pictureThumbnail } from '../operations/picture-thumbnail.ts'
import { placeholder } from '../operations/placeholder.ts'
import type { Media } from './media.ts'
import { openMedia } from './open.ts'
import type { EncodeOptions } from './picture.ts'

const failure = (path: string): Promise<unknown> =>
  openMedia(path).then(
    () => 'opened',
    (error) => error.code,
  )

describe('openMedia', () => {
  it('tells what a picture is, upright, without decoding it', async () => {
    const jpeg = await quarters(64, 32).jpeg().toBuffer()
    const media = await openMedia(fileOf('turned.png', withExif(jpeg, [[274, 6]])))
    expect(media.identity).toMatchObject({ kind: 'picture', format: 'jpeg', width: 32, height: 64 })
    expect(media.identity.contentId).toMatch(/^[0-9a-f]{64}$/)
    expect(media.identity.decodedBytes).toBeGreaterThan(64 * 32 * 3)
    expect(media.counts.pictureDecodes).toBe(0)
  })

  it('counts the frames of pictures that move, JPEG XL left aside', async () => {
    const found = []
    for (const format of ['gif', 'webp', 'avif', 'png', 'jxl'] as const) {
      const media = await openMedia(fileOf(`moving.${format}`, await fileOfFrames(wandering(), format)))
      found.push(media.identity.frames)
      await media.close()
    }
    expect(found).toEqual([4, 4, 4, 4, undefined])
    const pages = await quarters(64, 32).tiff().toBuffer()
    expect((await openMedia(fileOf('still.tiff', pages))).identity).not.toHaveProperty('frames')
  })

  it('names what keeps a file from being opened', async () => {
    expect(await failure('/there/is/no/such/file.jpg')).toBe('FILE_MISSING')
    expect(await failure(fileOf('empty.jpg', ''))).toBe('EMPTY_FILE')
    expect(await failure(fileOf('words.jpg', 'just words'))).toBe('UNSUPPORTED_CONTENT')
    expect(await failure(dirname(fileOf('beside.txt', 'x')))).toBe('FILE_UNREADABLE')
  })

  it.skipIf(process.getuid?.() === 0)('says that permissions forbid a file', async () => {
    const path = fileOf('secret.jpg', 'x')
    chmodSync(path, 0)
    expect(await failure(path)).toBe('FILE_UNREADABLE')
  })

  it('opens a picture whose header can not be read, and fails where it is decoded', async () => {
    const media = await openMedia(fileOf('stump.png', truncated(await quarters().png().toBuffer(), 0.1)))
    expect(media.identity.width).toBeUndefined()
    await expect(media.picture()).rejects.toMatchObject({ code: 'MEDIA_DAMAGED' })
    await expect(media.picture({ edge: 10 })).rejects.toMatchObject({ code: 'MEDIA_DAMAGED' })
    expect(media.counts.pictureDecodes).toBe(1)
  })

  it('refuses too many pixels before it decodes', async () => {
    const media = await openMedia(fileOf('large.png', await quarters(200, 100).png().toBuffer()), { maxPixels: 19_999 })
    await expect(media.picture()).rejects.toMatchObject({ code: 'INPUT_TOO_LARGE' })
    const fitting = await openMedia(fileOf('fits.png', await quarters(200, 100).png().toBuffer()), {
      maxPixels: 20_000,
    })
    expect((await fitting.picture()).width).toBe(200)
  })

  it('takes names that would be patterns or protocols to other programs', async () => {
    const folder = join(dirname(fileOf('x', 'x')), 'http:%03d*?[a]')
    mkdirSync(folder)
    const path = fileOf('http:%03d*?[a]/concat:%d é.bmp', '')
    const { writeFileSync } = await import('node:fs')
    writeFileSync(path, bitmap())
    const picture = await (await openMedia(path)).picture()
    expect([picture.width, picture.height]).toEqual([2, 2])
  })
})

describe('media.picture', () => {
  const sized = async (): Promise<Media> => openMedia(fileOf('photo.jpg', await photo(1600, 1200).jpeg().toBuffer()))

  it('serves smaller requests from a larger decode', async () => {
    const media = await sized()
    const large = await media.picture({ edge: 800 })
    expect([large.width, large.height, large.fullWidth, large.fullHeight]).toEqual([800, 600, 1600, 1200])
    expect(await media.picture({ edge: 300 })).toBe(large)
    expect(media.counts.pictureDecodes).toBe(1)
    expect((await media.picture()).width).toBe(1600)
    expect((await media.picture({ edge: 5000 })).width).toBe(1600)
    expect(media.counts.pictureDecodes).toBe(2)
  })

  it('decodes once for everything that an import asks', async () => {
    const media = await sized()
    media.expect(1440)
    const kept: string[] = []
    const io: OperationIo = {
      signal: new AbortController().signal,
      artifact: async ({ role, width }) => void kept.push(`${role} ${width}`),
      ...noFiles,
      progress: () => undefined,
    }
    await pictureThumbnail.run(media, pictureThumbnail.params.parse({}), io)
    await pictureThumbnail.run(
      media,
      pictureThumbnail.params.parse({ edge: 1440, format: 'jpeg', role: 'preview' }),
      io,
    )
    await placeholder.run(media, placeholder.params.parse({}), io)
    await fingerprint.run(media, {}, io)
    await analyze.run(media, analyze.params.parse({}), io)
    expect(media.counts.pictureDecodes).toBe(1)
    expect(kept).toEqual(['thumbnail 250', 'preview 1440'])
  })
})

describe('media.encode', () => {
  const options = { edge: 250, fit: 'inside', focus: 'centre', quality: 80 } as const

  /** What is encoded of a file, and after how many decodes. */
  async function encoded(content: Buffer, asked: EncodeOptions, isLast: boolean) {
    const media = await openMedia(fileOf('encoded.jpg', content))
    media.expect(asked.edge, { isLast })
    const picture = await media.encode(asked, { edge: asked.edge }).catch((error) => error.code)
    await media.close()
    return { picture, decodes: media.counts.pictureDecodes }
  }

  const jpeg = () => photo(1600, 1200).jpeg({ quality: 90 })
  it.each<[name: string, content: () => Promise<Buffer>]>([
    ['a photo', () => jpeg().toBuffer()],
    ['a turned one', async () => withExif(await jpeg().toBuffer(), [[274, 6]])],
    ['one with a profile of sRGB', () => jpeg().withIccProfile('srgb').toBuffer()],
    ['one in wide colours', () => jpeg().withIccProfile('p3').toBuffer()],
    ['a grey one', () => photo(1600, 1200).greyscale().jpeg().toBuffer()],
    ['one for print', () => photo(1600, 1200).toColourspace('cmyk').jpeg().toBuffer()],
    ['a small one', () => photo(120, 90).jpeg().toBuffer()],
    ['one that ends early', async () => truncated(await jpeg().toBuffer(), 0.5)],
    ['one that ends in zeros', async () => zeroed(await jpeg().toBuffer())],
    ['a stump', async () => truncated(await jpeg().toBuffer(), 0.001)],
  ])('gives the last to ask the very bytes that it would make of a decode: %s', async (_, content) => {
    const file = await content()
    for (const format of ['webp', 'jpeg', 'png'] as const) {
      const asked = { ...options, format }
      expect(await encoded(file, asked, true)).toEqual(await encoded(file, asked, false))
    }
  })

  it('refuses too many pixels before it decodes', async () => {
    const media = await openMedia(fileOf('large.jpg', await jpeg().toBuffer()), { maxPixels: 1_000_000 })
    media.expect(250, { isLast: true })
    await expect(media.encode({ ...options, format: 'webp' }, { edge: 250 })).rejects.toMatchObject({
      code: 'INPUT_TOO_LARGE',
    })
    expect(media.counts.pictureDecodes).toBe(0)
    await media.close()
  })

  it('takes from a decode that is there', async () => {
    const media = await openMedia(fileOf('photo.jpg', await jpeg().toBuffer()))
    await media.picture({ edge: 800 })
    media.expect(800, { isLast: true })
    expect(await media.encode({ ...options, format: 'webp' }, { edge: 250 })).toMatchObject({ width: 250 })
    expect(media.counts.pictureDecodes).toBe(1)
    await media.close()
  })
})

/** The second half as an interrupted copy leaves it. */
const zeroed = (content: Buffer): Buffer => Buffer.from(content).fill(0, Math.floor(content.length / 2))

/** A bitmap of 2 × 2 pixels in 24 bits. */
function bitmap(): Buffer {
  const bytes = Buffer.alloc(54 + 16, 90)
  bytes.fill(0, 0, 54)
  bytes.write('BM', 'latin1')
  for (const [at, value] of [
    [2, 70],
    [10, 54],
    [14, 40],
    [18, 2],
    [22, 2],
  ] as const)
    bytes.writeUInt32LE(value, at)
  bytes.writeUInt16LE(1, 26)
  bytes.writeUInt16LE(24, 28)
  return bytes
}
