import type { Picture, Pixels, WritableFormat, WriteOptions } from '../../media/picture.ts'
import { ssimOf } from '../similarity.ts'
import type { Measured } from './search.ts'

/** From this size on, in pixels, qualities are looked for in windows of a picture before the whole is encoded. */
export const largePixels = 3_000_000

/** Long enough that the frame of a file hardly counts, and that encoders see blocks of every size. */
const side = 512

/** Bytes of a file that do not grow with the picture. */
const frameBytes: Partial<Record<WritableFormat, number>> = { jpeg: 600, avif: 300, webp: 50 }

/** Some windows of a picture in full resolution, from its plainest part to its most detailed, that stand for the whole. */
export async function windowsOf(picture: Picture): Promise<Picture[]> {
  const columns = Math.floor(picture.width / side)
  const rows = Math.floor(picture.height / side)
  if (columns * rows < shares.length) return [picture]
  const small = await picture.pixels({ width: columns * 8, height: rows * 8, fit: 'fill', as: 'grey' })
  const cells = Array.from({ length: columns * rows }, (_, at) => {
    const [column, row] = [at % columns, Math.floor(at / columns)]
    return { column, row, detail: detailOf(small, column, row) }
  }).sort((one, other) => one.detail - other.detail)
  const windows: Picture[] = []
  for (const share of shares) {
    const { column, row } = cells[Math.floor(share * cells.length)] ?? { column: 0, row: 0 }
    const left = onGrid((column * picture.width) / columns)
    const top = onGrid((row * picture.height) / rows)
    windows.push(await picture.apply([{ kind: 'crop', left, top, width: side, height: side }]))
  }
  return windows
}

// Windows off the blocks of a JPEG would lose far more than the whole does, whose blocks lie where they lay.
const onGrid = (position: number): number => Math.floor(position / 16) * 16

/** The middles of equal parts of all cells, in the order of their detail. */
const shares = [0.1, 0.3, 0.5, 0.7, 0.9]

/** How much eight by eight samples of a cell differ from their neighbours. */
function detailOf({ data, width }: Pixels, column: number, row: number): number {
  let sum = 0
  for (let y = 0; y < 8; y++) {
    for (let x = 0; x < 7; x++) {
      const at = (row * 8 + y) * width + column * 8 + x
      sum += Math.abs((data[at] ?? 0) - (data[at + 1] ?? 0))
    }
  }
  return sum
}

/** Estimates by windows what a quality would come to over all of `pixels`: their mean likeness, and bytes by their area. */
export async function measureWindows(
  windows: readonly Picture[],
  decode: (data: Buffer) => Promise<Picture>,
  pixels: number,
  options: WriteOptions & { readonly quality: number },
): Promise<Measured> {
  let [bytes, area, likeness] = [0, 0, 0]
  for (const window of windows) {
    const { data } = await window.write(options)
    bytes += data.length - (frameBytes[options.format] ?? 0)
    area += window.width * window.height
    const seen = await decode(data)
    likeness += ssimOf(await pixelsOf(window), await pixelsOf(seen))
    seen.free()
  }
  return {
    quality: options.quality,
    bytes: Math.round((bytes * pixels) / area),
    ssim: likeness / windows.length,
  }
}

/** All pixels of a picture as they are. */
export const pixelsOf = (picture: Picture): Promise<Pixels> =>
  picture.pixels({ width: picture.width, height: picture.height, fit: 'fill', as: 'own' })
