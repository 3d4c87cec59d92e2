import { AV_PIX_FMT_YUV420P10LE, AVCOL_RANGE_MPEG } from 'node-av/constants'
import { FFmpegError, Frame } from 'node-av/lib'
import { describe, expect, it } from 'vitest'
import { samplesOf } from './ffmpeg.ts'

const side = 64
const colour = { primaries: 9, transfer: 16, matrix: 9, isFullRange: false }

/** Luma rises from left to right, both kinds of chroma from top to bottom and back; 10 bits, chroma halved. */
function deepFrame(): Frame {
  const frame = new Frame()
  frame.alloc()
  frame.format = AV_PIX_FMT_YUV420P10LE
  frame.width = side
  frame.height = side
  frame.colorRange = AVCOL_RANGE_MPEG
  FFmpegError.throwIfError(frame.allocBuffer(), 'take memory')
  const fill = (plane: number, length: number, value: (x: number, y: number) => number) => {
    const [data, stride = 0] = [frame.data?.[plane], frame.linesize[plane]]
    for (let y = 0; y < length; y++)
      for (let x = 0; x < length; x++) data?.writeUInt16LE(Math.round(value(x, y)), y * stride + 2 * x)
  }
  fill(0, side, (x) => 300 + 5 * x)
  fill(1, side / 2, (_, y) => 450 + 4 * y)
  fill(2, side / 2, (_, y) => 570 - 4 * y)
  return frame
}

/** ITU-R BT.2020, non-constant luminance, of the middle of a row where chroma stands still. */
function expectedAt(x: number, y: number): number[] {
  const luma = (300 + 5 * x - 64) / 876
  const [blue, red] = [(450 + 2 * y - 1 - 512) / 896, (570 - 2 * y + 1 - 512) / 896]
  const [r, b] = [luma + 1.4746 * red, luma + 1.8814 * blue]
  return [r, (luma - 0.2627 * r - 0.0593 * b) / 0.678, b].map((value) => value * 65_535)
}

describe('samples of a frame', () => {
  it.each([
    ['rgb16', 3],
    ['rgba16', 4],
  ] as const)('do not run over where chroma is halved: %s', async (layout, channels) => {
    using frame = deepFrame()
    const bytes = await samplesOf(frame, layout, { width: side, height: side }, colour)
    const samples = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2)
    expect(samples.length).toBe(side * side * channels)
    for (let y = 2; y < side - 2; y++)
      for (let x = 0; x < side; x++) {
        const at = (y * side + x) * channels
        for (const [channel, value] of expectedAt(x, y).entries())
          expect(Math.abs((samples[at + channel] ?? 0) - value)).toBeLessThan(600)
        if (channels === 4) expect(samples[at + 3]).toBe(65_535)
      }
  })
})
