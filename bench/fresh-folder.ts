import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'

/**
 * An empty folder of its own for each round; all of them are removed when the bench is over. ext4 does not give out anew what
 * was deleted a moment ago, and looks past all of it for each new file: who wrote after a removal would pay for it.
 */
export const freshFolder = (parent: string, name: string): string => mkdtempSync(join(parent, `${name}-`))
