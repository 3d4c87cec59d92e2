import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ArtifactDraft, OperationIo } from '../../src/operations/operation.ts'
import { temporaryFolder } from './temporary.ts'

const refuse = () => Promise.reject(new Error('no file of its own was expected'))

/** For operations that keep nothing but bytes in memory. */
export const noFiles: Pick<OperationIo, 'file' | 'folder' | 'note'> = { file: refuse, folder: refuse, note: () => {} }

/** A file that an operation made. */
export interface Kept extends ArtifactDraft {
  readonly content: Buffer
  /** Where it lies until the test file ends; only of what was made as a file. */
  readonly path?: string
}

/** Lends an operation all it needs and remembers what it made; what it wrote is removed when the test file ends. */
export function recordingIo(signal: AbortSignal = new AbortController().signal) {
  const kept: Kept[] = []
  const told: number[] = []
  const notes: string[] = []
  const folder = async () => temporaryFolder()
  const io: OperationIo = {
    signal,
    progress: (fraction) => void told.push(fraction),
    note: (sentence) => void notes.push(sentence),
    artifact: async (draft, content) => void kept.push({ ...draft, content: Buffer.from(content) }),
    folder,
    file: async (draft, write) => {
      const path = join(await folder(), draft.name ?? `file.${draft.format}`)
      const written = await write(path)
      kept.push({ ...draft, content: await readFile(path), path })
      return written
    },
  }
  return { io, kept, told, notes }
}
