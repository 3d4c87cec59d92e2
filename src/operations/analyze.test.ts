import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { noFiles } from '../../test/support/operation-io.ts'
import { fileOf, photo, truncated } from '../../test/support/pictures.ts'
import { openMedia } from '../media/open.ts'
import { analyze } from './analyze.ts'
import type { OperationIo } from './operation.ts'
import { measurePicture } from './picture-statistics.ts'

const io: OperationIo = {
  signal: new AbortController().signal,
  artifact: async () => undefined,
  ...noFiles,
  progress: () => undefined,
}

async function run(content: Buffer, params: object = {}) {
  const result = await analyze.run(await openMedia(fileOf('source', content)), analyze.params.parse(params), io)
  return analyze.result.parse(result)
}

const plain = (background: string | object, width = 200, height = 100): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background } })
    .png()
    .toBuffer()

/** RGB pixels by a formula of place and channel. */
function pixels(width: number, height: number, value: (x: number, y: number, channel: number) => number): Uint8Array {
  return Uint8Array.from({ length: width * height * 3 }, (_, at) => {
    const pixel = Math.floor(at / 3)
    return value(pixel % width, Math.floor(pixel / width), at % 3)
  })
}

describe('analyze', () => {
  it('measures a plain picture as what it is', async () => {
    const result = await run(await plain('#808080'))
    expect(result).toMatchObject({ sharpness: 0, noise: 0, contrast: 0, entropy: 0, colourfulness: 0, isGrey: true })
    expect(result.exposure).toMatchObject({ mean: 0.502, clippedShadows: 0, clippedHighlights: 0 })
    expect(result.histogram.luma).toHaveLength(64)
    expect(result.histogram.luma[32]).toBe(1)
  })

  it('tells black and white from what is between', async () => {
    expect((await run(await plain('#000'))).exposure.clippedShadows).toBe(1)
    expect((await run(await plain('#fff'))).exposure.clippedHighlights).toBe(1)
  })

  it('gives shares that add up to one, in as many steps as asked', async () => {
    const { histogram } = await run(await photo().png().toBuffer(), { bins: 256 })
    for (const bins of Object.values(histogram)) {
      expect(bins).toHaveLength(256)
      expect(bins.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 2)
    }
  })

  it('finds a blurred copy less sharp and less noisy', async () => {
    const sharpOne = await run(await photo().png().toBuffer())
    const blurred = await run(await photo().blur(3).png().toBuffer())
    expect(blurred.sharpness).toBeLessThan(sharpOne.sharpness / 10)
    expect(blurred.noise).toBeLessThan(sharpOne.noise / 5)
  })

  it('finds colour where there is some', async () => {
    const gaudy = await run(await plain({ r: 255, g: 0, b: 0 }))
    expect(gaudy.colourfulness).toBeGreaterThan(80)
    expect(gaudy.isGrey).toBe(false)
    expect((await run(await photo().greyscale().jpeg().toBuffer())).isGrey).toBe(true)
  })

  it('sees alpha', async () => {
    expect((await run(await photo().ensureAlpha(0.5).png().toBuffer())).hasAlpha).toBe(true)
    expect((await run(await photo().png().toBuffer())).hasAlpha).toBe(false)
  })

  it('refuses damaged files, whose numbers would be false', async () => {
    await expect(run(truncated(await photo().jpeg().toBuffer(), 0.6))).rejects.toMatchObject({ code: 'MEDIA_DAMAGED' })
  })
})

describe('measurePicture', () => {
  it('gives the variance of the Laplacian by its formula', () => {
    // Stripes of one column: the Laplacian is 2 · (other − own) everywhere, so its variance is (2 · 100)².
    const { sharpness } = measurePicture(
      pixels(64, 64, (x) => (x % 2) * 100),
      64,
      64,
    )
    expect(sharpness).toBeCloseTo(40_000, 0)
  })

  it('does not take a gradient for noise', () => {
    expect(
      measurePicture(
        pixels(128, 64, (x, y) => x + y),
        128,
        64,
      ),
    ).toMatchObject({ noise: 0, sharpness: 0 })
  })

  it('estimates the deviation of noise that was added', () => {
    let seed = 1
    const random = (): number => {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0
      return (seed >>> 8) / 2 ** 24
    }
    const gauss = (): number => Math.sqrt(-2 * Math.log(random() + 1e-9)) * Math.cos(2 * Math.PI * random())
    const noise = Float64Array.from({ length: 256 * 256 }, () => 10 * gauss())
    const { noise: found } = measurePicture(
      pixels(256, 256, (x, y) => Math.round(128 + (noise[y * 256 + x] ?? 0))),
      256,
      256,
    )
    expect(found).toBeGreaterThan(9.3)
    expect(found).toBeLessThan(10.7)
  })

  it('finds about the same in spread rows of a tall picture as in all', () => {
    const tall = (height: number): Uint8Array =>
      pixels(64, height, (x, y, channel) => (x * 37 + y * y * 11 + channel * 50) % 200)
    const few = measurePicture(tall(2000), 64, 2000)
    const all = measurePicture(tall(200), 64, 200)
    expect(few.count).toBeLessThan(64 * 400)
    expect(Math.abs(few.sharpness / all.sharpness - 1)).toBeLessThan(0.1)
    expect(Math.abs(few.colourfulness / all.colourfulness - 1)).toBeLessThan(0.05)
  })

  it('measures pictures of one pixel', () => {
    expect(measurePicture(Uint8Array.from([9, 9, 9]), 1, 1)).toMatchObject({ sharpness: 0, noise: 0, count: 1 })
  })
})
