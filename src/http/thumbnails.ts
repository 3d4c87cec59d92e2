import type { Asset } from '../catalog/assets.ts'
import type { ArtifactRef } from '../catalog/results.ts'
import { MediaError } from '../errors.ts'
import { identityOf } from '../executor/identities.ts'
import { resultKey } from '../executor/memory.ts'
import { type RunRequest, runOperation } from '../executor/run.ts'
import type { Step } from '../executor/task.ts'
import { importSteps } from '../jobs/recipe.ts'
import type { HttpParts } from './parts.ts'

/** The two pictures that an import makes of an asset. */
export const thumbnailSizes = ['thumbnail', 'preview'] as const

/** One of the two pictures. */
export type ThumbnailSize = (typeof thumbnailSizes)[number]

/** A picture with the address that will always show it. */
export interface LinkedThumbnail {
  readonly url: string
  readonly width: number
  readonly height: number
}

const mostRemembered = 20_000

/** Knows which artifact is the thumbnail or preview of an asset, and has it made when there is none. */
export class Thumbnails {
  readonly #parts: HttpParts
  /** By asset and size: pictures of a content never change, so what was found once is right as long as its file is there. */
  readonly #known = new Map<string, ArtifactRef>()

  constructor(parts: HttpParts) {
    this.#parts = parts
  }

  /** The artifact as far as it is known already; undefined when it has to be made. */
  find(id: string, size: ThumbnailSize): ArtifactRef | undefined {
    const key = `${id}:${size}`
    const known = this.#known.get(key)
    if (known) return known
    const asset = this.#parts.catalog.assets.find(id)
    return asset && this.findFor(asset, size)
  }

  /** Like `find`, for an asset at hand. */
  findFor(asset: Asset, size: ThumbnailSize): ArtifactRef | undefined {
    const known = this.#known.get(`${asset.id}:${size}`)
    if (known) return known
    const step = stepOf(asset, size)
    const stored = step && this.#parts.catalog.results.find(resultKey(identityOf(asset), step))
    const artifact = stored?.artifacts[0]
    return artifact && this.#remember(asset.id, size, artifact)
  }

  /** Makes the picture, or finds it in the cache. Throws NO_PICTURE for what has none, and NOT_FOUND. */
  async make(id: string, size: ThumbnailSize, asked: Pick<RunRequest, 'signal' | 'within'>): Promise<ArtifactRef> {
    this.#known.delete(`${id}:${size}`)
    const asset = this.#parts.catalog.assets.find(id)
    if (!asset) throw new MediaError('NOT_FOUND', ['asset', id])
    const step = stepOf(asset, size)
    if (!step) throw new MediaError('NO_PICTURE', [`it is a ${asset.kind}`])
    const { operation, params } = step
    const answer = await runOperation(this.#parts, { ...asked, asset: id, operation: operation.name, params })
    const [made] = answer.artifacts
    if (!made) throw new MediaError('NO_PICTURE', ['the operation gave none'])
    const { path, ...artifact } = made
    return this.#remember(id, size, { ...artifact, id: idIn(path) })
  }

  /** Where a page shows the picture from; undefined when it is not made yet or there is none. */
  link(asset: Asset, size: ThumbnailSize): LinkedThumbnail | undefined {
    const artifact = this.findFor(asset, size)
    if (!artifact) return undefined
    const { id, width = 0, height = 0 } = artifact
    // The id's beginning tells versions of one asset's picture apart, which is all it is there for.
    return { url: `/api/assets/${asset.id}/thumbnail?size=${size}&v=${id.slice(0, 16)}`, width, height }
  }

  /** The mean colour of a picture as `#rrggbb`, to be shown until the picture arrives; undefined when it is not known. */
  colorOf(asset: Asset): string | undefined {
    const step = importSteps(asset.kind).find(({ operation }) => operation.name === 'placeholder')
    const stored = step && this.#parts.catalog.results.find(resultKey(identityOf(asset), step))
    const { averageColor } = (stored?.result ?? {}) as { averageColor?: string }
    return averageColor !== undefined && /^#[0-9a-f]{6}$/i.test(averageColor) ? averageColor : undefined
  }

  #remember(id: string, size: ThumbnailSize, artifact: ArtifactRef): ArtifactRef {
    if (this.#known.size >= mostRemembered) this.#known.clear()
    this.#known.set(`${id}:${size}`, artifact)
    return artifact
  }
}

/** What the import does to get this picture, so that what it made is found. */
const stepOf = (asset: Asset, size: ThumbnailSize): Step | undefined =>
  importSteps(asset.kind).find(
    ({ operation, params }) => operation.name === 'thumbnail' && (params.role ?? 'thumbnail') === size,
  )

/** The id of an artifact by its file's name. */
export const idIn = (path: string): string => /([0-9a-f]{64})\.\w+$/.exec(path)?.[1] ?? ''
