import { globSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { corpus, hasCorpus } from '../../test/support/corpus.ts'
import { noFiles } from '../../test/support/operation-io.ts'
import { fileOf, photo, truncated, withExif } from '../../test/support/pictures.ts'
import type { Media } from '../media/media.ts'
import { openMedia } from '../media/open.ts'
import { writableFormats } from '../media/picture.ts'
import type { ArtifactDraft, OperationIo } from './operation.ts'
import { pictureConvert } from './picture-convert.ts'

interface Kept extends ArtifactDraft {
  readonly content: Uint8Array
}

async function run(content: Buffer, params: object = {}, signal = new AbortController().signal) {
  const media = await openMedia(fileOf('original', content))
  const kept: Kept[] = []
  const io: OperationIo = {
    signal,
    artifact: async (draft, bytes) => void kept.push({ ...draft, content: bytes }),
    ...noFiles,
    progress: () => undefined,
  }
  try {
    const result = await pictureConvert.run(media, pictureConvert.params.parse(params), io)
    pictureConvert.result.strict().parse(result)
    return { result, kept }
  } finally {
    await media.close()
  }
}

describe('convert a picture', () => {
  it('makes a WebP when nothing else is asked, and tells what it saved', async () => {
    const original = await photo(400, 300).jpeg({ quality: 95 }).toBuffer()
    const { result, kept } = await run(original)
    expect(result).toMatchObject({ format: 'webp', width: 400, height: 300, frames: 1, bitDepth: 8, metadata: 'keep' })
    expect(kept).toMatchObject([{ role: 'picture', format: 'webp', width: 400, height: 300 }])
    expect(await sharp(kept[0]?.content).metadata()).toMatchObject({ format: 'webp', width: 400 })
    expect(result).toMatchObject({ bytes: kept[0]?.content.length, originalBytes: original.length })
    expect(result.savedShare).toBeCloseTo(1 - result.bytes / original.length, 3)
    expect(result.savedShare).toBeGreaterThan(0.1)
  })

  it('tells of a file that became larger', async () => {
    const { result } = await run(await photo(200, 150).jpeg({ quality: 30 }).toBuffer(), { format: 'png' })
    expect(result.savedShare).toBeLessThan(0)
  })

  it.each(writableFormats)('writes %s', async (format) => {
    const { result, kept } = await run(await photo(60, 40).png().toBuffer(), { format })
    expect(result).toMatchObject({ format, width: 60, height: 40 })
    const media = await openMedia(fileOf('written', Buffer.from(kept[0]?.content ?? [])))
    expect(media.identity).toMatchObject({ format, width: 60, height: 40 })
    await media.close()
  })

  it('hands on what it is asked', async () => {
    const clear = await sharp({ create: { width: 8, height: 8, channels: 4, background: '#00000000' } })
      .png()
      .toBuffer()
    const { kept } = await run(clear, { format: 'jpeg', background: '#ff0000', quality: 100 })
    const [red = 0, green = 255] = await sharp(kept[0]?.content).raw().toBuffer()
    expect([red > 240, green < 15]).toEqual([true, true])
    const tagged = withExif(await photo(60, 40).jpeg().toBuffer(), [[0x4746, 3]])
    for (const metadata of ['keep', 'strip', 'strip-gps'] as const) {
      const { result, kept } = await run(tagged, { metadata })
      expect(result.metadata).toBe(metadata)
      expect((await sharp(kept[0]?.content).metadata()).exif !== undefined).toBe(metadata !== 'strip')
    }
    const exact = await run(await photo(60, 40).png().toBuffer(), { lossless: true })
    const pixels = await sharp(exact.kept[0]?.content).raw().toBuffer()
    expect(pixels.equals(await photo(60, 40).raw().toBuffer())).toBe(true)
  })

  it('shows what is left of a damaged file, and says so', async () => {
    const { result, kept } = await run(truncated(await photo().jpeg().toBuffer(), 0.6))
    expect(result.damaged).toBe('the picture data ends early')
    expect(kept).toHaveLength(1)
  })

  it('stops before it starts when nobody waits', async () => {
    await expect(run(await photo(20, 20).png().toBuffer(), {}, AbortSignal.abort())).rejects.toThrow()
  })

  it.each([
    { format: 'bmp' },
    { quality: 0 },
    { quality: 101 },
    { background: 'red' },
    { color: 'p3' },
    { frames: 2 },
    { format: 'jpeg', lossless: true },
  ])('refuses %j before anything is opened', (params) => {
    expect(pictureConvert.params.safeParse(params).success).toBe(false)
  })
})

/** Likeness in decibels of a picture and of what was written of it, as they are seen at a size where grain does not count. */
async function likeness(media: Media, written: Buffer): Promise<{ grey: number; rgb: number; isTiny: boolean }> {
  const [before, after] = [await media.picture(), await media.decode(written)]
  expect([after.width, after.height]).toEqual([before.width, before.height])
  const { width, height } = before
  const size = { width: Math.min(96, width), height: Math.min(96, height), fit: 'fill', as: 'rgb' } as const
  const [one, other] = [(await before.pixels(size)).data, (await after.pixels(size)).data]
  const greyOf = (rgb: Buffer, at: number) => ((rgb[at] ?? 0) + 2 * (rgb[at + 1] ?? 0) + (rgb[at + 2] ?? 0)) / 4
  let [colours, greys] = [0, 0]
  for (let at = 0; at < one.length; at++) {
    colours += ((one[at] ?? 0) - (other[at] ?? 0)) ** 2
    if (at % 3 === 0) greys += 3 * (greyOf(one, at) - greyOf(other, at)) ** 2
  }
  const decibels = (error: number) => (error === 0 ? 99 : 10 * Math.log10((255 ** 2 * one.length) / error))
  return { grey: decibels(greys), rgb: decibels(colours), isTiny: width * height < 128 * 128 }
}

/**
 * Photos that give no picture, for which the test of their rendering tells why; and most of those that differ from others in
 * nothing but their size, which would take most of the time.
 */
const without = /balloon_eciRGBv2_aware|shared_in_dimg|black_large|^large\/[^D]/
/** WebP takes a second or two for a larger one; JPEG shows whether it is read rightly. */
const mostPixels = { webp: 7_000_000, jpeg: Number.POSITIVE_INFINITY }

describe.skipIf(!hasCorpus)('convert real pictures', () => {
  const cwd = join(corpus, 'photos')
  const files = globSync('**/*.*', { cwd }).filter((file) => !/\.(json|xmp|md)$/.test(file) && !without.test(file))

  it.each(['webp', 'jpeg'] as const)(
    'makes a %s of each photo that looks like it',
    { timeout: 900_000 },
    async (format) => {
      const unlike: string[] = []
      let looked = 0
      for (const file of files) {
        const media = await openMedia(join(cwd, file))
        const { width = 0, height = 0 } = media.identity
        if (width * height > mostPixels[format]) {
          await media.close()
          continue
        }
        looked++
        const kept: Buffer[] = []
        const io: OperationIo = {
          signal: new AbortController().signal,
          artifact: async (_, bytes) => void kept.push(Buffer.from(bytes)),
          ...noFiles,
          progress: () => undefined,
        }
        const params = { format, effort: 'fast', quality: 90, frames: 'first' }
        await pictureConvert.run(media, pictureConvert.params.parse(params), io)
        const { grey, rgb, isTiny } = await likeness(media, kept[0] ?? Buffer.alloc(0))
        // Both formats may hold colour at half the size, of which tiny drawings consist.
        if (grey < 27 || rgb < (isTiny ? 14 : 30)) unlike.push(`${file}: ${grey.toFixed(1)} and ${rgb.toFixed(1)} dB`)
        await media.close()
      }
      expect(unlike).toEqual([])
      expect(looked).toBeGreaterThan(300)
    },
  )
})
