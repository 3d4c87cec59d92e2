import { boxShrink, toGrey } from '../media/picture/pixels.ts'
import type { Pixels } from '../media/picture.ts'

/** Cells along each side of a look's luma. */
export const lumaSide = 18

/** Cells along each side of a look's colours. */
export const chromaSide = 4

/** Both grids come from this size without remainders. */
export const lookSource = 36

/** A picture in a few hundred bytes, to compare it with others: exact enough to tell strangers whose hashes meet by chance. */
export interface Look {
  /** 18 × 18 cells, row by row, one byte each. */
  readonly luma: Uint8Array
  /** Cb and then Cr of 4 × 4 cells, 128 where there is no colour. */
  readonly chroma: Uint8Array
}

/** The look of RGB pixels of `lookSource` × `lookSource`. */
export function lookOf(rgb: Pixels): Look {
  const luma = boxShrink(toGrey(rgb), lumaSide, lumaSide).data
  const cells = boxShrink(rgb, chromaSide, chromaSide).data
  const count = chromaSide * chromaSide
  const chroma = new Uint8Array(2 * count)
  for (let at = 0; at < count; at++) {
    const [red = 0, green = 0, blue = 0] = cells.subarray(3 * at, 3 * at + 3)
    chroma[at] = byte(128 - 0.168736 * red - 0.331264 * green + 0.5 * blue)
    chroma[count + at] = byte(128 + 0.5 * red - 0.418688 * green - 0.081312 * blue)
  }
  return { luma, chroma }
}

const byte = (value: number): number => Math.min(255, Math.max(0, Math.round(value)))

/** A look as text, as it stands in a result. */
export const lookToText = ({ luma, chroma }: Look): { luma: string; chroma: string } => ({
  luma: Buffer.from(luma).toString('base64'),
  chroma: Buffer.from(chroma).toString('base64'),
})

/** The look of a result; undefined when its text is of another length. */
export function lookFromText(text: { luma: string; chroma: string }): Look | undefined {
  const luma = Buffer.from(text.luma, 'base64')
  const chroma = Buffer.from(text.chroma, 'base64')
  return luma.length === lumaSide ** 2 && chroma.length === 2 * chromaSide ** 2 ? { luma, chroma } : undefined
}
