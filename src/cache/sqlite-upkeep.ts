import { setImmediate as yieldToOthers } from 'node:timers/promises'
import type { SqliteGuard } from './sqlite-guard.ts'

/** The room that a namespace takes, with the artifacts of its entries. */
export interface Space {
  readonly entries: number
  readonly bytes: number
}

const chunk = 500

/** What every outermost namespace holds. */
export function spacesOf(guard: SqliteGuard): Map<string, Space> {
  const rows = guard.run('read', ({ statements }) => statements.spaces.all())
  return new Map(rows.map((row) => [String(row.space), { entries: Number(row.entries), bytes: Number(row.bytes) }]))
}

/** Removes the least recently used entries of a namespace until it fits its budget; returns their full keys. */
export async function evict(guard: SqliteGuard, space: string, budgetBytes: number): Promise<string[]> {
  const evicted: string[] = []
  for (;;) {
    let excess = (spacesOf(guard).get(space)?.bytes ?? 0) - budgetBytes
    if (excess <= 0) return evicted
    const chosen: string[] = []
    for (const row of guard.run('read', ({ statements }) => statements.oldest.all(space, chunk))) {
      if (excess <= 0) break
      chosen.push(String(row.key))
      excess -= Number(row.bytes)
    }
    if (chosen.length === 0) return evicted
    guard.run('write', ({ statements, transaction }) =>
      transaction(() => {
        for (const key of chosen) statements.remove.run(key)
      }),
    )
    for (const key of chosen) evicted.push(key)
    await yieldToOthers()
  }
}

/** Removes what has expired from all namespaces; returns how many entries. */
export async function prune(guard: SqliteGuard): Promise<number> {
  let removed = 0
  for (;;) {
    const { changes } = guard.run('write', ({ statements }) => statements.prune.run(Date.now(), chunk))
    removed += Number(changes)
    if (Number(changes) < chunk) return removed
    await yieldToOthers()
  }
}

/** Notes that entries were used, for those that were answered from memory and never asked of the file. */
export async function touchAll(guard: SqliteGuard, keys: readonly string[]): Promise<void> {
  const now = Date.now()
  for (let start = 0; start < keys.length; start += chunk) {
    guard.run('write', ({ statements, transaction }) =>
      transaction(() => {
        for (const key of keys.slice(start, start + chunk)) statements.touch.run(now, key)
      }),
    )
    await yieldToOthers()
  }
}

/** Gives room of removed entries back to the disk, a few megabytes a time. */
export function shrink(guard: SqliteGuard): void {
  guard.run('write', ({ statements }) => statements.shrink.all())
}

/** The ids of all artifacts that entries refer to. */
export async function artifactsOf(guard: SqliteGuard): Promise<Set<string>> {
  const ids = new Set<string>()
  let after = ''
  for (;;) {
    const rows = guard.run('read', ({ statements }) => statements.artifacts.all(after, chunk))
    for (const row of rows) {
      after = String(row.artifacts)
      for (const id of after.split(' ')) ids.add(id)
    }
    if (rows.length < chunk) return ids
    await yieldToOthers()
  }
}
