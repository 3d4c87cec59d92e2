import sharp, { type Sharp } from 'sharp'
import { openMedia } from '../../src/media/open.ts'
import type { RewriteOptions, RewrittenPicture } from '../../src/media/picture.ts'
import { fileOf } from './pictures.ts'

const usual: RewriteOptions = { format: 'png', color: 'keep', metadata: 'strip', frames: 'all' }

let number = 0

/** The picture written anew by the media of its own, a PNG without metadata unless asked otherwise. */
export async function rewrite(
  content: Buffer | string,
  options: Partial<RewriteOptions> = {},
): Promise<RewrittenPicture> {
  const media = await openMedia(typeof content === 'string' ? content : fileOf(`original-${number++}`, content))
  try {
    return await media.rewrite({ ...usual, ...options })
  } finally {
    await media.close()
  }
}

/** Samples without any pattern, always the same: nothing that rounds or smooths gives them back. */
export function noiseOf(length: number, bits: 8 | 16 = 8): Uint8Array | Uint16Array {
  const samples = bits === 8 ? new Uint8Array(length) : new Uint16Array(length)
  let seed = 11
  for (let at = 0; at < length; at++) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
    samples[at] = seed >>> (32 - bits)
  }
  return samples
}

/** Size of `noisy`; both odd. */
export const noisySize = { width: 53, height: 37 }

/** A small picture of noise. */
export function noisy(channels: 1 | 3 | 4, bits: 8 | 16 = 8): Sharp {
  const { width, height } = noisySize
  const image = sharp(noiseOf(width * height * channels, bits), { raw: { width, height, channels } })
  if (bits === 16) return image.toColourspace(channels === 1 ? 'grey16' : 'rgb16')
  return channels === 1 ? image.toColourspace('b-w') : image
}

/** The samples of a file as they are coded, no profile applied. */
export const codedSamples = (content: Buffer, space: 'srgb' | 'rgb16' | 'grey16' | 'b-w' = 'srgb'): Promise<Buffer> =>
  sharp(content, { ignoreIcc: true })
    .toColourspace(space)
    .raw({ depth: space.endsWith('16') ? 'ushort' : 'uchar' })
    .toBuffer()
