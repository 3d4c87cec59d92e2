import { z } from 'zod'
import { MediaError } from '../errors.ts'
import { boxShrink, toGrey, withoutAlpha } from '../media/picture/pixels.ts'
import type { Picture } from '../media/picture.ts'
import { lookOf, lookSource, lookToText } from './look.ts'
import { defineOperation } from './operation.ts'
import { differenceHash, perceptualHashes } from './perceptual-hash.ts'

const hash = z.string().regex(/^[0-9a-f]{16}$/)
const perceptualHash = hash.describe('64 bits of a DCT over 32×32 grey pixels; alike pictures differ in few bits.')
const orientedHashes = z
  .array(hash)
  .length(8)
  .describe('The perceptual hash of the picture turned by EXIF orientation 1–8, to find turned and mirrored copies.')
const look = z
  .object({
    luma: z.string().describe('18×18 bytes of luma, row by row, in base64.'),
    chroma: z.string().describe('4×4 bytes each of Cb and Cr, in base64.'),
  })
  .describe('The picture in small, by which pictures are compared whose hashes are close.')

/** The names by which a picture is found again: byte for byte, without its metadata, and by its look. */
export const fingerprint = defineOperation({
  name: 'fingerprint',
  group: 'image-processing',
  accepts: ['picture'],
  version: 3,
  category: 'fingerprint',
  dependsOn: 'content',
  summary: 'Names a picture by its bytes, by its pixels and by its look, so that copies and near copies are found.',
  params: z.object({}),
  result: z.object({
    contentId: z.string().describe('SHA-256 of the whole file; above 64 MiB `s-` and that of samples.'),
    pixelId: z.string().describe('The same without the metadata, where the format allows it.'),
    perceptualHash,
    orientedHashes,
    differenceHash: hash.describe('64 bits, each telling whether one of 9×8 grey pixels is darker than the next.'),
    look,
    opaque: z
      .object({ perceptualHash, orientedHashes, look })
      .optional()
      .describe(
        'The same of the colours alone, for pictures with transparency: what is left when a copy has lost it. Elsewhere pictures lie on white.',
      ),
  }),
  artifacts: [],
  examples: [{ title: 'All names', params: {} }],

  edge: () => 1440,

  async run(media) {
    const picture = await media.picture({ edge: 1440 })
    // The hash of half a picture would call strangers twins.
    if (picture.damage !== undefined) throw new MediaError('MEDIA_DAMAGED', [picture.damage])
    const square = await picture.pixels({ width: 32, height: 32, fit: 'fill', as: 'grey' })
    const strip = await picture.pixels({ width: 9, height: 8, fit: 'fill', as: 'grey' })
    const small = await picture.pixels({ width: lookSource, height: lookSource, fit: 'fill', as: 'rgb' })
    const orientedHashes = perceptualHashes(square.data)
    const { contentId, pixelId } = media.identity
    return {
      contentId,
      pixelId,
      perceptualHash: orientedHashes[0] ?? '',
      orientedHashes,
      differenceHash: differenceHash(strip.data),
      look: lookToText(lookOf(small)),
      ...(picture.hasAlpha ? { opaque: await opaqueOf(picture) } : {}),
    }
  },
})

/** What is seen when every pixel is made opaque, as converters to JPEG do that drop the alpha. */
async function opaqueOf(picture: Picture) {
  const { width, height } = picture
  // At its own size: making it smaller weighs colours by their alpha, and those of clear pixels would be lost.
  const whole = await picture.pixels({ width, height, fit: 'fill', as: 'rgba' })
  const colours = boxShrink(withoutAlpha(whole), 4 * lookSource, 4 * lookSource)
  const orientedHashes = perceptualHashes(toGrey(boxShrink(colours, 32, 32)).data)
  const look = lookToText(lookOf(boxShrink(colours, lookSource, lookSource)))
  return { perceptualHash: orientedHashes[0] ?? '', orientedHashes, look }
}
