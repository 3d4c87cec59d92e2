import { AVCOL_RANGE_JPEG, AVCOL_RANGE_MPEG } from 'node-av/constants'
import type { Frame } from 'node-av/lib'
import type { Pixels } from '../../picture.ts'
import { type CodedOptions, decodedFrames, samplesOf, traitsOf } from '../ffmpeg.ts'
import type { CodedColour } from '../heif-boxes.ts'
import { orientPixels, swapsSides } from '../orient.ts'
import { needsConversion, toSrgb } from '../tone.ts'
import type { Drawn } from './drawn.ts'
import type { Sequence } from './sequence-boxes.ts'

/** How the frames of a sequence are drawn. */
export interface DrawOptions {
  /** EXIF's number of the turn that they need. */
  readonly orientation: number
  /** Whether they keep more than 8 bits a sample where they have them. */
  readonly isDeep: boolean
  /** Else a frame that can not be decoded is as the one before it. */
  readonly isStrict: boolean
}

/** Draws the frames of an AVIF sequence, decoded one by one as they are asked for; colours of high dynamic range are brought down. */
export async function drawSequence(sequence: Sequence, options: DrawOptions): Promise<Drawn> {
  const { width, height, delays, loop } = sequence
  const { bits, ...first } = await lookAt(sequence)
  const isDeep = options.isDeep && bits > 8 && !first.isConverted && options.orientation === 1
  const isTurned = swapsSides(options.orientation)
  return {
    width: isTurned ? height : width,
    height: isTurned ? width : height,
    depth: isDeep ? bits : 8,
    delays,
    loop,
    frames: () => framesOf(sequence, { ...options, isDeep }),
  }
}

/** What the first frame tells of all. */
async function lookAt(sequence: Sequence): Promise<{ bits: Drawn['depth']; isConverted: boolean }> {
  for await (const { frame } of decodedFrames('av1', sequence.samples, settingsFor(sequence, false))) {
    return { bits: traitsOf(frame).bits, isConverted: isConverted(sequence, frame) }
  }
  throw new Error('unexpected end of stream: no picture came out')
}

/** Frames may be a little larger than what is shown of them; hostile ones say nothing outside of what they hold inside. */
function settingsFor({ width, height }: Sequence, isStrict: boolean): CodedOptions {
  return { isStrict, settings: { max_pixels: String(4 * width * height + 2 ** 16) } }
}

/** The colours of a frame; what the container tells of them counts more than what the frame does. */
function colourOf({ colour }: Sequence, frame: Frame): CodedColour {
  const own = traitsOf(frame).colour
  if (!colour) return own
  const told = (value: number, otherwise: number): number => (value === unknown ? otherwise : value)
  return {
    primaries: told(colour.primaries, own.primaries),
    transfer: told(colour.transfer, own.transfer),
    matrix: told(colour.matrix, own.matrix),
    isFullRange: colour.isFullRange,
  }
}

/** The number of ITU-T H.273 for what is not told. */
const unknown = 2

const isConverted = (sequence: Sequence, frame: Frame): boolean =>
  !sequence.icc && needsConversion(colourOf(sequence, frame))

async function* framesOf(sequence: Sequence, options: DrawOptions): AsyncGenerator<Buffer, void, undefined> {
  const alphas = sequence.alpha && greysOf(sequence.alpha, sequence, options)
  try {
    let last: Buffer | undefined
    let shown = 0
    let alpha: Buffer | undefined
    const complete = async (frame: Buffer): Promise<Buffer> => {
      alpha = (await alphas?.next())?.value ?? alpha
      const whole = alpha ? withAlpha(frame, alpha, options.isDeep) : frame
      return orientPixels({ ...sizeOf(sequence), data: whole, channels: 4 }, options.orientation).data
    }
    for await (const { frame, index } of decodedFrames(
      'av1',
      sequence.samples,
      settingsFor(sequence, options.isStrict),
    )) {
      const drawn = await draw(frame, sequence, options.isDeep)
      last ??= drawn
      // Those between could not be decoded.
      for (; shown < index; shown++) yield await complete(last)
      if (shown > index) continue
      last = drawn
      yield await complete(drawn)
      shown++
    }
    for (; last && shown < sequence.samples.length; shown++) yield await complete(last)
  } finally {
    await alphas?.return(undefined)
  }
}

const sizeOf = ({ width, height }: Sequence): Pick<Pixels, 'width' | 'height'> => ({ width, height })

async function draw(frame: Frame, sequence: Sequence, isDeep: boolean): Promise<Buffer> {
  const size = sizeOf(sequence)
  const colour = colourOf(sequence, frame)
  frame.colorRange = colour.isFullRange ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG
  if (!isConverted(sequence, frame)) return samplesOf(frame, isDeep ? 'rgba16' : 'rgba', size, colour)
  const samples = await samplesOf(frame, 'rgba16', size, colour)
  const data = new Uint16Array(samples.buffer, samples.byteOffset, samples.length / 2)
  return toSrgb({ data, ...size, channels: 4 }, colour)
}

/** The frames of a track that is all grey; one that is missing is as the one before it. */
async function* greysOf(
  samples: readonly Buffer[],
  sequence: Sequence,
  { isDeep, isStrict }: DrawOptions,
): AsyncGenerator<Buffer, undefined, undefined> {
  let shown = 0
  let last: Buffer | undefined
  for await (const { frame, index } of decodedFrames('av1', samples, settingsFor(sequence, isStrict))) {
    const grey = await samplesOf(frame, isDeep ? 'grey16' : 'grey', sizeOf(sequence))
    last ??= grey
    for (; shown < index; shown++) yield last
    if (shown > index) continue
    last = grey
    yield grey
    shown++
  }
}

/** A frame with its alpha in place of the opaque one. */
function withAlpha(frame: Buffer, alpha: Buffer, isDeep: boolean): Buffer {
  const whole = Buffer.from(frame)
  if (isDeep) for (let at = 0; at < alpha.length; at += 2) whole.writeUInt16LE(alpha.readUInt16LE(at), 4 * at + 6)
  else for (let at = 0; at < alpha.length; at++) whole[4 * at + 3] = alpha[at] ?? 255
  return whole
}
