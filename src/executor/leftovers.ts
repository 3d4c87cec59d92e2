import { readFileSync } from 'node:fs'
import type { ArtifactStore } from '../cache/artifacts.ts'
import type { Catalog } from '../catalog/catalog.ts'
import type { Logger } from '../log.ts'
import { removeTemporaryFolders } from '../media/metadata/temporary.ts'
import { isAlive } from './owner.ts'

/** Half-written artifacts older than this belong to no living writer. */
const partAgeMs = 10 * 60_000

/**
 * Clears up after a process that was killed: its workers, which a hanging decoder can keep from noticing, are ended,
 * and files that were never finished are removed. The files that were in their hands are named in the log.
 */
export async function clearLeftovers(catalog: Catalog, artifacts: ArtifactStore, log: Logger): Promise<void> {
  for (const { path, worker, owner, id } of catalog.journal.leftovers()) {
    // Still at work for a living process, which closes the entry itself.
    if (isAlive(owner)) continue
    if (isOurWorker(worker)) process.kill(worker, 'SIGKILL')
    catalog.journal.close(id)
    log.warn({ path }, 'this file was being processed when mediamill ended; it is tried again')
  }
  await artifacts.removeParts(partAgeMs)
  await removeTemporaryFolders(partAgeMs)
}

function isOurWorker(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('worker-main')
  } catch {
    return false
  }
}
