import type { Stream } from 'node-av/lib'
import type { ContainerRow } from '../containers.ts'
import type { TranscodePlan } from '../transcode.ts'

type Tags = Record<string, string>

/** What a new film says of itself: by names that its container has a place for, and by other names. */
export interface FilmTags {
  readonly own: Tags
  readonly other: Tags
}

/** The tags of a film that are kept. */
export function filmTags(tags: Tags, metadata: TranscodePlan['metadata'], container: ContainerRow): FilmTags {
  const kept = Object.entries(tags).filter(
    ([name]) => isKept(name, metadata) && !ofTheFile.test(name) && !isRepeated(name, tags),
  )
  const hasPlace = (name: string) => container.tags === 'all' || container.tags.includes(name.toLowerCase())
  return {
    own: Object.fromEntries(kept.filter(([name]) => hasPlace(name))),
    other: Object.fromEntries(kept.filter(([name]) => !hasPlace(name))),
  }
}

/** The tags of a track that are kept: what players choose tracks by in any case, and what people wrote. */
export function trackTags(stream: Stream, metadata: TranscodePlan['metadata'], { hasBoxes }: ContainerRow): Tags {
  const tags = stream.metadata?.getAll() ?? {}
  const said = ['title', 'comment', 'creation_time', ...(hasBoxes ? ['handler_name'] : [])]
  const names = ['language', ...(metadata === 'strip' ? [] : said)]
  const kept = Object.entries(tags).filter(
    ([name, value]) => names.includes(name) && isKept(name, metadata) && !usualHandlers.test(value),
  )
  return Object.fromEntries(kept)
}

const isKept = (name: string, metadata: TranscodePlan['metadata']): boolean =>
  metadata === 'keep' || (metadata === 'strip-gps' && !place.test(name))

/** `location-eng` beside `location`: the same with its language. */
const isRepeated = (name: string, tags: Tags): boolean => /-[a-z]{3}$/.test(name) && name.slice(0, -4) in tags

/** Where a film was taken: `location`, `location-eng`, `com.apple.quicktime.location.ISO6709`, `©xyz`, `GPSLatitude`, … */
const place = /location|gps|xyz|iso6709|latitude|longitude|geo/i

/** What is true of the old file only. */
const ofTheFile = /^(?:major_brand|minor_version|compatible_brands|encoder|duration|_statistics.*)$/i

/** Names that programs give to tracks. */
const usualHandlers = /^(?:(?:video|sound|subtitle|data|text)(?:media)?handle(?:r)?|core media \w+|)$/i
