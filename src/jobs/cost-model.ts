import { extname } from 'node:path'
import type { CostRow } from '../catalog/costs.ts'
import { MiB } from '../units.ts'

/** Experience of a class is weighed as at most this many files, so that a new machine or version is learnt soon. */
const memory = 500

/**
 * What a file costs here, learnt per file name ending. Half of an estimate is the class's mean per file, half
 * its mean per MiB: header-bound and pixel-bound files both come out near enough, and two means can't go astray as a
 * fitted line can.
 */
export class CostModel {
  readonly #rows = new Map<string, CostRow>()
  readonly #scope: string

  /** `scope` tells the costs of other work apart from those of an import, which has none. */
  constructor(rows: readonly CostRow[], scope = '') {
    this.#scope = scope
    const prefix = scope === '' ? '' : `${scope} `
    for (const row of rows) {
      const end = row.class.startsWith(prefix) ? row.class.slice(prefix.length) : undefined
      if (end !== undefined && !end.includes(' ')) this.#rows.set(end, { ...row, class: end })
    }
  }

  /** Estimated milliseconds of one worker for a file; a class never met costs as much as the mean of all. */
  predict(name: string, bytes: number): number {
    return this.predictMany(classOf(name), 1, bytes)
  }

  /** Estimated milliseconds of one worker for many files of a class, of `bytes` in all. */
  predictMany(fileClass: string, files: number, bytes: number): number {
    const row = this.#rows.get(fileClass) ?? this.#mean()
    return 0.5 * row.msPerFile * files + 0.5 * row.msPerMiB * (bytes / MiB)
  }

  /** Takes a measured file into account. */
  learn(name: string, bytes: number, ms: number): void {
    const key = classOf(name)
    const old = this.#rows.get(key) ?? { class: key, files: 0, msPerFile: 0, msPerMiB: 0 }
    const files = Math.min(memory, old.files + 1)
    const mebibytes = Math.max(bytes / MiB, 0.01)
    this.#rows.set(key, {
      class: key,
      files,
      msPerFile: old.msPerFile + (ms - old.msPerFile) / files,
      msPerMiB: old.msPerMiB + (ms / mebibytes - old.msPerMiB) / files,
    })
  }

  /** What was learnt, to be kept for the next time. */
  rows(): CostRow[] {
    const rows = [...this.#rows.values()]
    return this.#scope === '' ? rows : rows.map((row) => ({ ...row, class: `${this.#scope} ${row.class}` }))
  }

  #mean(): { msPerFile: number; msPerMiB: number } {
    let files = 0
    let msPerFile = 0
    let msPerMiB = 0
    for (const row of this.#rows.values()) {
      files += row.files
      msPerFile += row.msPerFile * row.files
      msPerMiB += row.msPerMiB * row.files
    }
    return files === 0 ? { msPerFile: 100, msPerMiB: 0 } : { msPerFile: msPerFile / files, msPerMiB: msPerMiB / files }
  }
}

/** The class of a file: its name's ending in lower case. */
export const classOf = (name: string): string => extname(name).toLowerCase()
