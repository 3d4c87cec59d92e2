import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Folder of the real media with ground truth; beside the clone unless MEDIAMILL_CORPUS names another. */
export const corpus = process.env.MEDIAMILL_CORPUS ?? fileURLToPath(new URL('../../../shared/corpus', import.meta.url))

/** Whether the corpus is there. With CI=true its absence is an error, so that no test is skipped unseen. */
export const hasCorpus = existsSync(`${corpus}/FILES.tsv`)

if (!hasCorpus) {
  const note = `No corpus at ${corpus}: tests on real media are skipped. Set MEDIAMILL_CORPUS to its folder.`
  if (process.env.CI === 'true') throw new Error(note)
  console.warn(note)
}
