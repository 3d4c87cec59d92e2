import sharp from 'sharp'
import { type PngChunk, pngChunk, pngChunks, pngSignature } from '../png-chunks.ts'
import type { Drawn } from './drawn.ts'

/** An APNG that moves: what is drawn for each frame, and where. */
export interface Apng extends Pick<Drawn, 'width' | 'height' | 'delays' | 'loop'> {
  readonly depth: 8 | 16
  readonly parts: readonly Part[]
  /** Whether frames, or parts of the last one, are missing. */
  readonly isCut: boolean
  /** The first chunk, the header. */
  readonly header: Buffer
  /** A palette and the like, which count for all frames. */
  readonly shared: readonly PngChunk[]
}

interface Part {
  readonly width: number
  readonly height: number
  readonly left: number
  readonly top: number
  readonly delayMs: number
  /** What becomes of the frame's place before the next one: 0 stays, 1 is wiped, 2 goes back to what was before. */
  readonly dispose: number
  /** Whether transparent parts let through what lies below. */
  readonly isOver: boolean
  readonly data: Buffer[]
}

/**
 * Reads the frames of an APNG, which libvips takes for a still picture; undefined when there are not several, or when they
 * contradict the canvas.
 */
export function readApng(png: Buffer): Apng | undefined {
  const chunks = [...pngChunks(png)]
  const header = chunks.find(({ type }) => type === 'IHDR')?.data
  const control = chunks.find(({ type }) => type === 'acTL')?.data
  if (header?.length !== 13 || control?.length !== 8) return undefined
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)]
  const declared = partsOf(chunks)
  const parts = declared.filter(({ data }) => data.length > 0)
  const isInside = parts.every(
    (part) => part.width > 0 && part.height > 0 && part.left + part.width <= width && part.top + part.height <= height,
  )
  if (parts.length < 2 || !isInside) return undefined
  return {
    width,
    height,
    depth: header[8] === 16 ? 16 : 8,
    delays: parts.map(({ delayMs }) => delayMs),
    loop: control.readUInt32BE(4),
    isCut: parts.length < declared.length || chunks.at(-1)?.type !== 'IEND',
    parts,
    header,
    shared: chunks.filter(({ type }) => type === 'PLTE' || type === 'tRNS'),
  }
}

/** Draws the frames of an APNG one by one. `isDeep` keeps 16 bits a sample where it has them; `isStrict` fails at what can not be read. */
export function drawApng(apng: Apng, options: { readonly isDeep: boolean; readonly isStrict: boolean }): Drawn {
  const { width, height, delays, loop } = apng
  const depth = options.isDeep ? apng.depth : 8
  return { width, height, depth, delays, loop, frames: () => framesOf(apng, depth, options.isStrict) }
}

async function* framesOf(apng: Apng, depth: 8 | 16, isStrict: boolean): AsyncGenerator<Buffer, void, undefined> {
  const canvas = Buffer.alloc(apng.width * apng.height * (depth / 2))
  const paint = new Canvas(canvas, apng.width, depth)
  for (const part of apng.parts) {
    const before = part.dispose === 2 ? Buffer.from(canvas) : undefined
    const pixels = await decodePart(apng, part, { depth, isStrict }).catch((thrown: unknown) => {
      if (isStrict) throw thrown
      return undefined
    })
    if (pixels) paint.draw(part, pixels)
    yield Buffer.from(canvas)
    if (before) before.copy(canvas)
    else if (part.dispose === 1) paint.wipe(part)
  }
}

/** The frames with the data of each; the picture for readers without animation is one only when a control stands before it. */
function partsOf(chunks: readonly PngChunk[]): Part[] {
  const parts: Part[] = []
  for (const { type, data } of chunks) {
    if (type === 'fcTL' && data.length === 26) parts.push(partOf(data))
    else if (type === 'IDAT') parts.at(-1)?.data.push(data)
    else if (type === 'fdAT') parts.at(-1)?.data.push(data.subarray(4))
  }
  return parts
}

function partOf(control: Buffer): Part {
  const [width = 0, height = 0, left = 0, top = 0] = [4, 8, 12, 16].map((at) => control.readUInt32BE(at))
  return {
    width,
    height,
    left,
    top,
    // A denominator of 0 means hundredths of a second.
    delayMs: Math.round((control.readUInt16BE(20) * 1000) / (control.readUInt16BE(22) || 100)),
    dispose: control[24] ?? 0,
    isOver: control[25] === 1,
    data: [],
  }
}

type Samples = Uint8Array | Uint16Array

async function decodePart(
  { header, shared }: Apng,
  part: Part,
  { depth, isStrict }: { readonly depth: 8 | 16; readonly isStrict: boolean },
): Promise<Samples> {
  const own = Buffer.from(header)
  own.writeUInt32BE(part.width)
  own.writeUInt32BE(part.height, 4)
  const png = Buffer.concat([
    pngSignature,
    pngChunk('IHDR', own),
    ...shared.map(({ type, data }) => pngChunk(type, data)),
    pngChunk('IDAT', Buffer.concat(part.data)),
    pngChunk('IEND', Buffer.alloc(0)),
  ])
  const image = sharp(png, { limitInputPixels: false, failOn: isStrict ? 'error' : 'none' })
    .toColourspace(depth === 16 ? 'rgb16' : 'srgb')
    .ensureAlpha()
  const raw = image.raw(depth === 16 ? { depth: 'ushort' } : {})
  const { data, info } = await raw.toBuffer({ resolveWithObject: true })
  if (info.channels !== 4) throw new RangeError('a frame came out without alpha')
  return samplesIn(data, depth)
}

const samplesIn = (bytes: Buffer, depth: 8 | 16): Samples =>
  depth === 16 ? new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2) : bytes

/** What is seen, one frame drawn over the other. */
class Canvas {
  readonly #samples: Samples
  readonly #width: number
  readonly #most: number

  constructor(bytes: Buffer, width: number, depth: 8 | 16) {
    this.#samples = samplesIn(bytes, depth)
    this.#width = width
    this.#most = 2 ** depth - 1
  }

  draw({ width, height, left, top, isOver }: Part, pixels: Samples): void {
    for (let y = 0; y < height; y++) {
      let to = ((top + y) * this.#width + left) * 4
      const from = y * width * 4
      if (!isOver) this.#samples.set(pixels.subarray(from, from + width * 4), to)
      else for (let at = from; at < from + width * 4; at += 4, to += 4) this.#blend(to, pixels, at)
    }
  }

  wipe({ width, height, left, top }: Part): void {
    for (let y = top; y < top + height; y++) {
      const at = (y * this.#width + left) * 4
      this.#samples.fill(0, at, at + width * 4)
    }
  }

  /** Lays one pixel over another, alpha not multiplied into the colours. */
  #blend(to: number, above: Samples, from: number): void {
    const [below, most] = [this.#samples, this.#most]
    const alpha = above[from + 3] ?? 0
    if (alpha === 0) return
    const shown = (below[to + 3] ?? 0) * (most - alpha)
    const whole = alpha * most + shown
    for (let channel = 0; channel < 3; channel++) {
      const mixed = (above[from + channel] ?? 0) * alpha * most + (below[to + channel] ?? 0) * shown
      below[to + channel] = Math.round(mixed / whole)
    }
    below[to + 3] = Math.round(whole / most)
  }
}
