import { silently } from '../../media/film/work-io.ts'
import type { Film, FilmIo, Stretch } from '../../media/film.ts'

/** The part of a stretch in which there are frames: the first one of a film may be shown long after its clock begins. */
export async function shownIn(film: Film, { fromMs, toMs }: Stretch, io: FilmIo): Promise<Stretch> {
  const [first] = await film.shots([0], { edge: 1 }, silently(io))
  const firstMs = first?.ms ?? 0
  return { fromMs: firstMs < toMs ? Math.max(fromMs, firstMs) : fromMs, toMs }
}
