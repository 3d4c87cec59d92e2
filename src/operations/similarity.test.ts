import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { corpus, hasCorpus } from '../../test/support/corpus.ts'
import { filtered } from '../../test/support/ffmpeg-filters.ts'
import { openMedia } from '../media/open.ts'
import type { Pixels } from '../media/picture.ts'
import { compareLuma } from './similarity.ts'

const grey = (width: number, height: number, value: (x: number, y: number) => number): Pixels => ({
  data: Buffer.from(Array.from({ length: width * height }, (_, at) => value(at % width, Math.floor(at / width)))),
  width,
  height,
  channels: 1,
})

const speckled = (width: number, height: number) =>
  grey(width, height, (x, y) => (x * x * 7 + y * y * 13 + x * y) % 256)

describe('comparing the luma of pictures', () => {
  it('finds equal pictures equal', () => {
    expect(compareLuma(speckled(64, 48), speckled(64, 48))).toEqual({ psnr: Number.POSITIVE_INFINITY, ssim: 1 })
  })

  it('gives the PSNR that follows from a known difference', () => {
    const one = grey(32, 32, () => 100)
    const other = grey(32, 32, () => 110)
    expect(compareLuma(one, other).psnr).toBeCloseTo(20 * Math.log10(255 / 10), 10)
  })

  it('counts differences at the right and lower edges, where no window lies', () => {
    const other = grey(35, 35, (x, y) => (x === 34 && y === 34 ? 255 : 0))
    const { psnr, ssim } = compareLuma(
      grey(35, 35, () => 0),
      other,
    )
    expect(psnr).toBeCloseTo(10 * Math.log10(35 * 35), 10)
    expect(ssim).toBe(1)
  })

  it('compares pictures that are too small for a window', () => {
    expect(compareLuma(speckled(1, 1), speckled(1, 1)).ssim).toBe(1)
    expect(compareLuma(speckled(7, 200), speckled(7, 200)).ssim).toBe(1)
    const inverted = grey(7, 7, (x, y) => 255 - ((x * x * 7 + y * y * 13 + x * y) % 256))
    expect(compareLuma(speckled(7, 7), inverted).ssim).toBeLessThan(0)
  })

  it('refuses pictures of different sizes and those with colours', () => {
    expect(() => compareLuma(speckled(8, 9), speckled(9, 8))).toThrow('equal size')
    expect(() => compareLuma({ ...speckled(8, 9), channels: 3 }, speckled(8, 9))).toThrow('one channel')
  })
})

describe.skipIf(!hasCorpus)('luma similarity of real pictures', () => {
  const pairs = ['blur-1', 'blur-3', 'jpeg-1', 'jpeg-4', 'noise-2', 'overexposed-2', 'motion-blur-1'].flatMap((flaw) =>
    ['high-trestle-trail', 'oakland-zoo-otters'].map((scene) => [scene, flaw] as const),
  )

  it.each(pairs)('agrees with the filters of FFmpeg to the digits they print: %s, %s', async (scene, flaw) => {
    // A side that is no multiple of 4, so that the edges are treated alike too.
    const size = { width: 801, height: 1200 }
    const [one, other] = await Promise.all([greyOf(scene, 'pristine', size), greyOf(scene, flaw, size)])
    const { psnr, ssim } = compareLuma(one, other)
    expect(ssim).toBeCloseTo(await filtered('ssim', 'lavfi.ssim.Y', one, other), 5)
    expect(psnr).toBeCloseTo(await filtered('psnr', 'lavfi.psnr.psnr.y', one, other), 1)
    expect(ssim).toBeLessThan(0.999)
  })
})

async function greyOf(scene: string, name: string, size: { width: number; height: number }): Promise<Pixels> {
  const media = await openMedia(join(corpus, 'quality', scene, `${name}.jpg`))
  const pixels = await (await media.picture()).pixels({ ...size, fit: 'fill', as: 'grey' })
  await media.close()
  return pixels
}
