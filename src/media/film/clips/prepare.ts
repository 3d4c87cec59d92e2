import { AVCOL_SPC_UNSPECIFIED } from 'node-av/constants'
import type { Frame } from 'node-av/lib'
import { Chains } from '../chains.ts'
import { matrixOf } from '../colour.ts'
import { isWoven, unweave } from '../fields.ts'
import { filterFrame, type Step } from '../graph.ts'
import type { Look } from '../render.ts'
import { sdrChangeOf } from '../sdr.ts'

/** Frames larger than this by each side are made smaller before their colours are converted, which is dear. */
const largerBy = 1.4

/** Brings frames one by one to what the common way to the eye takes well: of one moment, and not much too large. */
export class Preparation {
  readonly #look: Look
  readonly #size: { readonly width: number; readonly height: number }
  readonly #chains = new Chains()

  /** `size` is the one that is wanted in the end, as seen. */
  constructor(look: Look, size: { readonly width: number; readonly height: number }) {
    this.#look = look
    this.#size = size
  }

  /** Hands on the frame, or what was made of it, with the same time stamp. */
  async pass(frame: Frame, on: (frame: Frame) => Promise<void>): Promise<void> {
    const steps = this.#stepsFor(frame)
    if (steps.length === 0) return await on(frame)
    // From the frame alone: its neighbours may be of another moment.
    const made = isWoven(frame) ? await filterFrame(frame, steps) : await this.#chains.filter(frame, steps)
    try {
      made.pts = frame.pts
      await on(made)
    } finally {
      made.free()
    }
  }

  close(): void {
    this.#chains.close()
  }

  #stepsFor(frame: Frame): Step[] {
    const { transpose } = this.#look.display
    const [width, height] = transpose ? [this.#size.height, this.#size.width] : [this.#size.width, this.#size.height]
    const isMuchLarger = frame.width > width * largerBy && frame.height > height * largerBy
    const isDear = isMuchLarger && sdrChangeOf(frame, this.#look).change !== undefined
    // What its size lets guess is written down while it has that size.
    if (isDear && frame.colorSpace === AVCOL_SPC_UNSPECIFIED) frame.colorSpace = matrixOf(frame) as never
    return [
      ...(isWoven(frame) ? [unweave] : []),
      ...(isDear ? [['scale', `w=${width}:h=${height}:flags=bicubic+accurate_rnd`] as const] : []),
    ]
  }
}
