import type { CacheCategory } from './categories.ts'

/** A remembered value and where it was found. */
export interface CacheHit {
  readonly value: unknown
  readonly tier: 'l1' | 'l2'
}

/** A file that an entry refers to: its room counts for the category's budget, and `heldArtifacts` names it. */
export interface HeldArtifact {
  readonly id: string
  readonly bytes: number
}

/** Entries and bytes on disk (0 while the disk is out of reach), and what happened since the start. */
export interface CategoryStatistics {
  entries: number
  bytes: number
  l1Hits: number
  l2Hits: number
  misses: number
  evictions: number
}

/** What the whole cache holds and did. */
export interface CacheStatistics {
  readonly l1: { entries: number; bytes: number; maxBytes: number; evictions: number }
  readonly categories: Record<CacheCategory, CategoryStatistics>
}

/** Whether the second tier works; without it everything goes on from memory. */
export interface CacheHealth {
  readonly l2: 'ok' | 'down'
  readonly reason?: string
}

/** What `trim` removed from the second tier. */
export interface Trimmed {
  readonly expired: number
  readonly evicted: number
}

/** Remembers answers as JSON, by category and key, in memory and on disk. No verb rejects because of the disk. */
export interface ResultCache {
  /** The remembered value, frozen as others may hold it too; undefined when there is none. */
  get(category: CacheCategory, key: string): Promise<CacheHit | undefined>
  /** Remembers a JSON value; refuses undefined. */
  set(category: CacheCategory, key: string, value: unknown, artifacts?: readonly HeldArtifact[]): Promise<void>
  /** Forgets one entry. */
  delete(category: CacheCategory, key: string): Promise<void>
  /** Forgets a category or everything; holds also for a disk that comes back later. */
  invalidate(category: CacheCategory | 'all'): Promise<void>
  /** Figures for people and metrics; cheap at any size. */
  statistics(): Promise<CacheStatistics>
  /** Whether the disk is in use; tries it again when that is due. */
  health(): CacheHealth
  /** Removes what has expired, and the least recently used of each category that is over its budget. */
  trim(): Promise<Trimmed>
  /** Ids of all artifacts that entries refer to; undefined when that can not be told, and then none may be removed. */
  heldArtifacts(): Promise<Set<string> | undefined>
  /** Closes the file; later reads find nothing. */
  close(): Promise<void>
  /** Room of the first tier in memory; a lower bound takes effect at once. */
  l1Bytes: number
}
