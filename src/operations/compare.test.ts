import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { corpus, hasCorpus } from '../../test/support/corpus.ts'
import { noFiles } from '../../test/support/operation-io.ts'
import { fileOf, photo, quarters, truncated, withExif } from '../../test/support/pictures.ts'
import { MediaError } from '../errors.ts'
import { openMedia } from '../media/open.ts'
import { compare } from './compare.ts'
import type { OperationIo } from './operation.ts'

let count = 0

async function run(content: Buffer, reference: Buffer, params: object = {}, signal = new AbortController().signal) {
  const media = await openMedia(fileOf(`picture-${count++}`, content))
  const kept: { role: string; format: string; width?: number; height?: number; content: Buffer }[] = []
  const io: OperationIo = {
    signal,
    artifact: async (draft, bytes) => void kept.push({ ...draft, content: Buffer.from(bytes) }),
    ...noFiles,
    progress: () => undefined,
  }
  const asked = { reference: fileOf(`reference-${count++}`, reference), ...params }
  const result = await compare.run(media, compare.params.parse(asked), io)
  await media.close()
  return { result: compare.result.strict().parse(result), kept }
}

/** One value everywhere, but for one pixel. */
const flat = (value: number, odd = value, alpha?: number) => {
  const channels = alpha === undefined ? 3 : 4
  const data = Buffer.alloc(40 * 20 * channels, value)
  data.fill(odd, 0, 3)
  if (alpha !== undefined) for (let at = 3; at < data.length; at += 4) data[at] = alpha
  return sharp(data, { raw: { width: 40, height: 20, channels } })
    .png()
    .toBuffer()
}

describe('comparing pictures', () => {
  it('finds equal pictures identical, without a signal-to-noise ratio', async () => {
    const { result } = await run(await photo(200, 100).png().toBuffer(), await photo(200, 100).png().toBuffer())
    expect(result).toEqual({
      identical: true,
      ssim: 1,
      perceptualDistance: 0,
      maxDifference: 0,
      differingShare: 0,
      width: 200,
      height: 100,
    })
  })

  it('stops when nobody waits any more', async () => {
    const picture = await flat(100)
    const signal = AbortSignal.abort(new MediaError('CANCELLED'))
    await expect(run(picture, picture, {}, signal)).rejects.toMatchObject({ code: 'CANCELLED' })
  })

  it('gives the figures that follow from a known difference', async () => {
    const { result } = await run(await flat(100), await flat(110))
    expect(result).toMatchObject({ identical: false, maxDifference: 10, differingShare: 1 })
    expect(result.psnr).toBeCloseTo(20 * Math.log10(255 / 10), 3)
  })

  it('finds the one pixel that differs', async () => {
    const { result } = await run(await flat(100, 101), await flat(100))
    expect(result).toMatchObject({ identical: false, maxDifference: 1, differingShare: round(1 / 800) })
    expect(result.psnr).toBeCloseTo(10 * Math.log10(255 * 255 * 800), 3)
  })

  it('compares what is seen: orientation and profile are applied first', async () => {
    const upright = await quarters(64, 32).png().toBuffer()
    const turned = await quarters(64, 32).rotate(90).jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer()
    const { result } = await run(withExif(turned, [[274, 8]]), upright)
    expect(result).toMatchObject({ width: 64, height: 32 })
    expect(result.ssim).toBeGreaterThan(0.99)
  })

  it('takes transparency for a difference, and colours under it for none', async () => {
    const [clear, covered, white] = [await flat(90, 90, 0), await flat(10, 10, 0), await flat(255)]
    expect((await run(clear, covered)).result.identical).toBe(true)
    const { result } = await run(clear, white)
    expect(result).toMatchObject({ identical: false, maxDifference: 255, ssim: 1, perceptualDistance: 0 })
    expect(result.psnr).toBeUndefined()
  })

  it('brings the larger to the size of the smaller, and says which', async () => {
    const [large, small] = [await photo(600, 400).png().toBuffer(), await photo(600, 400).resize(300).png().toBuffer()]
    const one = (await run(large, small)).result
    expect(one).toMatchObject({ width: 300, height: 200, scaled: 'picture' })
    expect(one.ssim).toBeGreaterThan(0.9)
    expect((await run(small, large)).result).toMatchObject({ width: 300, height: 200, scaled: 'reference' })
  })

  it('refuses other sizes when exact, and other shapes always', async () => {
    const [large, small] = [await photo(600, 400).png().toBuffer(), await photo(300, 200).png().toBuffer()]
    await expect(run(large, small, { fit: 'exact' })).rejects.toThrow(
      'Only equal sizes are compared with fit=exact, but the picture has 600×400 pixels and the reference 300×200.',
    )
    const wide = await photo(400, 200).png().toBuffer()
    await expect(run(wide, large)).rejects.toMatchObject({ code: 'PARAMS_INVALID' })
    await expect(run(wide, large)).rejects.toThrow('Crop one of them')
  })

  it('shows where they differ: bright there, dark greys elsewhere', async () => {
    const before = await photo(100, 60).png().toBuffer()
    const spot = {
      input: await sharp({ create: { width: 20, height: 10, channels: 3, background: '#f00' } })
        .png()
        .toBuffer(),
      left: 50,
      top: 30,
    }
    const { kept } = await run(await sharp(before).composite([spot]).png().toBuffer(), before)
    expect(kept).toMatchObject([{ role: 'difference', format: 'png', width: 100, height: 60 }])
    const { data } = await sharp(kept[0]?.content).raw().toBuffer({ resolveWithObject: true })
    const at = (x: number, y: number) => [...data.subarray((y * 100 + x) * 3, (y * 100 + x) * 3 + 3)]
    const [red = 0, green = 0, blue = 0] = at(10, 10)
    expect([red, green]).toEqual([blue, blue])
    expect(red).toBeLessThan(120)
    expect(Math.max(...at(60, 35)) - Math.min(...at(60, 35))).toBeGreaterThan(150)
  })

  it('makes no picture when none is asked', async () => {
    expect((await run(await flat(100), await flat(110), { difference: false })).kept).toEqual([])
  })

  it('says what is damaged, and where', async () => {
    const whole = await photo(400, 300).jpeg().toBuffer()
    const { result } = await run(whole, truncated(whole, 0.5))
    expect(result.damaged).toMatch(/^in the reference, the picture data ends early/)
    expect(result.ssim).toBeLessThan(0.9)
  })

  it('gives the same answer again', async () => {
    const [one, other] = [
      await photo(200, 100).png().toBuffer(),
      await photo(200, 100).jpeg({ quality: 60 }).toBuffer(),
    ]
    const [first, second] = [await run(one, other), await run(one, other)]
    expect(second.result).toEqual(first.result)
    expect(second.kept[0]?.content.equals(first.kept[0]?.content ?? Buffer.alloc(0))).toBe(true)
  })
})

