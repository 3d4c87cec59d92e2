import { mkdir, rm } from 'node:fs/promises'
import type { ArtifactStore } from '../cache/artifacts.ts'
import type { ArtifactRef } from '../catalog/results.ts'
import type { FilmPace } from '../media/film.ts'
import type { OperationIo } from '../operations/operation.ts'

/** What a worker tells while an operation runs. */
export interface Told {
  readonly fraction: number
  readonly pace?: FilmPace
  /** Where files that belong together are being made. */
  readonly folder?: string
  /** What was found just now, in a sentence; told once. */
  readonly note?: string
}

/** Runs something with what an operation is lent; gives its result and what it kept. Nothing else of it stays. */
export async function withWorkerIo<Result>(
  store: ArtifactStore,
  signal: AbortSignal,
  tell: (told: Told) => void,
  run: (io: OperationIo) => Promise<Result>,
): Promise<{ result: Result; artifacts: readonly ArtifactRef[] }> {
  const artifacts: ArtifactRef[] = []
  let folder: Promise<string> | undefined
  let told: Told = { fraction: 0 }
  const makeFolder = async () => {
    const path = await store.newPart('')
    await mkdir(path)
    told = { ...told, folder: path }
    tell(told)
    return path
  }
  const io: OperationIo = {
    signal,
    progress: (fraction, pace) => {
      told = { ...told, fraction, ...(pace ? { pace } : {}) }
      tell(told)
    },
    note: (note) => tell({ ...told, note }),
    artifact: async (draft, content) => {
      const { id, bytes } = await store.write(content, draft.format)
      artifacts.push({ ...draft, id, bytes })
    },
    file: async (draft, write) => {
      const part = await store.newPart(draft.format)
      try {
        const written = await write(part)
        const { id, bytes } = await store.adopt(part, draft.format)
        artifacts.push({ ...draft, id, bytes })
        return written
      } finally {
        await rm(part, { force: true })
      }
    },
    folder: () => {
      folder ??= makeFolder()
      return folder
    },
  }
  try {
    return { result: await run(io), artifacts }
  } finally {
    if (folder) await rm(await folder, { recursive: true, force: true })
  }
}
