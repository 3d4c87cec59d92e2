import type { Stretch } from '../../film.ts'
import type { Chapter } from '../../probe.ts'

/** The chapters of what is kept, from its beginning. */
export function chaptersWithin(chapters: readonly Chapter[], originMs: number, { fromMs, toMs }: Stretch): Chapter[] {
  return chapters
    .map(({ startMs, endMs, ...chapter }) => ({
      ...chapter,
      startMs: Math.max(0, startMs - originMs - fromMs),
      endMs: Math.min(endMs - originMs, toMs) - fromMs,
    }))
    .filter(({ startMs, endMs }) => endMs > startMs)
}
