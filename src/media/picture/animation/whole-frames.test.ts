import { describe, expect, it } from 'vitest'
import { fileOfFrames, shaded, shownOf } from '../../../../test/support/animations.ts'
import { fileOf, truncated } from '../../../../test/support/pictures.ts'
import { noiseOf, rewrite } from '../../../../test/support/rewriting.ts'
import { openMedia } from '../../open.ts'
import { gifParts } from './gif-parts.ts'
import { webpParts } from './webp-parts.ts'

const made = shaded({ count: 12 })
const formats = ['gif', 'webp', 'avif', 'png', 'jxl'] as const

/** The file with noise over some of its bytes. */
function garbled(file: Buffer, at: number, length = 200): Buffer {
  const copy = Buffer.from(file)
  copy.set(noiseOf(length), at)
  return copy
}

/** Where a frame begins, of a GIF its block and of a WebP the data of its chunk. */
function placeOf(file: Buffer, format: 'gif' | 'webp', frame: number): number {
  const part = (format === 'gif' ? gifParts(file) : webpParts(file))[frame]
  if (!part) throw new Error('there is no such frame')
  return part.coded.byteOffset - file.byteOffset
}

describe('an animation that is garbled in the middle', () => {
  it.each(formats)('keeps the frames before the damage of a GIF, as %s, and says so', async (format) => {
    const original = await fileOfFrames(made, 'gif')
    const next = placeOf(original, 'gif', 7)
    const broken = garbled(original, next - 400, 390)
    const written = await rewrite(broken, { format, effort: 'fast' })
    expect(written.frames).toBe(6)
    // The next block, wherever it seems to be, may seem to reach beyond the end.
    expect(written.damage).toMatch(/garbled|ends early/)
    expect(written.intent.source).toBeUndefined()
  })

  it.each(formats)('keeps all frames but the damaged one of a WebP, as %s, and says so', async (format) => {
    const original = await fileOfFrames(made, 'webp')
    const broken = garbled(original, placeOf(original, 'webp', 6) + 20)
    const written = await rewrite(broken, { format, effort: 'fast' })
    expect(written).toMatchObject({ frames: 11, damage: 'the picture data is garbled in places' })
  })

  it('keeps the frames before a chunk of a WebP whose length is lost', async () => {
    const original = await fileOfFrames(made, 'webp')
    const written = await rewrite(garbled(original, placeOf(original, 'webp', 6) - 8, 40), { format: 'png' })
    expect(written).toMatchObject({ frames: 6, damage: 'the picture data is garbled in places' })
  })

  it('shows what was before the damage as it was', async () => {
    for (const from of ['gif', 'webp'] as const) {
      const original = await fileOfFrames(made, from)
      const broken = garbled(original, placeOf(original, from, 6) + 20)
      const [before, after] = [
        await shownOf(original),
        await shownOf((await rewrite(broken, { format: 'webp', lossless: true })).data),
      ]
      expect(after.frames.slice(0, 6)).toEqual(before.frames.slice(0, 6))
      expect(after.times.slice(0, 6)).toEqual(before.times.slice(0, 6))
    }
  })

  it('is said of a JPEG XL, whose decoder stops without a word', async () => {
    const original = await fileOfFrames(made, 'jxl')
    const written = await rewrite(garbled(original, original.length >> 1), { format: 'webp' })
    expect(written.damage).toBe('the picture data is garbled in places')
    expect(written.frames).toBeGreaterThan(2)
    expect(written.frames).toBeLessThan(12)
  })

  it('is not said of a GIF that is filled up with zeros', async () => {
    const original = await fileOfFrames(made, 'gif')
    const written = await rewrite(Buffer.concat([original.subarray(0, -1), Buffer.alloc(50)]), { format: 'webp' })
    expect(written.frames).toBe(12)
    expect(written.damage).toBeUndefined()
  })

  it('is said of a GIF whose frames decode, but are followed by no block', async () => {
    const original = await fileOfFrames(made, 'gif')
    const broken = Buffer.from(original)
    const [part] = gifParts(original).slice(5)
    broken[placeOf(original, 'gif', 5) + (part?.coded.length ?? 0)] = 0x7e
    const written = await rewrite(broken, { format: 'webp' })
    expect(written).toMatchObject({ frames: 6, damage: 'the picture data is garbled in places' })
  })
})

describe('a WebP that moves and is cut', () => {
  it.each(formats)('keeps the frames that are there, as %s, and says so', async (format) => {
    const cut = truncated(await fileOfFrames(made, 'webp'), 0.95)
    const written = await rewrite(cut, { format, effort: 'fast' })
    expect(written).toMatchObject({ frames: 11, width: 120, height: 80, damage: 'the picture data ends early' })
  })

  it('is shown by its first frame', async () => {
    const media = await openMedia(fileOf('cut.webp', truncated(await fileOfFrames(made, 'webp'), 0.7)))
    const picture = await media.picture()
    expect(picture).toMatchObject({ width: 120, height: 80, damage: 'the picture data ends early' })
    expect(media.identity.frames).toBeGreaterThan(6)
    await media.close()
  })

  it('can not be read when not one frame is there', async () => {
    const cut = truncated(await fileOfFrames(made, 'webp'), 0.03)
    await expect(rewrite(cut, { format: 'png' })).rejects.toMatchObject({ code: 'MEDIA_DAMAGED' })
  })
})
