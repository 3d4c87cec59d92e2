import { AV_PIX_FMT_YUV420P } from 'node-av/constants'
import { Frame } from 'node-av/lib'
import { describe, expect, it } from 'vitest'
import { upright } from '../display.ts'
import { SeenFrames } from './seen-frames.ts'

const look = { display: upright, sar: { num: 1, den: 1 }, needsReshaping: false }

describe('frames that are brought to the eye', () => {
  it.each([false, true])('keep their times (interlaced: %s)', async (isInterlaced) => {
    const times: bigint[] = []
    const target = { look, width: 32, height: 32, isInterlaced, timeBase: { num: 1, den: 25 } }
    const seen = new SeenFrames(target, async ({ pts }) => {
      times.push(pts)
    })
    for (const pts of [0n, 1n, 2n, 3n]) {
      const grey = Buffer.alloc(64 * 64 * 1.5, 128)
      const frame = Frame.fromVideoBuffer(grey, { width: 64, height: 64, format: AV_PIX_FMT_YUV420P, pts })
      await seen.take(frame)
      frame.free()
    }
    await seen.end()
    seen.close()
    expect(times).toEqual([0n, 1n, 2n, 3n])
  })
})
