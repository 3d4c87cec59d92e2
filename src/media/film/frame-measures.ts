import type { Frame } from 'node-av/lib'
import { isFullRange } from './colour.ts'
import { filterFrame } from './graph.ts'
import { bitDepthOf, pixelFormatNameOf } from './names.ts'

/** What was measured of a frame as it is coded, before it is made smaller; shares and luma are 0–1. */
export interface FrameMeasures {
  /** Mean luma. */
  readonly light: number
  /** Standard deviation of luma. */
  readonly contrast: number
  /** How strong the strongest fine detail is. */
  readonly sharpness: number
  /** Standard deviation of luma in the calmest parts. */
  readonly noise: number
  /** How much steps of luma gather on a grid of 8 pixels; 0 for none. */
  readonly blockiness: number
  /** How much higher steps of luma are on that grid, in 8-bit codes: below half a code nobody sees it. */
  readonly blockStep: number
  /** Share of pixels that are black. */
  readonly blackShare: number
  /** Share of places where the lines of two moments are woven into each other. */
  readonly combedShare: number
}

/** About so many rows with their neighbours, evenly spread: enough to judge a frame, and a fraction of its decode. */
const bands = 24
/** Of the range between black and white, as FFmpeg's `blackdetect` has it. */
const blackBelow = 0.1
const segment = 32

/** Measures the luma of a frame in its coded size, in some of its rows. */
export async function measureFrame(frame: Frame): Promise<FrameMeasures> {
  const luma = lumaOf(frame)
  if (luma !== undefined) return measureLuma(luma)
  const plain = await filterFrame(frame, [['format', 'pix_fmts=yuv444p']])
  try {
    const converted = lumaOf(plain)
    if (converted === undefined) throw new Error('a frame of this format has luma')
    return measureLuma(converted)
  } finally {
    plain.free()
  }
}

/** A plane of luma and what its codes mean. */
interface Luma {
  readonly codes: Uint8Array | Uint16Array
  readonly width: number
  readonly height: number
  /** From row to row, in codes. */
  readonly stride: number
  readonly black: number
  readonly white: number
}

function lumaOf(frame: Frame): Luma | undefined {
  const name = pixelFormatNameOf(frame.format) ?? ''
  if (!/^(?:yuv[aj]?4\d\dp|gray|nv(?:12|16|21|24)|p[024]1[026])/.test(name) || name.endsWith('be')) return undefined
  const [plane, stride] = [frame.data?.[0], frame.linesize[0]]
  const { width, height } = frame
  const depth = bitDepthOf(name)
  if (plane === undefined || stride === undefined || stride <= 0 || depth > 16) return undefined
  const isWide = depth > 8
  if (isWide && plane.byteOffset % 2 !== 0) return undefined
  if (plane.length < (height - 1) * stride + width * (isWide ? 2 : 1)) return undefined
  // P010 and its kin hold their bits at the upper end.
  const one = name.startsWith('p') ? 2 ** 8 : 2 ** (depth - 8)
  const isFull = isFullRange(frame)
  return {
    codes: isWide ? new Uint16Array(plane.buffer, plane.byteOffset, plane.length >> 1) : plane,
    width,
    height,
    stride: isWide ? stride >> 1 : stride,
    black: isFull ? 0 : 16 * one,
    white: isFull ? 256 * one - 1 : 235 * one,
  }
}

function measureLuma(luma: Luma): FrameMeasures {
  const { codes, width, height, stride, black, white } = luma
  const range = white - black
  const blackCode = black + blackBelow * range
  const detail = new Detail(luma)
  let [count, sum, squares, blacks] = [0, 0, 0, 0]
  // Odd, so that the rows meet the rows of coding blocks in every place.
  const step = Math.max(1, Math.floor(height / bands)) | 1
  for (let y = step >> 1; y < height; y += step) {
    for (let at = y * stride, end = at + width; at < end; at++) {
      const value = codes[at] as number
      sum += value
      squares += value * value
      if (value <= blackCode) blacks++
    }
    count += width
    if (y >= 2 && y < height - 2) detail.measure(y * stride)
  }
  const mean = sum / count
  return {
    light: share((mean - black) / range),
    contrast: share(Math.sqrt(Math.max(0, squares / count - mean * mean)) / range),
    blackShare: share(blacks / count),
    ...detail.result(range),
  }
}

