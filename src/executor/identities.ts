import { type BigIntStats, statSync } from 'node:fs'
import { basename, dirname, relative, sep } from 'node:path'
import type { ResultCache } from '../cache/cache.ts'
import { cacheKey } from '../cache/key.ts'
import type { Asset } from '../catalog/assets.ts'
import type { Catalog } from '../catalog/catalog.ts'
import type { Collection } from '../catalog/collections.ts'
import type { Location } from '../catalog/locations.ts'
import { MediaError } from '../errors.ts'
import { extensionOf, type FormatName } from '../media/formats.ts'
import type { Identity } from '../media/media.ts'
import { isOfFile, markOf } from '../media/naming.ts'
import { sidecarIdOf } from '../media/sidecar.ts'
import { engineVersions } from '../media/versions.ts'

/** What a look at a file tells without opening it. */
export interface FileFacts {
  readonly path: string
  readonly bytes: number
  readonly mtimeMs: number
  readonly ctimeMs: number
  readonly inode: number
  /** All of the above and the time of the last change of any kind, to the nanosecond. */
  readonly mark: string
}

/** Looks at a file. Throws FILE_MISSING, or FILE_UNREADABLE for what is there but no file. */
export function lookAt(path: string): FileFacts {
  try {
    const stats = statSync(path, { bigint: true })
    if (!stats.isFile()) throw new MediaError('FILE_UNREADABLE', ['it is no file'])
    return toFacts(path, stats)
  } catch (error) {
    if (error instanceof MediaError) throw error
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new MediaError('FILE_MISSING', [path], { cause: error })
    throw new MediaError('FILE_UNREADABLE', [code === 'EACCES' ? 'permission denied' : (code ?? 'unknown')], {
      cause: error,
    })
  }
}

/** Whether a file looks as it did; its name and owner may have changed. */
export const looksSame = (one: FileFacts, other: FileFacts): boolean =>
  one.bytes === other.bytes && one.mtimeMs === other.mtimeMs && one.inode === other.inode

function toFacts(path: string, stats: BigIntStats): FileFacts {
  const { size, mtimeNs, ctimeNs, ino } = stats
  const times = { mtimeMs: inMs(mtimeNs), ctimeMs: inMs(ctimeNs) }
  return { path, bytes: Number(size), ...times, inode: Number(ino), mark: markOf(stats) }
}

/** As plain stat gives it, which is what the catalog holds: milliseconds with a fraction. */
const inMs = (ns: bigint): number => Number(ns / 1_000_000n) + Number(ns % 1_000_000n) / 1e6

/** What a file is by what is remembered of it. */
export interface Known {
  readonly identity: Identity
  /**
   * The file's mark, where nothing of it was touched since its content was hashed. Absent where that was not noted: its content
   * is compared with the identity when it is opened.
   */
  readonly mark?: string
}

/** Tells what a file is without opening it, when it has been read before and looks as it did then. */
export class Identities {
  readonly #catalog: Catalog
  readonly #cache: ResultCache

  constructor(catalog: Catalog, cache: ResultCache) {
    this.#catalog = catalog
    this.#cache = cache
  }

  /**
   * The identity as catalog or cache remember it, with the sidecars as they are now; undefined when the file is new or
   * changed. Names of files that were never hashed do for what `isQuick` alone.
   */
  async find(file: FileFacts, { isQuick } = { isQuick: false }): Promise<Known | undefined> {
    const location = this.#locationOf(file)
    const asset = location?.asset && this.#catalog.assets.find(location.asset)
    // Behind the same size, time and inode there can be another content when something else of the file changed.
    const isUntouched = location?.ctimeMs != null && isSameTime(location.ctimeMs, file.ctimeMs)
    if (asset && (isUntouched || location.ctimeMs === null)) {
      return { identity: await asItLies(identityOf(asset), file.path), ...(isUntouched ? { mark: file.mark } : {}) }
    }
    const remembered = (await this.#cache.get('fingerprint', keyOf(file)))?.value as Identity | undefined
    if (!remembered || (isOfFile(remembered.contentId) && !isQuick)) return undefined
    return { identity: await asItLies(remembered, file.path), mark: file.mark }
  }

  /** Remembers what a file is, as long as it looks the same. Of files of collections the catalog knows it until they are touched. */
  async remember(file: FileFacts, identity: Identity): Promise<void> {
    await this.#cache.set('fingerprint', keyOf(file), identity)
  }

  #locationOf(file: FileFacts): Location | undefined {
    for (const { id, root } of collectionsAround(this.#catalog, file.path)) {
      const folder = relative(root, dirname(file.path)).split(sep).join('/')
      const location = this.#catalog.locations.find(id, folder, basename(file.path))
      if (location?.asset && isUnchanged(location, file)) return location
    }
    return undefined
  }
}

/** An identity with the ending of this path and the id of the sidecars that lie beside it now, whatever it had before. */
async function asItLies(identity: Identity, path: string): Promise<Identity> {
  const { sidecarId: _, ...known } = identity
  const extension = extensionOf(path)
  const sidecarId = await sidecarIdOf(path)
  return sidecarId === undefined ? { ...known, extension } : { ...known, extension, sidecarId }
}

/** Whether a file looks as it did when it was imported. */
export const isUnchanged = (location: Location, file: FileFacts): boolean =>
  location.bytes === file.bytes && isSameTime(location.mtimeMs, file.mtimeMs) && location.inode === file.inode

/** One rounding step apart at most: both come from the same nanoseconds, by different sums. */
const isSameTime = (one: number, other: number): boolean => Math.abs(one - other) < 0.001

/** What the catalog's row says of an asset, in the words of the media layer; sidecars belong to files, so none is named. */
export function identityOf(asset: Asset): Identity {
  const { id, pixelId, kind, format, bytes, width, height, durationMs, originMs, frames, decodedBytes } = asset
  return {
    contentId: id,
    pixelId,
    kind,
    format: format as FormatName,
    bytes,
    decodedBytes,
    ...(width === null ? {} : { width }),
    ...(height === null ? {} : { height }),
    ...(durationMs === null ? {} : { durationMs }),
    ...(originMs === null ? {} : { originMs }),
    ...(frames ? { frames } : {}),
  }
}

/** The collections whose root lies above a path, the nearest first. */
const collectionsAround = (catalog: Catalog, path: string): Collection[] =>
  catalog.collections
    .list()
    .filter(({ root }) => path.startsWith(root.endsWith(sep) ? root : root + sep))
    .sort((a, b) => b.root.length - a.root.length)

const keyOf = (file: FileFacts): string =>
  cacheKey({
    subject: file.path,
    operation: 'identify',
    version: 3,
    params: { mark: file.mark },
    engine: engineVersions().series,
  })
