import { distanceOf, type Glance, type Glances } from './glance.ts'
import type { Side } from './side.ts'

/** Frames of the longer film, and of the shorter one's beginning, that are looked at. */
const mostKeys = 240
const mostFrames = 900
/** Films up to this length may have hardly any key frame, and are decoded in seconds. */
const decodedMs = 60_000

/**
 * Offsets at which the films look alike, the best first, found without any hint: key frames of the longer one, or frames all
 * along a short one, are looked for among the first frames of the shorter one.
 */
export async function searchOffsets(
  filmGlances: Glances,
  referenceGlances: Glances,
  film: Side,
  reference: Side,
): Promise<number[]> {
  const isFilmShorter = (film.durationMs ?? 0) <= (reference.durationMs ?? 0)
  const [short, long] = isFilmShorter ? [filmGlances, referenceGlances] : [referenceGlances, filmGlances]
  const frames = await taken(short.between(0, Number.POSITIVE_INFINITY), mostFrames)
  const longMs = Math.max(film.durationMs ?? 0, reference.durationMs ?? 0)
  const some = longMs <= decodedMs ? apart(long.between(0, longMs), longMs / mostKeys) : long.keys(mostKeys)
  const keys = await taken(some, mostKeys)
  const pairs = keys.filter(hasContent).map((key) => {
    const nearest = nearestTo(key, frames)
    return { ...nearest, offsetMs: isFilmShorter ? nearest.ms - key.ms : key.ms - nearest.ms }
  })
  return pairs
    .sort((one, other) => one.distance - other.distance)
    .slice(0, 3)
    .map(({ offsetMs }) => offsetMs)
}

const hasContent = ({ contrast }: Glance): boolean => contrast > 8

/** Those that are so far apart from each other. */
async function* apart(glances: AsyncGenerator<Glance, void>, ms: number): AsyncGenerator<Glance, void> {
  let nextMs = Number.NEGATIVE_INFINITY
  for await (const glance of glances) {
    if (glance.ms < nextMs) continue
    nextMs = glance.ms + ms
    yield glance
  }
}

async function taken(glances: AsyncGenerator<Glance, void>, most: number): Promise<Glance[]> {
  const found: Glance[] = []
  for await (const glance of glances) {
    found.push(glance)
    if (found.length >= most) break
  }
  return found
}

function nearestTo(key: Glance, frames: readonly Glance[]): { ms: number; distance: number } {
  let best = { ms: 0, distance: 1 }
  for (const frame of frames) {
    const distance = distanceOf(frame, key)
    if (distance < best.distance) best = { ms: frame.ms, distance }
  }
  return best
}
