/** The thread behind walk.ts: reads folders, compares with the catalog by stat alone, posts one batch per folder. */
import { type Dirent, readdirSync, realpathSync, type Stats, statSync } from 'node:fs'
import { join, sep } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import { type KnownFile, openLocations } from '../catalog/locations.ts'
import { sidecarNames } from '../media/sidecar.ts'
import type { FoundFile, KnownFailure, WalkBatch, WalkOptions } from './walk.ts'

/** Folders of systems and programs, never of people. Hidden ones, with a dot in front, are left out anyway. */
const systemNames = new Set([
  '$RECYCLE.BIN',
  'System Volume Information',
  'lost+found',
  '@eaDir',
  '#recycle',
  '__MACOSX',
  'Thumbs.db',
  'desktop.ini',
  'node_modules',
])

const { root, collection, catalogFile, recipe, job, retryFailed, exclude } = workerData as WalkOptions
const locations = openLocations(new DatabaseSync(catalogFile, { readOnly: true, timeout: 10_000 }))
const excluded = new Set(exclude)
const visited = new Set<string>()
const folders: string[] = []
let entries = 0

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] extends readonly (infer Item)[] ? Item[] : T[Key] }

function readFolder(folder: string): void {
  const path = join(root, folder)
  const skipped: { path: string; reason: string }[] = []
  const subfolders: string[] = []
  const files: FoundFile[] = []
  try {
    const { dev, ino } = statSync(path)
    // Links can lead in circles: a folder is read once, whatever way leads to it.
    if (visited.has(`${dev}:${ino}`) || excluded.has(path)) return
    visited.add(`${dev}:${ino}`)
    const found = readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
    entries += found.length
    for (const entry of found) {
      if (entry.name.startsWith('.') || systemNames.has(entry.name)) continue
      look(entry, path, folder, { files, subfolders, skipped })
    }
  } catch (error) {
    skipped.push({ path, reason: `the folder can not be read (${reasonOf(error)})` })
    parentPort?.postMessage({ batch: { ...compare([], folder, false), skipped } })
    // What lies below is not gone, it is out of sight.
    unreadable.push(folder)
    return
  }
  folders.push(folder)
  parentPort?.postMessage({ batch: { ...compare(withSidecars(files), folder, true), skipped } })
  for (const name of subfolders) readFolder(folder === '' ? name : `${folder}/${name}`)
}

const unreadable: string[] = []

function look(
  entry: Dirent,
  path: string,
  folder: string,
  into: { files: FoundFile[]; subfolders: string[]; skipped: { path: string; reason: string }[] },
): void {
  const full = join(path, entry.name)
  if (entry.isDirectory()) {
    into.subfolders.push(entry.name)
    return
  }
  if (!entry.isFile() && !entry.isSymbolicLink()) return
  let stats: Stats
  try {
    stats = statSync(full)
    if (entry.isSymbolicLink() && stats.isFile() && isBelowRoot(realpathSync(full))) return
  } catch (error) {
    const hint = entry.name.includes('�') ? 'its name is not valid UTF-8' : reasonOf(error)
    into.skipped.push({ path: full, reason: entry.isSymbolicLink() ? `the link leads nowhere (${hint})` : hint })
    return
  }
  if (stats.isDirectory()) {
    const reason = outOfBounds(realpathSync(full))
    if (reason === undefined) into.subfolders.push(entry.name)
    else into.skipped.push({ path: full, reason })
  } else if (stats.isFile()) {
    const { size, mtimeMs, ctimeMs, ino } = stats
    into.files.push({ folder, name: entry.name, bytes: size, mtimeMs, ctimeMs, inode: ino })
  }
}

/** Why a link to a folder is not followed: it would lead to everything there is. Other folders outside are what links are for. */
function outOfBounds(real: string): string | undefined {
  if (root === real || root.startsWith(real.endsWith(sep) ? real : real + sep)) {
    return real === root ? undefined : 'the link leads to a folder above the one that is imported'
  }
  return /^\/(proc|sys|dev)(\/|$)/.test(real) ? "the link leads to the system's own files" : undefined
}

/** The files with what is seen of their sidecars; most folders have none, and then nothing is looked for. */
function withSidecars(files: readonly FoundFile[]): readonly FoundFile[] {
  if (!files.some(({ name }) => /\.xmp$/i.test(name))) return files
  const byName = new Map(files.map((file) => [file.name, file]))
  return files.map((file) => {
    const beside = sidecarNames(file.name, (name) => byName.has(name)).flatMap((name) => byName.get(name) ?? [])
    if (beside.length === 0) return file
    return { ...file, sidecar: beside.map(({ bytes, mtimeMs }) => `${bytes}@${mtimeMs}`).join(' ') }
  })
}

const isBelowRoot = (path: string) => path.startsWith(root + sep)

function compare(files: readonly FoundFile[], folder: string, isComplete: boolean): Omit<WalkBatch, 'skipped'> {
  const known = new Map(locations.inFolder(collection, folder).map((location) => [location.name, location]))
  const due: FoundFile[] = []
  const knownFailures: KnownFailure[] = []
  const unchanged: Mutable<WalkBatch['unchanged']> = { files: 0, tasks: 0, ignored: 0, bytes: 0 }
  let alreadyDone = 0
  for (const file of files) {
    const location = known.get(file.name)
    known.delete(file.name)
    if (!location || isDue(file, location)) due.push(file)
    else if (location.state === 'ignored') unchanged.ignored++
    else if (location.job === job) alreadyDone++
    else {
      if (location.failures.length > 0) knownFailures.push({ folder, name: file.name, failures: location.failures })
      else unchanged.files++
      unchanged.tasks += location.tasks - location.failures.length
      unchanged.bytes += file.bytes
    }
  }
  const gone = isComplete ? [...known.keys()].map((name) => ({ folder, name })) : []
  return { due, unchanged, knownFailures, alreadyDone, gone }
}

function isDue(file: FoundFile, location: KnownFile): boolean {
  return (
    location.state === 'pending' ||
    location.bytes !== file.bytes ||
    location.mtimeMs !== file.mtimeMs ||
    location.inode !== file.inode ||
    (location.state !== 'ignored' && location.sidecar !== (file.sidecar ?? null)) ||
    location.recipe !== (location.failures.length > 0 ? recipe.failed : recipe.finished) ||
    (retryFailed && location.failures.length > 0 && location.job !== job)
  )
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  const words: Record<string, string> = {
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    ENOENT: 'it vanished',
    ELOOP: 'links lead in a circle',
    EIO: 'the drive reports an error',
    ENAMETOOLONG: 'the path is too long',
  }
  return words[code ?? ''] ?? message
}

readFolder('')
const isHidden = (folder: string) =>
  unreadable.some((out) => out === '' || folder === out || folder.startsWith(`${out}/`))
const kept = locations.folders(collection).filter(isHidden)
parentPort?.postMessage({ end: { folders: [...folders, ...kept], entries } })