const round = (value: number) => Math.round(value * 1e6) / 1e6

describe.skipIf(!hasCorpus)('comparing real pictures with their worse copies', () => {
  const scenes = ['high-trestle-trail', 'oakland-zoo-otters', 'seeding', 'singaporean-cityscape', 'tea-gardens']
  const original = (scene: string) => sharp(join(corpus, 'quality', scene, 'pristine.jpg'))
  const distance = async (scene: string, copy: Buffer) =>
    (await run(copy, await original(scene).png().toBuffer(), { difference: false })).result.perceptualDistance

  it.each(scenes)('grows with compression as the description says: %s', async (scene) => {
    const distances: number[] = []
    for (const quality of [98, 92, 82, 60, 30, 10])
      distances.push(await distance(scene, await original(scene).jpeg({ quality }).toBuffer()))
    expect(distances).toEqual(distances.toSorted((one, other) => one - other))
    const [best = 1, , good = 1, fair = 0, , worst = 0] = distances
    expect(best).toBeLessThan(0.002)
    expect(good).toBeLessThan(0.008)
    expect(fair).toBeGreaterThan(0.008)
    expect(worst).toBeGreaterThan(0.05)
  })

  it.each(scenes)('takes a change of all colours that nobody sees for less than a blur: %s', async (scene) => {
    const brighter = await distance(scene, await original(scene).linear(1.03, 0).png().toBuffer())
    const blurred = await distance(scene, await original(scene).blur(3).png().toBuffer())
    expect(brighter).toBeLessThan(0.002)
    expect(blurred).toBeGreaterThan(10 * brighter)
  })

  it('sees colours shift that the luma does not show', async () => {
    const { data, info } = await original('seeding').raw().toBuffer({ resolveWithObject: true })
    // More red and as much less green as keeps the luma.
    for (let at = 0; at < data.length; at += 3) {
      data[at] = Math.min(255, (data[at] ?? 0) + 39)
      data[at + 1] = Math.max(0, (data[at + 1] ?? 0) - 20)
    }
    const shifted = sharp(data, { raw: { width: info.width, height: info.height, channels: 3 } })
    const { result } = await run(await shifted.png().toBuffer(), await original('seeding').png().toBuffer())
    expect(result.ssim).toBeGreaterThan(0.97)
    expect(result.perceptualDistance).toBeGreaterThan(0.02)
  })
})
