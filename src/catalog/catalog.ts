import { openAssets } from './assets.ts'
import { openCollections } from './collections.ts'
import { openCosts } from './costs.ts'
import { openDatabase, WriteQueue } from './database.ts'
import { openDistinct } from './distinct.ts'
import { openJournal } from './journal.ts'
import { openLedger } from './ledger.ts'
import { openLocations } from './locations.ts'
import { openResults } from './results.ts'
import { openSelections } from './selections.ts'

/** Opens everything that is known, in one SQLite file. Throws DATA_UNUSABLE. */
export function openCatalog(file: string) {
  const db = openDatabase(file)
  const writes = new WriteQueue(db)
  return {
    file,
    collections: openCollections(db),
    assets: openAssets(db),
    locations: openLocations(db),
    results: openResults(db),
    ledger: openLedger(db),
    journal: openJournal(db),
    costs: openCosts(db),
    distinct: openDistinct(db),
    selections: openSelections(db),
    /** Runs the writes of one fact together in one of the next short transactions; resolves once committed. */
    write: (work: () => void) => writes.add(work),
    close(): void {
      writes.flush()
      db.close()
    },
  }
}

/** The record of truth. */
export type Catalog = ReturnType<typeof openCatalog>
