import { lstatSync, type Stats, statSync } from 'node:fs'

/** A path, and the file that lies there. */
export interface Place {
  readonly path: string
  /** The same for all names of one file. */
  readonly file: string
  /** Whether the path is a link, so that taking it away frees nothing. */
  readonly isLink: boolean
  /** How many names the file has, hard links counted, wherever they are. */
  readonly names: number
}

/** Looks what lies at a path; what can not be looked at is taken for a file of its own. */
export function placeOf(path: string): Place {
  try {
    const entry = lstatSync(path)
    const stats: Stats = entry.isSymbolicLink() ? statSync(path) : entry
    return { path, file: `${stats.dev}:${stats.ino}`, isLink: entry.isSymbolicLink(), names: stats.nlink }
  } catch {
    return { path, file: path, isLink: false, names: 1 }
  }
}

/** Places in the same order, those that are links behind the files. */
export const filesFirst = (places: readonly Place[]): Place[] => [
  ...places.filter(({ isLink }) => !isLink),
  ...places.filter(({ isLink }) => isLink),
]

/**
 * The places that could go when the file at `kept` stays: not the other names of that file, and links only where they would
 * lead nowhere once the file goes that they lead to.
 */
export function placesToGo<Found extends Place>(kept: Place, places: readonly Found[]): Found[] {
  const files = new Set(places.filter(({ isLink }) => !isLink).map(({ file }) => file))
  return places.filter((place) => place.file !== kept.file && (!place.isLink || files.has(place.file)))
}

/** The bytes that are free when these places go: of each file once, and of none that has a name elsewhere. */
export function bytesFreed(places: readonly (Place & { readonly bytes: number })[]): number {
  const files = new Map<string, { bytes: number; left: number }>()
  for (const { file, isLink, names, bytes } of places) {
    if (isLink) continue
    const known = files.get(file)
    if (known) known.left--
    else files.set(file, { bytes, left: names - 1 })
  }
  return [...files.values()].reduce((sum, { bytes, left }) => sum + (left <= 0 ? bytes : 0), 0)
}
