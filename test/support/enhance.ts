import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Picture, Pixels } from '../../src/media/picture.ts'
import { psnrOf } from '../../src/operations/similarity.ts'
import { corpus } from './corpus.ts'
import { render } from './rendering.ts'

/** A photo of the corpus, and the files that were spoiled from it. */
export interface QualitySet {
  readonly pristine: string
  readonly degraded: readonly { readonly file: string; readonly defect: string; readonly level: number }[]
}

/** The sets of spoiled photos. */
export const qualitySets = (): readonly QualitySet[] =>
  JSON.parse(readFileSync(join(corpus, 'quality/quality.json'), 'utf8')).sets

/** A file of the corpus in full size. */
export const rendered = (file: string): Promise<Picture> => render(join(corpus, file))

/** All pixels of a picture. */
export const wholePixels = ({ width, height, pixels }: Picture, as: 'grey' | 'rgb' = 'rgb'): Promise<Pixels> =>
  pixels({ width, height, fit: 'fill', as })

/** PSNR of luma between two pictures of one size, in dB. */
export const psnr = (one: Picture, other: Picture): Promise<number> => psnrAs('grey', one, other)

/** PSNR over red, green and blue, in which a tint shows too. */
export const colourPsnr = (one: Picture, other: Picture): Promise<number> => psnrAs('rgb', one, other)

async function psnrAs(as: 'grey' | 'rgb', one: Picture, other: Picture): Promise<number> {
  const [a, b] = [(await wholePixels(one, as)).data, (await wholePixels(other, as)).data]
  let squares = 0
  for (let at = 0; at < a.length; at++) squares += ((a[at] ?? 0) - (b[at] ?? 0)) ** 2
  return psnrOf(squares, a.length)
}

/** For each channel how many samples are 0 or 255. */
export async function clipped(picture: Picture): Promise<number[]> {
  const { data } = await wholePixels(picture)
  const counts = [0, 0, 0, 0, 0, 0]
  for (let at = 0; at < data.length; at++) {
    const index = 2 * (at % 3) + (data[at] === 0 ? 0 : 1)
    if (data[at] === 0 || data[at] === 255) counts[index] = (counts[index] ?? 0) + 1
  }
  return counts
}
