import { join } from 'node:path'
import type { Asset } from '../catalog/assets.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { MediaError } from '../errors.ts'
import { formatBytes, formatDuration } from '../units.ts'
import { declareDistinct } from './distinct.ts'
import { openApp } from './open-app.ts'
import { createOutput, exitCodes, plural, shownPath } from './output.ts'
import type { CommandContext } from './program.ts'

const pageSize = 500
const actions = ['list', 'show', 'distinct', 'alike']

/** `mediamill assets [list|show ID|distinct ID ID…|alike ID ID…]`. */
export async function assets(context: CommandContext, action: string, names: readonly string[]): Promise<number> {
  const output = createOutput(context.isJson)
  if (!actions.includes(action)) {
    throw new MediaError('PARAMS_INVALID', [`Expected ${actions.join(', ')}, but it was "${action}".`])
  }
  const app = openApp(context).app()
  try {
    if (action === 'show') return show(app.catalog, names[0] ?? '', output)
    if (action === 'distinct' || action === 'alike') return await declareDistinct(app.catalog, action, names, output)
    let cursor: string | undefined
    let total = 0
    do {
      const page = app.catalog.assets.list({}, 'added', pageSize, cursor)
      for (const asset of page.items) {
        const locations = locationsOf(app.catalog, asset.id)
        output.event('asset', assetEvent(asset, locations))
        output.line(describe(asset, locations))
      }
      total = page.total
      cursor = page.next ?? undefined
    } while (cursor)
    output.note(total === 0 ? 'Nothing is imported yet:  mediamill import FOLDER' : plural(total, 'asset'))
    return exitCodes.done
  } finally {
    await app.stop()
  }
}

function show(catalog: Catalog, id: string, output: ReturnType<typeof createOutput>): number {
  const asset = catalog.assets.findByPrefix(id)
  if (!asset) throw new MediaError('NOT_FOUND', ['asset', id])
  const locations = locationsOf(catalog, asset.id)
  const results = catalog.results.of(asset.id, asset.pixelId).map(({ operation, params, result, artifacts }) => ({
    operation,
    params: JSON.parse(params),
    result,
    artifacts,
  }))
  output.event('asset', { ...assetEvent(asset, locations), results })
  output.line(JSON.stringify({ ...assetEvent(asset, locations), results }, null, 2))
  return exitCodes.done
}

const locationsOf = (catalog: Catalog, id: string) =>
  catalog.locations
    .ofAsset(id)
    .map(({ collection, root, folder, name }) => ({ collection, path: join(root, folder, name) }))

function assetEvent(asset: Asset, locations: readonly { collection: string; path: string }[]): Record<string, unknown> {
  const { id, kind, format, bytes, width, height, durationMs } = asset
  const known = Object.fromEntries(Object.entries({ width, height, durationMs }).filter(([, value]) => value !== null))
  return { asset: id, kind, format, bytes, ...known, locations }
}

function describe(asset: Asset, locations: readonly { path: string }[]): string {
  const size = asset.width === null ? '' : `${asset.width}×${asset.height}  `
  const length = asset.durationMs === null ? '' : `${formatDuration(asset.durationMs)}  `
  return `${asset.id.slice(0, 12)}  ${asset.format.padEnd(5)} ${size}${length}${formatBytes(asset.bytes)}  ${shownPath(locations[0]?.path ?? '')}`
}
