import sharp from 'sharp'
import type { Area } from './changes.ts'

/** A picture that is laid on a canvas, and what becomes of it. */
export interface Part extends Area {
  /** What becomes of its place before the next one: it stays, is wiped, or goes back to what was before. */
  readonly end: 'stays' | 'wiped' | 'undone'
  /** RGBA of the place once it is wiped; as the canvas was at first when left out. */
  readonly ground?: readonly number[]
  /** Whether transparent parts let through what lies below. */
  readonly isOver: boolean
}

/** A part that can be made a file of its own, as every decoder of the format takes it. */
export interface FilePart extends Part {
  /** Its block or the data of its chunk, where it lies in the animation. */
  readonly coded: Buffer
  file(): Buffer
}

/** Samples of a part or of all, RGBA. */
export type Samples = Uint8Array | Uint16Array

/** What shows where nothing is drawn and nothing can be clear. */
export const opaqueBlack: readonly number[] = [0, 0, 0, 255]

/** How parts are drawn. */
export interface PartsOptions<Each extends Part> {
  readonly width: number
  readonly height: number
  readonly depth: 8 | 16
  /** RGBA of the canvas before anything is drawn; clear when left out. */
  readonly ground?: readonly number[]
  /** Else a part that can not be decoded is left out. */
  readonly isStrict: boolean
  readonly decode: (part: Each) => Promise<Samples>
}

/** Draws one part over the other, and gives the whole after each; each is decoded once. */
export async function* drawParts<Each extends Part>(
  parts: readonly Each[],
  { width, height, depth, ground = [0, 0, 0, 0], isStrict, decode }: PartsOptions<Each>,
): AsyncGenerator<Buffer, void, undefined> {
  const canvas = Buffer.alloc(width * height * (depth / 2))
  const paint = new Canvas(canvas, width, depth)
  paint.wipe({ left: 0, top: 0, width, height }, ground)
  for (const part of parts) {
    const before = part.end === 'undone' ? Buffer.from(canvas) : undefined
    const pixels = await decode(part).catch((thrown: unknown) => {
      if (isStrict) throw thrown
      return undefined
    })
    if (pixels) paint.draw(part, pixels)
    yield Buffer.from(canvas)
    if (before) before.copy(canvas)
    else if (part.end === 'wiped') paint.wipe(part, part.ground ?? ground)
  }
}

/** Decodes a part that was made a file of its own, which may not be larger than what was said of it. */
export async function decodeFile(
  file: Buffer,
  { width, height }: Part,
  { depth, isStrict }: { readonly depth: 8 | 16; readonly isStrict: boolean },
): Promise<Samples> {
  const image = sharp(file, { limitInputPixels: width * height, failOn: isStrict ? 'error' : 'none' })
    .toColourspace(depth === 16 ? 'rgb16' : 'srgb')
    .ensureAlpha()
  const raw = image.raw(depth === 16 ? { depth: 'ushort' } : {})
  const { data, info } = await raw.toBuffer({ resolveWithObject: true })
  if (info.channels !== 4 || info.width !== width || info.height !== height)
    throw new RangeError('a frame is of another size')
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

  wipe({ width, height, left, top }: Area, ground: readonly number[]): void {
    for (let y = top; y < top + height; y++) {
      const at = (y * this.#width + left) * 4
      this.#samples.set(ground, at)
      // What is there is doubled, until all of the row is.
      for (let done = 4; done < 4 * width; done *= 2)
        this.#samples.copyWithin(at + done, at, at + Math.min(done, 4 * width - done))
    }
  }

  /** Lays one pixel over another, alpha not multiplied into the colours. */
  #blend(to: number, above: Samples, from: number): void {
    const [below, most] = [this.#samples, this.#most]
    const alpha = above[from + 3] ?? 0
    if (alpha === 0) return
    if (alpha === most) {
      for (let channel = 0; channel < 4; channel++) below[to + channel] = above[from + channel] ?? 0
      return
    }
    const shown = (below[to + 3] ?? 0) * (most - alpha)
    const whole = alpha * most + shown
    for (let channel = 0; channel < 3; channel++) {
      const mixed = (above[from + channel] ?? 0) * alpha * most + (below[to + channel] ?? 0) * shown
      below[to + channel] = Math.round(mixed / whole)
    }
    below[to + 3] = Math.round(whole / most)
  }
}
