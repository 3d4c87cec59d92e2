import type { Pixels } from '../../media/picture.ts'
import { PlaneSmoother } from './plane-smoother.ts'

/** How strongly a picture is smoothed. */
export interface Smoothing {
  /** Coefficients of luma that are weaker than this are dropped. */
  readonly luma: number
  /** The same for the two differences of colour. */
  readonly colour: number
  /** 0–1: how much of the smoothed picture is taken. */
  readonly amount: number
}

/**
 * Takes noise, and the borders of JPEG's blocks, from RGB or RGBA into a target of the same size, which may not be the source;
 * alpha stays. What is smaller than a block is copied. `pause` is awaited after each row.
 */
export async function smooth(
  { data, width, height, channels }: Pixels,
  target: Buffer,
  { luma, colour, amount }: Smoothing,
  pause: (row: number) => Promise<void> | undefined,
): Promise<void> {
  if (width < 8 || height < 8) {
    data.copy(target)
    return
  }
  // The planes give their rows some at a time; the last plane finds those of the others waiting.
  const [lumas, blues]: [Float32Array[], Float32Array[]] = [[], []]
  const finish = (reds: Float32Array, y: number): void => {
    const [lumaRow, blueRow] = [lumas.shift(), blues.shift()]
    if (lumaRow && blueRow) {
      const start = y * width * channels
      blendRow(data, target, start, channels, amount, [lumaRow, blueRow, reds])
    }
  }
  const planes = [
    new PlaneSmoother(width, height, luma, (row) => void lumas.push(row.slice())),
    new PlaneSmoother(width, height, colour, (row) => void blues.push(row.slice())),
    new PlaneSmoother(width, height, colour, finish),
  ]
  const rows = planes.map(() => new Float32Array(width)) as [Float32Array, Float32Array, Float32Array]
  for (let y = 0; y < height; y++) {
    splitRow(data, y * width * channels, channels, rows)
    for (const [index, plane] of planes.entries()) plane.push(rows[index] ?? rows[0])
    await pause(y)
  }
}

type Rows = readonly [luma: Float32Array, blue: Float32Array, red: Float32Array]

/** Luma and differences of colour of ITU-R BT.601, as JPEG has them. Here and below in bounds by the loops. */
function splitRow(data: Buffer, start: number, channels: number, [luma, blue, red]: Rows): void {
  for (let x = 0, at = start; x < luma.length; x++, at += channels) {
    const r = data[at] as number
    const g = data[at + 1] as number
    const b = data[at + 2] as number
    const y = 0.299 * r + 0.587 * g + 0.114 * b
    luma[x] = y
    blue[x] = (b - y) * 0.5643
    red[x] = (r - y) * 0.7133
  }
}

function blendRow(
  data: Buffer,
  target: Buffer,
  start: number,
  channels: number,
  amount: number,
  [luma, blue, red]: Rows,
): void {
  for (let x = 0, at = start; x < luma.length; x++, at += channels) {
    const y = luma[x] as number
    const b = y + (blue[x] as number) * 1.772
    const r = y + (red[x] as number) * 1.402
    const g = (y - 0.299 * r - 0.114 * b) / 0.587
    target[at] = mixed(data[at] as number, r, amount)
    target[at + 1] = mixed(data[at + 1] as number, g, amount)
    target[at + 2] = mixed(data[at + 2] as number, b, amount)
    if (channels === 4) target[at + 3] = data[at + 3] as number
  }
}

function mixed(from: number, to: number, amount: number): number {
  const value = from + (to - from) * amount + 0.5
  return value <= 0 ? 0 : value >= 255 ? 255 : value | 0
}
