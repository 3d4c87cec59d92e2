import { z } from 'zod'
import { MediaError } from '../errors.ts'
import { defineOperation } from './operation.ts'
import { differenceHash, perceptualHashes } from './perceptual-hash.ts'

const hash = z.string().regex(/^[0-9a-f]{16}$/)

/** The names by which a picture is found again: byte for byte, without its metadata, and by its look. */
export const fingerprint = defineOperation({
  name: 'fingerprint',
  group: 'image-processing',
  accepts: ['picture'],
  version: 1,
  category: 'fingerprint',
  dependsOn: 'content',
  summary: 'Names a picture by its bytes, by its pixels and by its look, so that copies and near copies are found.',
  params: z.object({}),
  result: z.object({
    contentId: z.string().describe('SHA-256 of the whole file; above 64 MiB `s-` and that of samples.'),
    pixelId: z.string().describe('The same without the metadata, where the format allows it.'),
    perceptualHash: hash.describe('64 bits of a DCT over 32×32 grey pixels; alike pictures differ in few bits.'),
    orientedHashes: z
      .array(hash)
      .length(8)
      .describe(
        'The perceptual hash of the picture turned by EXIF orientation 1–8, to find turned and mirrored copies.',
      ),
    differenceHash: hash.describe('64 bits, each telling whether one of 9×8 grey pixels is darker than the next.'),
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
    const orientedHashes = perceptualHashes(square.data)
    const { contentId, pixelId } = media.identity
    return {
      contentId,
      pixelId,
      perceptualHash: orientedHashes[0] ?? '',
      orientedHashes,
      differenceHash: differenceHash(strip.data),
    }
  },
})
