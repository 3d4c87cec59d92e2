import { isAbsolute, join } from 'node:path'
import type { Catalog } from '../catalog/catalog.ts'
import { MediaError } from '../errors.ts'
import { assertInside } from './bounds.ts'
import { type FileFacts, isUnchanged, lookAt } from './identities.ts'

/** How a request names a file: by absolute path, or by the asset's id or its unique beginning. */
export interface FileName {
  readonly path?: string
  readonly asset?: string
}

/**
 * The file that a request means, looked at; of an asset's locations the first one where it still lies unchanged. Throws
 * PATH_FORBIDDEN for what leads out of the folders `within`, where these are given.
 */
export function locateFile(catalog: Catalog, { path, asset: id }: FileName, within?: readonly string[]): FileFacts {
  if (path !== undefined) {
    if (!isAbsolute(path) || path.includes('\0')) {
      throw new MediaError('PARAMS_INVALID', [`Expected an absolute path, but it was ${JSON.stringify(path)}.`])
    }
    assertInside(path, within)
    return lookAt(path)
  }
  const asset = id === undefined ? undefined : (catalog.assets.find(id) ?? catalog.assets.findByPrefix(id))
  if (!asset) throw new MediaError('NOT_FOUND', ['asset', id ?? ''])
  return locateAsset(catalog, asset.id, within)
}

/**
 * Where an asset lies now. Throws FILE_CHANGED when only other content is at its places, PATH_FORBIDDEN when they lead out
 * of the folders `within`, FILE_MISSING when nothing is there.
 */
export function locateAsset(catalog: Catalog, asset: string, within?: readonly string[]): FileFacts {
  let failure: unknown
  for (const location of catalog.locations.ofAsset(asset)) {
    try {
      const path = join(location.root, location.folder, location.name)
      assertInside(path, within)
      const file = lookAt(path)
      if (isUnchanged(location, file)) return file
      failure = new MediaError('FILE_CHANGED')
    } catch (error) {
      failure ??= error
    }
  }
  throw failure ?? new MediaError('FILE_MISSING', [`asset ${asset.slice(0, 12)}`])
}
