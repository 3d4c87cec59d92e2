import sharp from 'sharp'
import { type PngChunk, pngChunk, pngChunks, pngSignature } from './png-chunks.ts'

/** The frames of an animation, drawn out and below each other, as libvips takes them. */
export interface DrawnFrames {
  /** RGBA, 8 bits a sample, in the colours of the file. */
  readonly data: Buffer
  readonly width: number
  /** Of one frame. */
  readonly height: number
  /** Milliseconds of each frame. */
  readonly delays: readonly number[]
  /** How often it is shown; 0 for ever. */
  readonly loop: number
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
 * Draws the frames of an APNG, which libvips reads as a still picture; undefined when there are not several, when they hold
 * more than `maxPixels` together, or when something is wrong with them.
 */
export async function drawApng(png: Buffer, maxPixels: number): Promise<DrawnFrames | undefined> {
  const chunks = [...pngChunks(png)]
  const header = chunks.find(({ type }) => type === 'IHDR')?.data
  const loop = chunks.find(({ type }) => type === 'acTL')?.data
  if (header?.length !== 13 || loop?.length !== 8) return undefined
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)]
  const parts = partsOf(chunks)
  const isInside = parts.every(
    (part) => part.width > 0 && part.height > 0 && part.left + part.width <= width && part.top + part.height <= height,
  )
  if (parts.length < 2 || !isInside || width * height * parts.length > maxPixels) return undefined
  // A palette and the like count for all frames.
  const shared = chunks.filter(({ type }) => type === 'PLTE' || type === 'tRNS')
  const frameBytes = width * height * 4
  const data = Buffer.alloc(frameBytes * parts.length)
  const canvas = Buffer.alloc(frameBytes)
  for (const [number, part] of parts.entries()) {
    const before = part.dispose === 2 ? Buffer.from(canvas) : undefined
    const pixels = await decodePart(header, shared, part)
    draw(canvas, width, part, pixels)
    canvas.copy(data, number * frameBytes)
    if (before) before.copy(canvas)
    else if (part.dispose === 1) wipe(canvas, width, part)
  }
  return { data, width, height, delays: parts.map(({ delayMs }) => delayMs), loop: loop.readUInt32BE(4) }
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

async function decodePart(header: Buffer, shared: readonly PngChunk[], part: Part): Promise<Buffer> {
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
  const image = sharp(png, { limitInputPixels: false, failOn: 'error' }).toColourspace('srgb').ensureAlpha()
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true })
  if (info.channels !== 4) throw new RangeError('a frame came out without alpha')
  return data
}

function draw(canvas: Buffer, canvasWidth: number, { width, height, left, top, isOver }: Part, pixels: Buffer): void {
  for (let y = 0; y < height; y++) {
    let to = ((top + y) * canvasWidth + left) * 4
    const from = y * width * 4
    if (!isOver) pixels.copy(canvas, to, from, from + width * 4)
    else for (let at = from; at < from + width * 4; at += 4, to += 4) blend(canvas, to, pixels, at)
  }
}

/** Lays one pixel over another, alpha not multiplied into the colours. */
function blend(below: Buffer, to: number, above: Buffer, from: number): void {
  const alpha = above[from + 3] ?? 0
  if (alpha === 0) return
  const shown = (below[to + 3] ?? 0) * (255 - alpha)
  const whole = alpha * 255 + shown
  for (let channel = 0; channel < 3; channel++) {
    const mixed = (above[from + channel] ?? 0) * alpha * 255 + (below[to + channel] ?? 0) * shown
    below[to + channel] = Math.round(mixed / whole)
  }
  below[to + 3] = Math.round(whole / 255)
}

function wipe(canvas: Buffer, canvasWidth: number, { width, height, left, top }: Part): void {
  for (let y = top; y < top + height; y++) {
    const at = (y * canvasWidth + left) * 4
    canvas.fill(0, at, at + width * 4)
  }
}
