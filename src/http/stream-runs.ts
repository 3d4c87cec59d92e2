import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Asset } from '../catalog/assets.ts'
import type { ArtifactRef } from '../catalog/results.ts'
import { MediaError } from '../errors.ts'
import { identityOf } from '../executor/identities.ts'
import { resultKey } from '../executor/memory.ts'
import { runOperation } from '../executor/run.ts'
import { findOperation } from '../operations/index.ts'
import { allowedFolders } from './other-files.ts'
import type { HttpParts } from './parts.ts'
import { idIn } from './thumbnails.ts'

/** Players come back for a growing playlist every few seconds, paused or not: who has not for so long is gone. */
const idleMs = 30_000
/** When others wait for room, this is long enough. */
const yieldMs = 12_000
const lookEveryMs = 100
const mostKnown = 1000

/** How long nobody must ask before a package is given up; tests take shorter ones. */
export interface StreamPatience {
  readonly idleMs: number
  readonly yieldMs: number
}

/** Packages that are made while they are watched: one run for all viewers of a film, given up when all have gone. */
export class StreamRuns {
  readonly #parts: HttpParts
  readonly #patience: StreamPatience
  readonly #runs = new Map<string, StreamRun>()
  /** Files of packages that were found once; an asset's package never changes. */
  readonly #known = new Map<string, readonly ArtifactRef[]>()
  readonly #timer: NodeJS.Timeout

  constructor(parts: HttpParts, patience: StreamPatience = { idleMs, yieldMs }) {
    this.#parts = parts
    this.#patience = patience
    this.#timer = setInterval(() => this.#giveUp(patience.idleMs), Math.min(1000, patience.idleMs))
    this.#timer.unref()
  }

  /** Files of the asset's package where it is complete; undefined when it must be made. */
  async finished({ id, kind, ...asset }: Asset): Promise<readonly ArtifactRef[] | undefined> {
    const known = this.#known.get(id)
    if (known) return known
    const operation = findOperation('package', kind)
    if (!operation) return undefined
    const step = { operation, params: operation.params.parse({}), label: operation.name }
    const key = resultKey(identityOf({ id, kind, ...asset }), step)
    const outcome = await this.#parts.executor.memory.find(key, step, { hot: true })
    return outcome && 'artifacts' in outcome ? this.#remember(id, outcome.artifacts) : undefined
  }

  /** Forgets where a package's files are, when one is gone. */
  forget(id: string): void {
    this.#known.delete(id)
  }

  /** The run that makes the asset's package, started when there is none. Throws QUEUE_FULL when too many are watched. */
  of({ id }: Asset): StreamRun {
    const running = this.#runs.get(id)
    if (running) return running
    // One worker stays for those who wait for something short.
    const most = Math.max(1, this.#parts.executor.pool.size - 1)
    if (this.#runs.size >= most) this.#giveUp(this.#patience.yieldMs)
    if (this.#runs.size >= most) throw new MediaError('QUEUE_FULL', [Math.ceil(this.#patience.idleMs / 1000)])
    const run = new StreamRun(this.#parts, id)
    this.#runs.set(id, run)
    const forget = () => {
      if (this.#runs.get(id) === run) this.#runs.delete(id)
    }
    run.files
      .then(
        (files) => this.#remember(id, files),
        () => {},
      )
      .finally(forget)
    return run
  }

  /** Gives up all that is being made, and waits until nothing of it is left. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    const runs = [...this.#runs.values()]
    for (const run of runs) run.cancel()
    await Promise.allSettled(runs.map(({ files }) => files))
  }

  #giveUp(afterMs: number): void {
    for (const [id, run] of this.#runs) {
      if (run.idleMs < afterMs) continue
      run.cancel()
      this.#runs.delete(id)
    }
  }

  #remember(id: string, files: readonly ArtifactRef[]): readonly ArtifactRef[] {
    if (this.#known.size >= mostKnown) this.#known.clear()
    this.#known.set(id, files)
    return files
  }
}

/** A package in the making. */
export class StreamRun {
  /** Its files once it is complete; rejects with what went wrong. */
  readonly files: Promise<readonly ArtifactRef[]>
  readonly #control = new AbortController()
  #folder: string | undefined
  #isOver = false
  #waiting = 0
  #askedAt = performance.now()

  constructor(parts: HttpParts, asset: string) {
    const answer = runOperation(parts, {
      asset,
      operation: 'package',
      group: 'video-processing',
      params: {},
      // One run serves all viewers: none of them may see more than the least trusted one.
      within: allowedFolders(parts),
      signal: this.#control.signal,
      onProgress: ({ folder }) => {
        this.#folder = folder
      },
    })
    this.files = answer
      .then(({ artifacts }) => artifacts.map(({ path, ...artifact }) => ({ ...artifact, id: idIn(path) })))
      .finally(() => {
        this.#isOver = true
      })
    this.files.catch(() => {})
  }

  /** How long nobody has asked for anything; 0 while somebody waits. */
  get idleMs(): number {
    return this.#waiting > 0 ? 0 : performance.now() - this.#askedAt
  }

  cancel(): void {
    this.#control.abort(new MediaError('CANCELLED'))
  }

  /**
   * Where a file of the package is growing, as soon as playing can begin; undefined once the package is complete, or when
   * it has no such file. Throws what went wrong, and what the signal says.
   */
  async growing(name: string, signal: AbortSignal): Promise<string | undefined> {
    this.#waiting++
    try {
      while (!this.#isOver && !(await exists(this.#folder, 'master.m3u8'))) {
        signal.throwIfAborted()
        await Promise.race([this.files, new Promise((resolve) => setTimeout(resolve, lookEveryMs))])
      }
      if (this.#isOver) await this.files
      return this.#folder !== undefined && (await exists(this.#folder, name)) ? join(this.#folder, name) : undefined
    } finally {
      this.#waiting--
      this.#askedAt = performance.now()
    }
  }

  /** Whether all is made and the folder may be gone. */
  get isOver(): boolean {
    return this.#isOver
  }
}

async function exists(folder: string | undefined, name: string): Promise<boolean> {
  if (folder === undefined) return false
  return await stat(join(folder, name)).then(
    () => true,
    () => false,
  )
}
