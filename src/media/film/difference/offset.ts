import type { Stretch } from '../../film.ts'
import type { Side } from './side.ts'

/** How much later than the reference's frames those of the film are shown, and why that is believed. */
export interface Offset {
  readonly ms: number
  readonly by: 'first frames' | 'stretch'
}

/** Finds by how much a film's clock is off from the reference's. */
export async function offsetOf(
  film: Side,
  reference: Side,
  { fromMs, toMs }: Stretch,
  _signal: AbortSignal,
): Promise<Offset> {
  const [own = 0, other = 0] = [film.durationMs, reference.durationMs]
  const length = Math.min(toMs, other) - fromMs
  const isExcerpt =
    Math.abs(own - length) < Math.max(500, 2 * film.stepMs) && Math.abs(own - length) < Math.abs(own - other)
  if (isExcerpt && fromMs > 0) {
    const begins = await firstFrom(reference, fromMs)
    if (begins !== undefined) return { ms: film.first.ms - begins, by: 'stretch' }
  }
  return { ms: film.first.ms - reference.first.ms, by: 'first frames' }
}

async function firstFrom({ reader }: Side, fromMs: number): Promise<number | undefined> {
  for await (const { ms } of reader.framesFrom(fromMs)) if (ms >= fromMs - 0.5) return ms
  return undefined
}
