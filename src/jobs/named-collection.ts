import { realpathSync } from 'node:fs'
import { isAbsolute, relative, sep } from 'node:path'
import type { Catalog } from '../catalog/catalog.ts'
import type { Collection } from '../catalog/collections.ts'
import { MediaError } from '../errors.ts'

/** A collection, or a folder inside it. */
export interface NamedCollection {
  readonly collection: Collection
  /** Relative to the root, with `/`; absent for the whole collection. */
  readonly folder?: string
}

/** The collection of an id, or the innermost one around an absolute folder. Throws NOT_FOUND. */
export function findNamedCollection(catalog: Catalog, named: string): NamedCollection {
  const collection = catalog.collections.find(named)
  if (collection) return { collection }
  const around = isAbsolute(named) ? innermostAround(catalog, realFolder(named)) : undefined
  if (around) return around
  throw new MediaError('NOT_FOUND', ['collection', named])
}

function innermostAround(catalog: Catalog, path: string): NamedCollection | undefined {
  const [collection] = catalog.collections
    .list()
    .filter(({ root }) => path === root || path.startsWith(root.endsWith(sep) ? root : root + sep))
    .sort((a, b) => b.root.length - a.root.length)
  if (!collection) return undefined
  const folder = relative(collection.root, path).split(sep).join('/')
  return folder === '' ? { collection } : { collection, folder }
}

function realFolder(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    // What is gone may still be known.
    return path
  }
}
