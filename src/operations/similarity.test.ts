import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { corpus, hasCorpus } from '../../test/support/corpus.ts'
import { filtered } from '../../test/support/ffmpeg-filters.ts'
import { openMedia } from '../media/open.ts'
import { toGrey } from '../media/picture/pixels.ts'
import type { Pixels } from '../media/picture.ts'
import { psnrOf, ssimOf } from './similarity.ts'

const grey = (width: number, height: number, value: (x: number, y: number) => number): Pixels => ({
  data: Buffer.from(Array.from({ length: width * height }, (_, at) => value(at % width, Math.floor(at / width)))),
  width,
  height,
  channels: 1,
})

const speckled = (width: number, height: number) =>
  grey(width, height, (x, y) => (x * x * 7 + y * y * 13 + x * y) % 256)

describe('ssimOf', () => {
  it('finds equal pictures equal', () => {
    expect(ssimOf(speckled(64, 48), speckled(64, 48))).toBe(1)
  })

  it('does not look at the right and lower edges, where no window lies', () => {
    const other = grey(35, 35, (x, y) => (x === 34 && y === 34 ? 255 : 0))
    expect(
      ssimOf(
        grey(35, 35, () => 0),
        other,
      ),
    ).toBe(1)
  })

  it('compares pictures that are too small for a window', () => {
    expect(ssimOf(speckled(1, 1), speckled(1, 1))).toBe(1)
    expect(ssimOf(speckled(7, 200), speckled(7, 200))).toBe(1)
    const inverted = grey(7, 7, (x, y) => 255 - ((x * x * 7 + y * y * 13 + x * y) % 256))
    expect(ssimOf(speckled(7, 7), inverted)).toBeLessThan(0)
  })

  it('refuses pictures of different sizes', () => {
    expect(() => ssimOf(speckled(8, 9), speckled(9, 8))).toThrow('equal size')
  })

  it.each([3, 4] as const)('compares pictures of %s channels by their luma', (channels) => {
    const coloured = (seed: number): Pixels => ({
      data: Buffer.from(Array.from({ length: 50 * 40 * channels }, (_, at) => (at * at * seed) % 256)),
      width: 50,
      height: 40,
      channels,
    })
    const [one, other] = [coloured(7), coloured(11)]
    expect(ssimOf(one, other)).toBe(ssimOf(toGrey(one), toGrey(other)))
    expect(ssimOf(one, other)).toBeLessThan(0.9)
  })
})

it('gives the PSNR that follows from a known difference', () => {
  expect(psnrOf(10 ** 2 * 1024, 1024)).toBeCloseTo(20 * Math.log10(255 / 10), 10)
  expect(psnrOf(0, 1024)).toBe(Number.POSITIVE_INFINITY)
})

describe.skipIf(!hasCorpus)('luma similarity of real pictures', () => {
  const pairs = ['blur-1', 'blur-3', 'jpeg-1', 'jpeg-4', 'noise-2', 'overexposed-2', 'motion-blur-1'].flatMap((flaw) =>
    ['high-trestle-trail', 'oakland-zoo-otters'].map((scene) => [scene, flaw] as const),
  )

  it.each(pairs)('agrees with the filters of FFmpeg to the digits they print: %s, %s', async (scene, flaw) => {
    // A side that is no multiple of 4, so that the edges are treated alike too.
    const size = { width: 801, height: 1200 }
    const [one, other] = await Promise.all([greyOf(scene, 'pristine', size), greyOf(scene, flaw, size)])
    const ssim = ssimOf(one, other)
    expect(ssim).toBeCloseTo(await filtered('ssim', 'lavfi.ssim.Y', one, other), 5)
    expect(ssim).toBeLessThan(0.999)
  })
})

async function greyOf(scene: string, name: string, size: { width: number; height: number }): Promise<Pixels> {
  const media = await openMedia(join(corpus, 'quality', scene, `${name}.jpg`))
  const pixels = await (await media.picture()).pixels({ ...size, fit: 'fill', as: 'grey' })
  await media.close()
  return pixels
}
