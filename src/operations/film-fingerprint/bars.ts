import type { Pixels } from '../../media/picture.ts'

/** Darker is a bar, when it is so in all pictures: coded black strays a little. */
const barBelow = 24
/** Of each side at most this part is bars; more is a dark film. */
const mostBars = 0.3

/** What of the pictures of one film lies within its black bars, for pictures of one size. */
export function withoutBars(pictures: readonly Pixels[]): Pixels[] {
  const [first] = pictures
  if (first === undefined || pictures.some(({ width, height }) => width !== first.width || height !== first.height)) {
    return [...pictures]
  }
  const { width, height } = first
  const isDarkRow = (y: number) =>
    pictures.every((picture) => isDark(picture, { from: y * width, step: 1, count: width }))
  const isDarkColumn = (x: number) =>
    pictures.every((picture) => isDark(picture, { from: x, step: width, count: height }))
  const top = bars(height, isDarkRow)
  const bottom = bars(height, (at) => isDarkRow(height - 1 - at))
  const left = bars(width, isDarkColumn)
  const right = bars(width, (at) => isDarkColumn(width - 1 - at))
  if (top + bottom + left + right === 0) return [...pictures]
  return pictures.map((picture) => cut(picture, { left, top, right: width - right, bottom: height - bottom }))
}

function bars(side: number, isDarkAt: (at: number) => boolean): number {
  const most = Math.floor(side * mostBars)
  let count = 0
  while (count <= most && isDarkAt(count)) count++
  return count > most ? 0 : count
}

function isDark({ data }: Pixels, { from, step, count }: { from: number; step: number; count: number }): boolean {
  let bright = 0
  for (let at = 0, place = from * 3; at < count; at++, place += step * 3) {
    if (Math.max(data[place] ?? 0, data[place + 1] ?? 0, data[place + 2] ?? 0) >= barBelow) bright++
  }
  // Coding lets single specks through.
  return bright * 50 < count
}

function cut(
  { data, width }: Pixels,
  { left, top, right, bottom }: { left: number; top: number; right: number; bottom: number },
): Pixels {
  const rowBytes = (right - left) * 3
  const kept = Buffer.allocUnsafe(rowBytes * (bottom - top))
  for (let y = top; y < bottom; y++) {
    const from = (y * width + left) * 3
    data.copy(kept, (y - top) * rowBytes, from, from + rowBytes)
  }
  return { data: kept, width: right - left, height: bottom - top, channels: 3 }
}
