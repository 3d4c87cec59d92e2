import type { Pixels } from '../media/picture.ts'

/** In which pixels two pictures differ, and by how much. */
export interface Difference {
  /** Of each pixel the largest difference of a channel, 0–255. */
  readonly map: Uint8Array
  /** The largest of all. */
  readonly most: number
  /** How many pixels differ. */
  readonly count: number
  /** Sum of the squared differences of red, green and blue. */
  readonly squares: number
}

/**
 * Compares RGB or RGBA of one size pixel by pixel. Colours are those seen over white, so that what lies under full
 * transparency does not differ; alpha is a channel of its own.
 */
export function differenceOf(a: Pixels, b: Pixels): Difference {
  const { channels } = a
  const map = new Uint8Array(a.width * a.height)
  let [most, count, squares] = [0, 0, 0]
  for (let pixel = 0, from = 0; pixel < map.length; pixel++, from += channels) {
    const [shareA, shareB] = channels === 4 ? [alphaAt(a, from), alphaAt(b, from)] : [1, 1]
    let largest = channels === 4 ? Math.abs(shareA - shareB) * 255 : 0
    for (let at = from; at < from + 3; at++) {
      // In bounds by the loops; a check for each sample would double the time.
      const difference = (255 - (a.data[at] as number)) * shareA - (255 - (b.data[at] as number)) * shareB
      squares += difference * difference
      largest = Math.max(largest, Math.abs(difference))
    }
    if (largest === 0) continue
    // What differs by less than a step differs all the same.
    const steps = Math.max(1, Math.round(largest))
    map[pixel] = steps
    most = Math.max(most, steps)
    count++
  }
  return { map, most, count, squares }
}

const alphaAt = ({ data }: Pixels, from: number): number => (data[from + 3] ?? 255) / 255

/** Colours for differences of 1, 4, 16, 64 and 255 steps: blue for what hardly shows, red for what is plainly wrong. */
const stops = [
  [50, 80, 255],
  [0, 200, 230],
  [60, 220, 60],
  [255, 220, 0],
  [255, 30, 20],
] as const

/** How bright the picture lies under the colours. */
const brightness = 0.5

/** Shows differences as heat over the darkened greys of the reference. */
export function heatOver(grey: Pixels, map: Uint8Array): Pixels {
  const data = Buffer.allocUnsafe(map.length * 3)
  for (let pixel = 0, to = 0; pixel < map.length; pixel++, to += 3) {
    const steps = map[pixel] ?? 0
    const under = (grey.data[pixel] ?? 0) * brightness
    // The picture shines through what hardly differs, up to the 64 steps that nobody overlooks.
    const share = steps === 0 ? 0 : Math.min(1, 0.15 + 0.85 * (Math.log2(steps) / 6))
    for (let channel = 0; channel < 3; channel++) {
      data[to + channel] = under * (1 - share) + (heat[3 * steps + channel] ?? 0) * share + 0.5
    }
  }
  return { data, width: grey.width, height: grey.height, channels: 3 }
}

/** The colour of each number of steps; the eye goes by ratios, so the scale is logarithmic. */
const heat = Uint8Array.from({ length: 256 * 3 }, (_, index) => {
  const place = Math.log2(Math.max(1, Math.floor(index / 3))) / 2
  const at = Math.min(stops.length - 2, Math.floor(place))
  const channel = (index % 3) as 0 | 1 | 2
  const [low, high] = [stops[at]?.[channel] ?? 0, stops[at + 1]?.[channel] ?? 0]
  return low + (high - low) * Math.min(1, place - at)
})
