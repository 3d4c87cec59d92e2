import type { Pixels } from '../picture.ts'

/** A picture by the numbers of its colours. */
export interface IndexedPixels {
  readonly width: number
  readonly height: number
  /** One byte a pixel. */
  readonly indices: Buffer
  /** RGBA, in the order in which they are first met. */
  readonly colours: readonly (readonly [red: number, green: number, blue: number, alpha: number])[]
}

const most = 256

/** The colours of a picture by numbers; undefined above 256 of them, found out at the first one too many. */
export function indexColours({ data, width, height, channels }: Pixels): IndexedPixels | undefined {
  const numbers = new Map<number, number>()
  const colours: [number, number, number, number][] = []
  const indices = Buffer.allocUnsafe(width * height)
  let [last, number] = [-1, 0]
  for (let at = 0, from = 0; at < indices.length; at++, from += channels) {
    const red = data[from] ?? 0
    const green = channels === 1 ? red : (data[from + 1] ?? 0)
    const blue = channels === 1 ? red : (data[from + 2] ?? 0)
    const alpha = channels === 4 ? (data[from + 3] ?? 255) : 255
    const colour = ((red << 24) | (green << 16) | (blue << 8) | alpha) >>> 0
    if (colour !== last) {
      const known = numbers.get(colour)
      if (known === undefined && colours.length === most) return undefined
      number = known ?? colours.length
      if (known === undefined) {
        numbers.set(colour, number)
        colours.push([red, green, blue, alpha])
      }
      last = colour
    }
    indices[at] = number
  }
  return { width, height, indices, colours }
}
