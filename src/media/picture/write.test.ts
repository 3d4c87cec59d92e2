import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { fileOf, photo, quarters, quartersSeen } from '../../../test/support/pictures.ts'
import { openMedia } from '../open.ts'
import type { Pixels, WritableFormat } from '../picture.ts'
import { encode } from './encode.ts'
import { writePixels } from './write.ts'

/** Samples without any pattern, always the same: nothing that rounds or smooths gives them back. */
function noise(channels: 1 | 3 | 4, width = 61, height = 43): Pixels {
  const data = Buffer.alloc(width * height * channels)
  let seed = 5
  for (let at = 0; at < data.length; at++) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
    data[at] = seed >>> 24
  }
  return { data, width, height, channels }
}

/** Pixels of this many colours, one beside the other in steps of one where that goes. */
function few(count: number, alpha: 'none' | 'clear' | 'half', width = 64, height = 48): Pixels {
  const channels = alpha === 'none' ? 3 : 4
  const data = Buffer.alloc(width * height * channels)
  for (let at = 0; at < width * height; at++) {
    const number = (at * 7) % count
    data.set([number, (number * 3) & 255, 255 - number], at * channels)
    if (channels === 4) data[at * 4 + 3] = number > 0 ? 255 : alpha === 'clear' ? 0 : 128
  }
  return { data, width, height, channels }
}

/** The pixels of what was written, read by our own reader, which knows all the formats. */
async function readBack(data: Buffer, as: 'grey' | 'rgb' | 'rgba'): Promise<Pixels> {
  const media = await openMedia(fileOf('written', data))
  const picture = await media.picture()
  expect(picture.damage).toBeUndefined()
  const { width, height } = picture
  const pixels = await picture.pixels({ width, height, fit: 'fill', as })
  await media.close()
  return pixels
}

const asOf = ({ channels }: Pixels) => (channels === 1 ? 'grey' : channels === 3 ? 'rgb' : 'rgba')

describe('writing without loss', () => {
  const formats = ['png', 'webp', 'avif', 'tiff', 'jxl'] as const
  const efforts = ['fast', 'usual', 'best'] as const
  const cases = formats.flatMap((format) =>
    efforts.flatMap((effort) => ([1, 3, 4] as const).map((channels) => [format, effort, channels] as const)),
  )

  it.each(cases)('keeps every sample in %s (%s, %i channels)', async (format, effort, channels) => {
    const pixels = noise(channels)
    const written = await writePixels(pixels, { format, effort, lossless: true })
    const { data } = await readBack(written.data, asOf(pixels))
    expect(data.equals(pixels.data)).toBe(true)
  })

  it.each(
    [1, 2, 3, 4, 5, 16, 17, 200, 255, 256].flatMap((count) =>
      (['png', 'gif'] as const).map((format) => [count, format] as const),
    ),
  )('keeps %i colours in a palette of %s', async (count, format) => {
    const pixels = few(count, 'none')
    const { data } = await writePixels(pixels, { format, lossless: true })
    expect((await readBack(data, 'rgb')).data.equals(pixels.data)).toBe(true)
    expect(await sharp(data).metadata()).toMatchObject({ isPalette: true })
  })

  it('keeps half transparent colours, and those under clear ones, in a palette of PNG', async () => {
    for (const pixels of [few(200, 'half'), few(256, 'clear')]) {
      const { data } = await writePixels(pixels, { format: 'png' })
      expect(await sharp(data).metadata()).toMatchObject({ isPalette: true, hasAlpha: true })
      expect((await sharp(data).raw().toBuffer()).equals(pixels.data)).toBe(true)
    }
  })

  it('keeps what is clear in a GIF clear, and the other colours exactly', async () => {
    const pixels = few(256, 'clear')
    const { data } = await readBack((await writePixels(pixels, { format: 'gif', lossless: true })).data, 'rgba')
    for (let at = 0; at < data.length; at += 4) {
      const given = pixels.data.subarray(at, at + 4)
      if (given[3] === 0) expect(data[at + 3]).toBe(0)
      else expect(data.subarray(at, at + 4).equals(given)).toBe(true)
    }
  })

  it('writes a long GIF whose codes run full several times', async () => {
    const pixels = { ...noise(1, 500, 400) }
    const { data } = await readBack((await writePixels(pixels, { format: 'gif', lossless: true })).data, 'grey')
    expect(data.equals(pixels.data)).toBe(true)
  })

  it('refuses an animation of more pixels than fit into memory, before any of them is read', async () => {
    const options = { format: 'gif', lossless: true } as const
    const open = (): never => expect.fail('pixels were read')
    const picture = { width: 10_000, height: 10_000, depth: 8, hasAlpha: false, delays: [20, 20, 20], open } as const
    await expect(encode(picture, options)).rejects.toMatchObject({ code: 'PARAMS_INVALID' })
  })

  it('refuses JPEG, and GIF above 256 colours or with half transparent ones', async () => {
    const refused = (format: WritableFormat, pixels: Pixels) =>
      expect(writePixels(pixels, { format, lossless: true })).rejects.toMatchObject({ code: 'PARAMS_INVALID' })
    await refused('jpeg', noise(3))
    await refused('gif', noise(3))
    await refused('gif', few(20, 'half'))
  })
})

