import sharp from 'sharp'
import { thumbHashToApproximateAspectRatio, thumbHashToRGBA } from 'thumbhash'
import { describe, expect, it } from 'vitest'
import { noFiles } from '../../test/support/operation-io.ts'
import { fileOf, photo, quarters, truncated } from '../../test/support/pictures.ts'
import { openMedia } from '../media/open.ts'
import { dominantColors } from './dominant-colors.ts'
import type { OperationIo } from './operation.ts'
import { placeholder } from './placeholder.ts'

const io: OperationIo = {
  signal: new AbortController().signal,
  artifact: async () => undefined,
  ...noFiles,
  progress: () => undefined,
}

async function run(content: Buffer, params: object = {}) {
  const result = await placeholder.run(await openMedia(fileOf('source', content)), placeholder.params.parse(params), io)
  return placeholder.result.parse(result)
}

describe('placeholder', () => {
  it('is a ThumbHash that others can draw', async () => {
    const { thumbHash } = await run(await quarters(400, 200).png().toBuffer())
    const bytes = Buffer.from(thumbHash, 'base64')
    expect(bytes.length).toBeLessThan(30)
    expect(thumbHashToApproximateAspectRatio(bytes)).toBeCloseTo(2, 0)
    const { w, rgba } = thumbHashToRGBA(bytes)
    const [red = 0, , blue = 0] = rgba.subarray((w + 2) * 4)
    expect(red, 'red at the top left').toBeGreaterThan(blue)
  })

  it('names the mean colour', async () => {
    const plain = sharp({ create: { width: 300, height: 300, channels: 3, background: '#3366cc' } })
    expect((await run(await plain.png().toBuffer())).averageColor).toBe('#3366cc')
  })

  it('names the colours with their shares, strongest first', async () => {
    const red = await sharp({ create: { width: 100, height: 300, channels: 3, background: '#c02020' } })
      .png()
      .toBuffer()
    const blue = sharp({ create: { width: 400, height: 300, channels: 3, background: '#2040c0' } })
    const { dominantColors: found } = await run(
      await blue
        .composite([{ input: red, left: 0, top: 0 }])
        .png()
        .toBuffer(),
      { colors: 2 },
    )
    expect(found).toHaveLength(2)
    expect(found[0]?.share).toBeCloseTo(0.75, 1)
    expect(found[1]?.share).toBeCloseTo(0.25, 1)
    const near = (color = '', other: number[]): boolean =>
      other.every(
        (value, index) => Math.abs(value - Number.parseInt(color.slice(1 + 2 * index, 3 + 2 * index), 16)) < 12,
      )
    expect(near(found[0]?.color, [0x20, 0x40, 0xc0])).toBe(true)
    expect(near(found[1]?.color, [0xc0, 0x20, 0x20])).toBe(true)
  })

  it('works with damaged files, and says so', async () => {
    const { damaged, thumbHash } = await run(truncated(await photo().jpeg().toBuffer(), 0.6))
    expect(damaged).toBeTypeOf('string')
    expect(thumbHash).not.toBe('')
  })
})

describe('dominantColors', () => {
  it('joins what looks alike', () => {
    const rgba = Uint8Array.from(
      [...Array(50).fill([100, 100, 100, 255]), ...Array(50).fill([104, 100, 100, 255])].flat(),
    )
    expect(dominantColors(rgba, 5)).toHaveLength(1)
  })

  it('names none where nothing can be seen', () => {
    expect(dominantColors(new Uint8Array(400), 5)).toEqual([])
  })
})
