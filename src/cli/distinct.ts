import { basename, dirname, relative, resolve, sep } from 'node:path'
import type { Catalog } from '../catalog/catalog.ts'
import { MediaError } from '../errors.ts'
import { exitCodes, type Output, plural } from './output.ts'

/** `mediamill assets distinct|alike ID|FILE…`: says that assets are no duplicates of each other, or takes it back. */
export async function declareDistinct(
  catalog: Catalog,
  action: 'distinct' | 'alike',
  names: readonly string[],
  output: Output,
): Promise<number> {
  if (names.length < 2)
    throw new MediaError('PARAMS_INVALID', [`"assets ${action}" needs two or more assets or files.`])
  const assets = names.map((name) => assetNamed(catalog, name))
  let pairs = 0
  await catalog.write(() => {
    pairs = action === 'distinct' ? catalog.distinct.add(assets) : catalog.distinct.remove(assets)
  })
  output.event(`assets.${action}`, { assets, pairs })
  const what = action === 'distinct' ? 'will not be called duplicates again' : 'may be called duplicates again'
  output.line(`${plural(pairs, 'pair')} ${what}.`)
  return exitCodes.done
}

/** The asset of an id, its unique beginning, or of an imported file. Throws NOT_FOUND. */
function assetNamed(catalog: Catalog, name: string): string {
  const asset = catalog.assets.find(name) ?? catalog.assets.findByPrefix(name)
  if (asset) return asset.id
  const path = resolve(name)
  for (const { id, root } of catalog.collections.list()) {
    if (!path.startsWith(root.endsWith(sep) ? root : root + sep)) continue
    const folder = relative(root, dirname(path)).split(sep).join('/')
    const found = catalog.locations.find(id, folder, basename(path))?.asset
    if (found) return found
  }
  throw new MediaError('NOT_FOUND', ['asset or imported file', name])
}
