import { AV_FRAME_FLAG_INTERLACED, AVCOL_SPC_UNSPECIFIED } from 'node-av/constants'
import { Frame } from 'node-av/lib'
import { matrixOf } from '../colour.ts'
import { expectDone } from '../ffmpeg.ts'
import { FilterChain, type Step } from '../graph.ts'
import type { Look } from '../render.ts'
import { sdrChangeOf } from '../sdr.ts'

/** Frames larger than this by each side are made smaller before their colours are converted, which is dear. */
const largerBy = 1.4

/** Brings frames one by one to what the common way to the eye takes well: of one moment, and not much too large. */
export class Preparation {
  readonly #look: Look
  readonly #size: { readonly width: number; readonly height: number }
  readonly #output = new Frame()
  #chain: { readonly filters: FilterChain; readonly steps: string } | undefined

  /** `size` is the one that is wanted in the end, as seen. */
  constructor(look: Look, size: { readonly width: number; readonly height: number }) {
    this.#look = look
    this.#size = size
    this.#output.alloc()
  }

  /** Hands on the frame, or what was made of it, with the same time stamp. */
  async pass(frame: Frame, on: (frame: Frame) => Promise<void>): Promise<void> {
    const steps = this.#stepsFor(frame)
    if (steps.length === 0) return await on(frame)
    const key = JSON.stringify(steps)
    if (this.#chain?.steps !== key || !this.#chain.filters.takes(frame)) {
      this.#chain?.filters.close()
      this.#chain = undefined
      this.#chain = { filters: await FilterChain.open(frame, steps), steps: key }
    }
    await this.#chain.filters.push(frame)
    expectDone(await this.#chain.filters.pull(this.#output), 'preparing a frame')
    try {
      await on(this.#output)
    } finally {
      this.#output.unref()
    }
  }

  close(): void {
    this.#chain?.filters.close()
    this.#output.free()
  }

  #stepsFor(frame: Frame): Step[] {
    const { transpose } = this.#look.display
    const [width, height] = transpose ? [this.#size.height, this.#size.width] : [this.#size.width, this.#size.height]
    const isMuchLarger = frame.width > width * largerBy && frame.height > height * largerBy
    const isDear = isMuchLarger && sdrChangeOf(frame, this.#look).change !== undefined
    // What its size lets guess is written down while it has that size.
    if (isDear && frame.colorSpace === AVCOL_SPC_UNSPECIFIED) frame.colorSpace = matrixOf(frame) as never
    return [
      // From the frame alone: its neighbours may be of another moment.
      ...(frame.hasFlags(AV_FRAME_FLAG_INTERLACED) && frame.height > 2 ? [deinterlace] : []),
      ...(isDear ? [['scale', `w=${width}:h=${height}:flags=bicubic+accurate_rnd`] as const] : []),
    ]
  }
}

const deinterlace: Step = ['estdif', 'mode=frame:deint=interlaced']
