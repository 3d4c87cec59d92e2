import { AV_FRAME_FLAG_INTERLACED, AV_PIX_FMT_YUV420P } from 'node-av/constants'
import { Frame } from 'node-av/lib'
import { describe, expect, it } from 'vitest'
import { upright } from './display.ts'
import { renderFrame } from './render.ts'

const look = { display: upright, sar: { num: 0, den: 1 }, needsReshaping: false }
const [width, height] = [64, 48]

/** A frame of two fields of different moments: a bar that has moved on by half the width in every second line. */
function combed(): Frame {
  const luma = Buffer.from(
    Array.from({ length: width * height }, (_, at) => {
      const [x, y] = [at % width, Math.floor(at / width)]
      return x < width / 2 === (y % 2 === 0) ? 235 : 16
    }),
  )
  const chroma = Buffer.alloc((width * height) / 2, 128)
  return Frame.fromVideoBuffer(Buffer.concat([luma, chroma]), { width, height, format: AV_PIX_FMT_YUV420P })
}

/** Mean step from line to line in the middle of the picture. */
function combing({ data }: { data: Buffer }): number {
  let sum = 0
  for (let y = 8; y < height - 8; y++) {
    for (let x = 0; x < width; x++) {
      sum += Math.abs((data[(y * width + x) * 3] ?? 0) - (data[((y + 1) * width + x) * 3] ?? 0))
    }
  }
  return sum / (width * (height - 16))
}

describe('rendering a frame', () => {
  it('makes one moment of the two of an interlaced frame', async () => {
    const frame = combed()
    const combs = combing(await renderFrame(frame, look))
    frame.setFlags(AV_FRAME_FLAG_INTERLACED)
    const calm = combing(await renderFrame(frame, look))
    frame.free()
    expect(combs).toBeGreaterThan(200)
    expect(calm).toBeLessThan(20)
  })

  it('shows a frame that it can not rebuild the colours of as it is', async () => {
    const frame = combed()
    const rendered = await renderFrame(frame, { ...look, needsReshaping: true })
    frame.free()
    expect(rendered).toMatchObject({ width, height, channels: 3 })
  })

  it('gives a square of one pixel for a speck', async () => {
    const frame = combed()
    expect(await renderFrame(frame, look, 1)).toMatchObject({ width: 1, height: 1, fullWidth: 64, fullHeight: 48 })
    frame.free()
  })
})
