import { Frame } from 'node-av/lib'
import { FilterChain, filterFrame, type Step } from './graph.ts'

/** So many different ways of filtering are kept ready. */
const mostKept = 4

/** Filters that stay ready for the next frame of the same kind: to make them anew takes as long as a small rendering. */
export class Chains {
  readonly #kept = new Map<string, FilterChain>()

  /** Like `filterFrame`, for filters that look at nothing but the frame they are given. One at a time. */
  async filter(frame: Frame, steps: readonly Step[]): Promise<Frame> {
    const chain = this.#chainFor(frame, steps)
    const output = new Frame()
    output.alloc()
    try {
      chain.push(frame)
      if ((await chain.pull(output)) >= 0) return output
    } catch {
      // The other way throws again if the frame is at fault.
    }
    output.free()
    this.close()
    return await filterFrame(frame, steps)
  }

  /** Frees them. */
  close(): void {
    for (const chain of this.#kept.values()) chain.close()
    this.#kept.clear()
  }

  #chainFor(frame: Frame, steps: readonly Step[]): FilterChain {
    const name = JSON.stringify(steps)
    const kept = this.#kept.get(name)
    if (kept?.takes(frame)) return kept
    if (this.#kept.size >= mostKept) this.close()
    else kept?.close()
    // Were the new one not to open, the closed one would be taken for it.
    this.#kept.delete(name)
    const chain = FilterChain.open(frame, steps)
    this.#kept.set(name, chain)
    return chain
  }
}
