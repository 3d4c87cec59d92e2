import { AVERROR_EOF } from 'node-av/constants'
import { Frame } from 'node-av/lib'
import { again, expectDone, reasonOf } from './ffmpeg.ts'
import { FilterChain, type Step } from './graph.ts'

/**
 * Sends frames through filters, made anew where a film changes its size or format on the way. Colours that a filter does not
 * know are taken for what most films have: pale ones are better than no film.
 */
export abstract class FrameFilters {
  readonly #timeBase: { readonly num: number; readonly den: number }
  readonly #emit: (frame: Frame) => Promise<void>
  readonly #output = new Frame()
  #chain: FilterChain | undefined
  /** Frames that go through nothing. */
  #untouchedKind: string | undefined
  #isPlain = false

  /** `timeBase` is that of the frames, in seconds; what `emit` is given is gone afterwards. */
  constructor(timeBase: { readonly num: number; readonly den: number }, emit: (frame: Frame) => Promise<void>) {
    this.#timeBase = timeBase
    this.#emit = emit
    this.#output.alloc()
  }

  /** What a frame and those like it go through, nothing where it is as wanted; `isPlain` leaves its colours as they are. */
  protected abstract stepsFor(frame: Frame, isPlain: boolean): readonly Step[]

  /** Takes a frame, which stays the caller's. */
  async take(frame: Frame): Promise<void> {
    if (this.#chain?.takes(frame) === false) await this.end()
    try {
      await this.#send(frame)
    } catch (error) {
      if (this.#isPlain || !(error instanceof FilterRefused)) throw error
      this.#isPlain = true
      this.#closeChain()
      await this.#send(frame)
    }
  }

  /** Gives what the filters still hold. */
  async end(): Promise<void> {
    if (this.#chain === undefined) return
    this.#chain.push(null)
    await this.#drain()
    this.#closeChain()
  }

  /** Frees them; what they still hold is lost. */
  close(): void {
    this.#closeChain()
    this.#output.free()
  }

  async #send(frame: Frame): Promise<void> {
    if (this.#chain === undefined) {
      const kind = [frame.format, frame.width, frame.height].join(' ')
      const steps = kind === this.#untouchedKind ? [] : this.stepsFor(frame, this.#isPlain)
      if (steps.length === 0) {
        this.#untouchedKind = kind
        return await this.#emit(frame)
      }
      this.#chain = this.#open(frame, steps)
    }
    this.#chain.push(frame)
    await this.#drain()
  }

  #open(frame: Frame, steps: readonly Step[]): FilterChain {
    try {
      return FilterChain.open(frame, steps, this.#timeBase)
    } catch (cause) {
      if (this.#isPlain) throw cause
      throw new FilterRefused('a filter does not take these frames', { cause })
    }
  }

  async #drain(): Promise<void> {
    while (this.#chain !== undefined) {
      const code = await this.#chain.pull(this.#output)
      if (code === again || code === AVERROR_EOF) return
      if (code < 0 && !this.#isPlain) throw new FilterRefused(reasonOf(code))
      expectDone(code, 'filtering a frame')
      try {
        await this.#emit(this.#output)
      } finally {
        this.#output.unref()
      }
    }
  }

  #closeChain(): void {
    this.#chain?.close()
    this.#chain = undefined
  }
}

/** The frames are not what a filter knows. */
class FilterRefused extends Error {}
