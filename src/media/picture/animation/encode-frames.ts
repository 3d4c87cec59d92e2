import { MediaError } from '../../../errors.ts'
import type { WriteOptions } from '../../picture.ts'
import { type Encodable, encode } from '../encode.ts'
import type { Drawn } from './drawn.ts'

/**
 * Encodes a picture that moves. Decoder and encoder run together, so what fails may be either: where all frames can be read it
 * was the encoder, which is thrown as INTERNAL; else what the decoder said is thrown as it is.
 */
export async function encodeFrames(picture: Encodable, animation: Drawn, options: WriteOptions): Promise<Buffer> {
  try {
    return await encode(picture, options)
  } catch (thrown) {
    if (thrown instanceof MediaError || options.signal?.aborted || !(await canBeRead(animation, options))) throw thrown
    const sentence = `the animation could not be encoded as ${options.format}`
    throw new MediaError('INTERNAL', [sentence], { cause: thrown })
  }
}

async function canBeRead(animation: Drawn, { signal }: WriteOptions): Promise<boolean> {
  try {
    for await (const _ of animation.frames()) signal?.throwIfAborted()
    return true
  } catch {
    signal?.throwIfAborted()
    return false
  }
}
