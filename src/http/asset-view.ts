import { join } from 'node:path'
import { z } from 'zod'
import type { Asset } from '../catalog/assets.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { type ThumbnailSize, type Thumbnails, thumbnailSizes } from './thumbnails.ts'

const linkSchema = z.object({
  url: z.string().describe('Address that will always show this picture.'),
  width: z.number().int(),
  height: z.number().int(),
})

/** An asset as lists give it; what the file does not say is absent. */
export const assetSchema = z.object({
  asset: z.string().describe('Its id: the hash of its content.'),
  kind: z.enum(['picture', 'film', 'sound']),
  format: z.string().describe('A name of the format table: jpeg, heic, mp4, …'),
  bytes: z.number().int(),
  width: z.number().int().optional().describe('As seen, upright.'),
  height: z.number().int().optional().describe('As seen, upright.'),
  durationMs: z.number().optional(),
  takenAt: z.string().optional().describe('ISO 8601, with an offset only when it is known.'),
  camera: z.string().optional(),
  title: z.string().optional(),
  rating: z.number().int().optional(),
  gps: z.object({ latitude: z.number(), longitude: z.number() }).optional(),
  locations: z
    .array(z.object({ collection: z.string(), path: z.string() }))
    .describe('Where it lies: the id of the collection and the absolute path.'),
  pair: z
    .array(z.string())
    .optional()
    .describe('Ids of the other half of a Live Photo: of the film that belongs to the photo, or the other way round.'),
  thumbnail: linkSchema.optional().describe('The small picture, when it is made already.'),
  preview: linkSchema.optional().describe('The large picture, when it is made already.'),
})

/** An asset in the words of the API. */
export type AssetView = z.output<typeof assetSchema>

/** An asset in the words of the API, with where it lies and how it looks. */
export function viewOf(asset: Asset, catalog: Catalog, thumbnails: Thumbnails): AssetView {
  const { id, kind, format, bytes, latitude, longitude } = asset
  const { width, height, durationMs, takenAt, camera, title, rating } = asset
  const pair = catalog.assets.pairOf(asset)
  const links = Object.fromEntries(thumbnailSizes.map((size) => [size, thumbnails.link(asset, size)])) as Partial<
    Record<ThumbnailSize, z.output<typeof linkSchema>>
  >
  return present({
    asset: id,
    kind,
    format,
    bytes,
    width,
    height,
    durationMs,
    takenAt,
    camera,
    title,
    rating,
    gps: latitude === null || longitude === null ? null : { latitude, longitude },
    locations: catalog.locations
      .ofAsset(id)
      .map(({ collection, root, folder, name }) => ({ collection, path: join(root, folder, name) })),
    pair: pair.length > 0 ? pair : null,
    ...links,
  }) as AssetView
}

/** Without what is null or undefined: a value that a file does not have is absent. */
export const present = (value: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== null && one !== undefined))
