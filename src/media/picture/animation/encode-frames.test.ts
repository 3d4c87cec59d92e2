import { describe, expect, it } from 'vitest'
import { fileOfFrames, shaded, wandering } from '../../../../test/support/animations.ts'
import { rewrite } from '../../../../test/support/rewriting.ts'
import { defaultLimits } from '../../limits.ts'
import type { Encodable } from '../encode.ts'
import { drawJxl } from './draw-jxl.ts'
import type { Drawn } from './drawn.ts'
import { encodeFrames } from './encode-frames.ts'
import { openFrame } from './open-frame.ts'

const [width, height] = [8, 8]

/** Frames of which the encoder is told that they are so large. */
function animationOf(frames: () => AsyncIterable<Buffer>): { picture: Encodable; animation: Drawn } {
  const animation: Drawn = { width, height, depth: 8, delays: [100, 100], loop: 0, frames }
  const open = () => openFrame(Buffer.alloc(0), animation)
  return { picture: { width, height, depth: 8, hasAlpha: true, open, animation }, animation }
}

const formats = ['png', 'avif', 'jxl', 'webp'] as const

describe('encoding frames', () => {
  it.each(formats)('says that the encoder of %s failed when all frames can be read', async (format) => {
    const { picture, animation } = animationOf(async function* () {
      // Too short for any encoder.
      yield Buffer.alloc(4)
      yield Buffer.alloc(4)
    })
    const cause = expect.any(Error)
    await expect(encodeFrames(picture, animation, { format })).rejects.toMatchObject({ code: 'INTERNAL', cause })
  })

  it.each(['png', 'avif', 'jxl'] as const)(
    'says what the decoder said when a frame can not be read for %s',
    async (format) => {
      const fault = new Error('unexpected end of stream')
      const { picture, animation } = animationOf(async function* () {
        yield Buffer.alloc(width * height * 4, 255)
        throw fault
      })
      await expect(encodeFrames(picture, animation, { format })).rejects.toBe(fault)
    },
  )

  it('writes films that are too high for their encoder, too', async () => {
    const original = await fileOfFrames(wandering({ width: 4, height: 8705 }), 'webp')
    expect(await rewrite(original, { format: 'avif', effort: 'fast' })).toMatchObject({ frames: 4, height: 8705 })
  })
})

it('ends the first look at a JPEG XL, which decodes it, when nobody waits', async () => {
  const bytes = await fileOfFrames(shaded(), 'jxl')
  const options = { limits: defaultLimits, isDeep: true, isStrict: true }
  const reason = new Error('nobody waits')
  await expect(drawJxl(bytes, { ...options, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  expect((await drawJxl(bytes, options))?.drawn.delays).toHaveLength(8)
})
