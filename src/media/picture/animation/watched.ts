import type { WriteOptions } from '../../picture.ts'
import type { Drawn } from './drawn.ts'

/** An animation that ends with the reason of a signal, and tells how far it is when its frames are gone through so many times. */
export function watched(
  drawn: Drawn,
  { signal, progress }: Pick<WriteOptions, 'signal' | 'progress'>,
  passes: number,
): Drawn {
  const all = drawn.delays.length * passes
  let done = 0
  return {
    ...drawn,
    async *frames() {
      for await (const frame of drawn.frames()) {
        signal?.throwIfAborted()
        yield frame
        progress?.(Math.min(1, ++done / all))
      }
    },
  }
}
