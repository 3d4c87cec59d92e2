import type { ArtifactStore } from '../cache/artifacts.ts'
import type { ResultCache } from '../cache/cache.ts'
import type { Catalog } from '../catalog/catalog.ts'

/** Younger artifacts stay in any case: whoever wrote them may not have told the catalog yet. */
const graceMs = 60 * 60_000

/** Holds the cache to its lifetimes and budgets, and removes the artifacts that nothing refers to any more. */
export async function tidy(cache: ResultCache, catalog: Catalog, artifacts: ArtifactStore): Promise<void> {
  await cache.trim()
  const held = await cache.heldArtifacts()
  // While the cache's file is out of reach nobody can tell what it refers to.
  if (!held) return
  await artifacts.sweep({ keep: (id) => catalog.results.refersTo(id) || held.has(id), olderThanMs: graceMs })
}
