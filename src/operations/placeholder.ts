import { rgbaToThumbHash } from 'thumbhash'
import { z } from 'zod'
import { dominantColors, hex } from './dominant-colors.ts'
import { defineOperation } from './operation.ts'

/** What a page shows before the picture arrives: some 25 bytes that give a blurred picture, and its colours. */
export const placeholder = defineOperation({
  name: 'placeholder',
  group: 'image-processing',
  accepts: ['picture'],
  version: 3,
  category: 'analysis',
  dependsOn: 'pixels',
  summary: 'Makes a ThumbHash and names the colours of a picture, to be shown until the picture arrives.',
  params: z.object({
    colors: z.int().min(1).max(16).default(5).describe('How many dominant colours are named at most.'),
  }),
  result: z.object({
    thumbHash: z.string().describe('ThumbHash in base64 (evanw.github.io/thumbhash).'),
    averageColor: z.string().describe('#rrggbb'),
    dominantColors: z.array(
      z.object({ color: z.string().describe('#rrggbb'), share: z.number().describe('Share of the picture, 0–1.') }),
    ),
    damaged: z.string().optional().describe('What is wrong with the file, when only part of it could be decoded.'),
  }),
  artifacts: [],
  examples: [
    { title: 'The usual placeholder', params: {} },
    { title: 'Only the strongest colour', params: { colors: 1 } },
  ],

  edge: () => 250,

  async run(media, { colors }) {
    const picture = await media.picture({ edge: 250 })
    const { data, width, height } = await picture.pixels({ width: 40, height: 40, fit: 'inside', as: 'rgba' })
    return {
      thumbHash: Buffer.from(rgbaToThumbHash(width, height, data)).toString('base64'),
      averageColor: hex(average(data)),
      dominantColors: dominantColors(data, colors),
      ...(picture.damage === undefined ? {} : { damaged: picture.damage }),
    }
  },
})

/** The mean of all pixels, each counted as much as it can be seen. */
function average(rgba: Uint8Array): [number, number, number] {
  let [red, green, blue, weight] = [0, 0, 0, 0]
  for (let at = 0; at < rgba.length; at += 4) {
    const alpha = rgba[at + 3] ?? 255
    red += (rgba[at] ?? 0) * alpha
    green += (rgba[at + 1] ?? 0) * alpha
    blue += (rgba[at + 2] ?? 0) * alpha
    weight += alpha
  }
  return weight === 0 ? [255, 255, 255] : [red / weight, green / weight, blue / weight]
}
