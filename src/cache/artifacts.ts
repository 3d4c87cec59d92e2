import { createHash, hash, randomUUID } from 'node:crypto'
import { createReadStream, mkdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { MediaError } from '../errors.ts'
import { folderFailure } from './folder-failure.ts'
import { namesIn, removeParts, type SweepRule, type Swept, sweep } from './sweep.ts'

/** A file in the store. */
export interface StoredArtifact {
  /** SHA-256 of the content, in hex. */
  readonly id: string
  readonly path: string
  readonly bytes: number
}

/**
 * Files named by their content, below one folder that several processes may share. A name becomes visible only when its
 * content is complete; it never changes afterwards.
 */
export interface ArtifactStore {
  /** Keeps content; what is there already is not written again, but counts as new for `sweep`. */
  write(content: Uint8Array, extension: string): Promise<StoredArtifact>
  /** A fresh path in the store's own folder for libraries that write files themselves; give it to `adopt` when done. */
  newPart(extension: string): Promise<string>
  /** Takes a complete file made at `newPart` into the store; the part is gone afterwards, also on failure. */
  adopt(part: string, extension: string): Promise<StoredArtifact>
  /** Where an artifact lies or would lie, absolute; refuses what is no id, so that it may come from a request. */
  pathOf(id: string, extension: string): string
  /** Removes what `keep` does not claim and nobody wrote or reused for `olderThanMs`. */
  sweep(rule: SweepRule): Promise<Swept>
  /** Removes what killed writers left behind; returns how many. Younger ones may still be written to. */
  removeParts(olderThanMs: number): Promise<number>
  /** Removes what a process that is no more was writing; returns how many. */
  removePartsOf(pid: number): Promise<number>
  /** Reads an artifact again and compares it with its name. */
  verify(id: string): Promise<'right' | 'damaged' | 'missing'>
}

/**
 * Opens a store; nothing is created before the first write.
 *
 * No write is followed by fsync: it would cost more than most pictures take to make, and everything here can be made
 * again. The rename makes a killed process harmless. After a power cut a file may be short: its size is checked when it
 * is reused, `verify` checks all of it. Whoever lets an artifact replace an original must fsync the copy himself.
 */
export function createArtifactStore(folder: string): ArtifactStore {
  const root = resolve(folder)
  const parts = join(root, 'tmp')

  const pathOf = (id: string, extension: string) => {
    if (!/^[0-9a-f]{64}$/.test(id) || !/^[0-9a-z]{1,10}$/.test(extension)) {
      throw new MediaError('NOT_FOUND', ['artifact', `${id}.${extension}`])
    }
    return join(root, id.slice(0, 2), id.slice(2, 4), `${id}.${extension}`)
  }

  // The few calls on a small file are made at once: handed to a thread each, they cost three times as much, and whoever
  // writes here works on one file and nothing else.
  const newPart = (extension: string) => {
    mkdirSync(parts, { recursive: true })
    // Encoders choose the container by the last ending, people and scripts see that the file is not ready.
    return join(parts, `${process.pid}-${randomUUID()}.part${extension === '' ? '' : `.${extension}`}`)
  }

  const publish = (part: string, path: string) => {
    mkdirSync(dirname(path), { recursive: true })
    renameSync(part, path)
  }

  const translated = async <Result>(work: () => Result | Promise<Result>): Promise<Result> => {
    try {
      return await work()
    } catch (error) {
      throw folderFailure(root, error)
    }
  }

  return {
    pathOf,

    write: (content, extension) =>
      translated(() => {
        const id = hash('sha256', content, 'hex')
        const path = pathOf(id, extension)
        if (!isReusable(path, content.byteLength)) {
          const part = newPart('')
          try {
            writeFileSync(part, content, { flag: 'wx' })
            publish(part, path)
          } catch (error) {
            discard(part)
            throw error
          }
        }
        return { id, path, bytes: content.byteLength }
      }),

    newPart: (extension) => translated(() => newPart(extension)),

    adopt: (part, extension) =>
      translated(async () => {
        try {
          const id = await hashFile(part)
          const { size } = statSync(part)
          const path = pathOf(id, extension)
          if (isReusable(path, size)) discard(part)
          else publish(part, path)
          return { id, path, bytes: size }
        } catch (error) {
          discard(part)
          throw error
        }
      }),

    sweep: (rule) => translated(() => sweep(root, rule)),

    removeParts: (olderThanMs) => translated(() => removeParts(root, { olderThanMs })),

    removePartsOf: (pid) => translated(() => removeParts(root, { writer: pid })),

    verify: (id) =>
      translated(async () => {
        const shard = dirname(pathOf(id, 'x'))
        const names = (await namesIn(shard)).filter((name) => name.startsWith(`${id}.`))
        if (names.length === 0) return 'missing'
        for (const name of names) {
          if ((await hashFile(join(shard, name))) !== id) return 'damaged'
        }
        return 'right'
      }),
  }
}

/** Whether the complete file is there. Its age is renewed, so that a sweep does not take it before it is referred to. */
function isReusable(path: string, bytes: number): boolean {
  try {
    const found = statSync(path, { throwIfNoEntry: false })
    if (!found?.isFile() || found.size !== bytes) return false
    const now = new Date()
    utimesSync(path, now, now)
    // A sweep may have moved it away since; if it is here now, the renewed age protects it.
    return statSync(path).size === bytes
  } catch {
    return false
  }
}

/** The failure that led here is the one to tell; a part that stays is removed at the next start. */
function discard(part: string): void {
  try {
    rmSync(part, { force: true })
  } catch {
    // As the sentence above says.
  }
}

async function hashFile(path: string): Promise<string> {
  const digest = createHash('sha256')
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), digest)
  return digest.digest('hex')
}
