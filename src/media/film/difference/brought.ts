import { Frame } from 'node-av/lib'
import { expectDone } from '../ffmpeg.ts'
import { unweave } from '../fields.ts'
import { FilterChain, filterFrame, type Step } from '../graph.ts'

/** Brings frames of one film to what both are compared in; made anew where the film changes its size or format on the way. */
export class Brought {
  readonly #stepsFor: (frame: Frame) => readonly Step[]
  readonly #output = new Frame()
  #chain: FilterChain | undefined

  constructor(stepsFor: (frame: Frame) => readonly Step[]) {
    this.#stepsFor = stepsFor
    this.#output.alloc()
  }

  /** The frame as it is compared; it belongs to this one and is gone with the next. */
  async take(frame: Frame): Promise<Frame> {
    if (this.#chain?.takes(frame) === false) {
      this.#chain.close()
      this.#chain = undefined
    }
    this.#output.unref()
    if (this.#chain === undefined) {
      const steps = this.#stepsFor(frame)
      // Most copies are of the size and format of their original.
      if (steps.length === 0) return this.#asItIs(frame)
      if (steps.includes(unweave)) return await this.#byItself(frame, steps)
      this.#chain = FilterChain.open(frame, steps)
    }
    this.#chain.push(frame)
    expectDone(await this.#chain.pull(this.#output), 'bringing a frame to the size and colours of the reference')
    return this.#output
  }

  /** Filters that wait for a next frame are told that there is none. */
  async #byItself(frame: Frame, steps: readonly Step[]): Promise<Frame> {
    const made = await filterFrame(frame, steps)
    try {
      return this.#asItIs(made)
    } finally {
      made.free()
    }
  }

  #asItIs(frame: Frame): Frame {
    expectDone(this.#output.ref(frame), 'keeping a frame')
    return this.#output
  }

  close(): void {
    this.#chain?.close()
    this.#output.free()
  }
}