/** Measures what neighbouring rows tell, in pieces of rows. */
class Detail {
  readonly #luma: Luma
  readonly #details: number[] = []
  readonly #noises: number[] = []
  readonly #phases = new Float64Array(8)
  #combed = 0
  #borders = 0

  constructor(luma: Luma) {
    this.#luma = luma
  }

  /** Looks at the row that begins at this place, and at two above and below. */
  measure(row: number): void {
    const { codes, width, stride, black, white } = this.#luma
    const one = (white - black) / 219
    const [high, low] = [white - 2 * one, black + 2 * one]
    for (let start = 1; start + segment < width; start += segment) {
      let [detail, rest, woven, apart, clipped] = [0, 0, 0, 0, 0]
      for (let at = row + start, end = at + segment; at < end; at++) {
        // In bounds by the loops; here and below.
        const [above, here, below] = [codes[at - stride] as number, codes[at] as number, codes[at + stride] as number]
        const [left, right] = [codes[at - 1] as number, codes[at + 1] as number]
        const lines = above + below - 2 * here
        const ends =
          (codes[at - stride - 1] as number) +
          (codes[at - stride + 1] as number) +
          (codes[at + stride - 1] as number) +
          (codes[at + stride + 1] as number)
        detail += Math.abs(lines + left + right - 2 * here)
        rest += Math.abs(ends - 2 * (above + below + left + right) + 4 * here)
        woven += Math.abs(lines)
        apart += Math.abs((codes[at - 2 * stride] as number) + (codes[at + 2 * stride] as number) - 2 * here)
        if (here > high || here < low) clipped++
      }
      this.#details.push(detail / segment)
      // Black and white hide noise.
      if (clipped < segment / 4) this.#noises.push((Math.sqrt(Math.PI / 2) * rest) / (6 * segment))
      // Two moments differ from line to line, but not within the lines of one of them.
      if (woven > 2 * apart + 8 * one * segment) this.#combed++
    }
    this.#findGrid(row, 10 * one)
  }

  #findGrid(row: number, most: number): void {
    const { codes, width } = this.#luma
    this.#borders += width / 8
    let before = 0
    let step = Math.abs((codes[row + 1] as number) - (codes[row] as number))
    for (let x = 2; x < width; x++) {
      const after = Math.abs((codes[row + x] as number) - (codes[row + x - 1] as number))
      const excess = step - (before + after) / 2
      // Edges of things would drown those of blocks.
      if (excess > 0) this.#phases[(x - 1) & 7] = (this.#phases[(x - 1) & 7] as number) + Math.min(excess, most)
      before = step
      step = after
    }
  }

  result(range: number): Omit<FrameMeasures, 'light' | 'contrast' | 'blackShare'> {
    const phases = this.#phases.toSorted()
    const [most = 0, usual = 0] = [phases[7], phases[3]]
    return {
      sharpness: share((4 * quantile(this.#details, 0.95)) / range),
      noise: share(quantile(this.#noises, 0.25) / range),
      blockiness: most > 0 ? share((most - usual) / most) : 0,
      blockStep: Math.round(((most - usual) / Math.max(1, this.#borders) / (range / 219)) * 1000) / 1000,
      combedShare: share(this.#combed / Math.max(1, this.#details.length)),
    }
  }
}

function quantile(values: readonly number[], part: number): number {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0
}

/** To 0–1, in steps of a millionth. */
const share = (value: number): number => Math.round(Math.min(1, Math.max(0, value)) * 1e6) / 1e6
