import type { Frame } from 'node-av/lib'
import { checkPixels } from '../../limits.ts'
import type { MediaLimits } from '../../media.ts'
import { decodedFrames, samplesOf, traitsOf } from '../ffmpeg.ts'
import { jxlCodestream, readJxlHead } from '../jxl-head.ts'
import { needsConversion, toSrgb } from '../tone.ts'
import type { Drawn } from './drawn.ts'

/** The frames of a JPEG XL, and what goes with them. */
export interface JxlFrames {
  readonly drawn: Drawn
  readonly hasAlpha: boolean
  readonly icc?: Buffer
}

/** How the frames are drawn. */
export interface JxlOptions {
  readonly limits: MediaLimits
  /** Whether they keep more than 8 bits a sample where they have them. */
  readonly isDeep: boolean
  readonly isStrict: boolean
  /** Ends the first look at them, which decodes all; later ones end with whoever asks for frames. */
  readonly signal?: AbortSignal | undefined
}

/** Draws the frames of a JPEG XL that moves; undefined when it is a still picture. Their times show only when they are decoded. */
export async function drawJxl(
  bytes: Buffer,
  { limits, isDeep, isStrict, signal }: JxlOptions,
): Promise<JxlFrames | undefined> {
  const loop = loopOf(bytes)
  if (loop === undefined) return undefined
  const options = { isStrict, isMoving: true }
  const delays: number[] = []
  let first: ReturnType<typeof looksOf> | undefined
  for await (const { frame } of decodedFrames('jxl', [bytes], options)) {
    signal?.throwIfAborted()
    first ??= looksOf(frame)
    delays.push(Number(frame.duration))
    checkPixels(frame.width, frame.height * delays.length, limits)
  }
  // Of one that is cut a single frame may be left.
  if (!first || (isStrict && delays.length < 2)) return undefined
  const { width, height, hasAlpha, icc, isConverted } = first
  const depth = isDeep && !icc && !isConverted && first.isDeep ? 16 : 8
  const size = { width, height }
  return {
    drawn: {
      ...{ width, height, depth, delays, loop },
      async *frames() {
        for await (const { frame } of decodedFrames('jxl', [bytes], options)) {
          yield isConverted ? await inSrgb(frame, size) : await samplesOf(frame, depth > 8 ? 'rgba16' : 'rgba', size)
        }
      },
    },
    hasAlpha,
    ...(icc ? { icc } : {}),
  }
}

function loopOf(bytes: Buffer): number | undefined {
  try {
    const codestream = jxlCodestream(bytes)
    return codestream ? readJxlHead(codestream).animation?.loop : undefined
  } catch (thrown) {
    if (thrown instanceof RangeError) return undefined
    throw thrown
  }
}

function looksOf(frame: Frame) {
  const { width, height } = frame
  const { icc, colour, hasAlpha, isDeep } = traitsOf(frame)
  return { width, height, icc, hasAlpha, isDeep, isConverted: !icc && needsConversion(colour) }
}

async function inSrgb(frame: Frame, size: { readonly width: number; readonly height: number }): Promise<Buffer> {
  const samples = await samplesOf(frame, 'rgba16', size)
  const data = new Uint16Array(samples.buffer, samples.byteOffset, samples.length / 2)
  return toSrgb({ data, ...size, channels: 4 }, traitsOf(frame).colour)
}