describe('writing with loss', () => {
  it.each(['jpeg', 'webp', 'avif', 'jxl', 'gif'] as const)('makes a smaller %s of a lower quality', async (format) => {
    const { data, info } = await photo(320, 240).blur(2).raw().toBuffer({ resolveWithObject: true })
    const pixels: Pixels = { data, width: info.width, height: info.height, channels: 3 }
    const sizes = []
    for (const quality of [90, 50, 10]) sizes.push((await writePixels(pixels, { format, quality })).data.length)
    if (format === 'gif') expect(new Set(sizes).size).toBe(1)
    else expect(sizes).toEqual([...sizes].sort((one, other) => other - one))
    if (format !== 'gif') expect(sizes[0]).toBeGreaterThan((sizes[2] ?? 0) * 1.5)
  })

  it.each(['jpeg', 'png', 'webp', 'avif', 'tiff', 'gif', 'jxl'] as const)(
    'shows the same picture as %s at each effort',
    async (format) => {
      const { data, info } = await quarters(320, 240).raw().toBuffer({ resolveWithObject: true })
      const pixels: Pixels = { data, width: info.width, height: info.height, channels: 3 }
      for (const effort of ['fast', 'usual', 'best'] as const) {
        const written = await writePixels(pixels, { format, effort })
        expect(written).toMatchObject({ width: 320, height: 240 })
        const seen = quartersSeen(await readBack(written.data, 'rgb')).flat()
        const known = quartersSeen(pixels).flat()
        expect(Math.max(...seen.map((value, at) => Math.abs(value - (known[at] ?? 999))))).toBeLessThan(6)
      }
    },
  )

  it('writes the smallest file at the best effort', async () => {
    const { data, info } = await photo(400, 300).blur(1).raw().toBuffer({ resolveWithObject: true })
    const pixels: Pixels = { data, width: info.width, height: info.height, channels: 3 }
    for (const format of ['jpeg', 'png', 'webp'] as const) {
      const [fast, best] = await Promise.all(
        (['fast', 'best'] as const).map((effort) => writePixels(pixels, { format, effort })),
      )
      expect(best?.data.length, format).toBeLessThan(fast?.data.length ?? 0)
    }
  })

  it('writes large JPEGs progressively and tiny ones in one scan, whichever is smaller', async () => {
    const at = async (side: number) => {
      const { data } = await photo(side, side).raw().toBuffer({ resolveWithObject: true })
      const written = await writePixels({ data, width: side, height: side, channels: 3 }, { format: 'jpeg' })
      return (await sharp(written.data).metadata()).isProgressive
    }
    expect([await at(64), await at(600)]).toEqual([false, true])
  })

  it('lays transparent parts over the background where the format has no alpha, over white when none is named', async () => {
    const data = Buffer.from([255, 0, 0, 0, 0, 0, 255, 255])
    const pixels: Pixels = { data: Buffer.concat(Array(128).fill(data)), width: 16, height: 16, channels: 4 }
    const seen = async (background?: string) => {
      const options = { format: 'jpeg', quality: 100, ...(background ? { background } : {}) } as const
      const { data } = await readBack((await writePixels(pixels, options)).data, 'rgb')
      return [...data.subarray(0, 3)]
    }
    const [white, green] = [await seen(), await seen('#00ff00')]
    expect(Math.min(...white)).toBeGreaterThan(180)
    expect(green[1]).toBeGreaterThan((green[0] ?? 0) + 100)
    await expect(seen('green')).rejects.toMatchObject({ code: 'PARAMS_INVALID' })
  })

  it('gives the same bytes for the same pixels', async () => {
    const pixels = noise(4, 90, 70)
    for (const format of ['jpeg', 'png', 'webp', 'avif', 'tiff', 'gif', 'jxl'] as const) {
      const [one, other] = [await writePixels(pixels, { format }), await writePixels(pixels, { format })]
      expect(one.data.equals(other.data), format).toBe(true)
    }
  })

  it('refuses a size that the format can not hold', async () => {
    const wide: Pixels = { data: Buffer.alloc(16_400), width: 16_400, height: 1, channels: 1 }
    await expect(writePixels(wide, { format: 'webp' })).rejects.toMatchObject({
      code: 'PARAMS_INVALID',
      message: expect.stringContaining('at most 16383 pixels a side'),
    })
    expect((await writePixels(wide, { format: 'jpeg' })).width).toBe(16_400)
  })
})
