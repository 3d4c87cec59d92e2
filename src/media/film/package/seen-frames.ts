import type { Frame } from 'node-av/lib'
import { unweaveAlong } from '../fields.ts'
import { FrameFilters } from '../frame-filters.ts'
import type { Step } from '../graph.ts'
import { type Look, turn } from '../render.ts'
import { matrixOptions } from '../scale.ts'
import { sayBt709, sdrChangeOf } from '../sdr.ts'

/** What frames are made into: upright, square pixels, 8-bit SDR of BT.709. */
export interface SeenTarget {
  readonly look: Look
  /** As seen, even numbers. */
  readonly width: number
  readonly height: number
  readonly isInterlaced: boolean
  /** Of the frames' time stamps, in seconds. */
  readonly timeBase: { readonly num: number; readonly den: number }
}

/** Brings frames to the eye. */
export class SeenFrames extends FrameFilters {
  readonly #target: SeenTarget
  /** How high dynamic range was brought to SDR, if it was. */
  toneMapped: 'yes' | 'refused' | undefined

  constructor(target: SeenTarget, emit: (frame: Frame) => Promise<void>) {
    super(target.timeBase, emit)
    this.#target = target
  }

  protected stepsFor(frame: Frame, isPlain: boolean): Step[] {
    const { isHigh, change } = sdrChangeOf(frame, this.#target.look)
    if (isHigh) this.toneMapped = isPlain ? 'refused' : 'yes'
    if (change === undefined || isPlain) return this.#steps([], matrixOptions(frame))
    return this.#steps([change], ['in_range=tv', 'in_color_matrix=bt709'])
  }

  #steps(colour: readonly Step[], given: readonly string[]): Step[] {
    const { look, width, height, isInterlaced, timeBase } = this.#target
    const { display } = look
    const size = display.transpose ? [`w=${height}`, `h=${width}`] : [`w=${width}`, `h=${height}`]
    const wanted = ['flags=bicubic+accurate_rnd', 'out_color_matrix=bt709', 'out_range=tv']
    return [
      ...(isInterlaced ? unweaveAlong(timeBase) : []),
      ...colour,
      ['scale', [...size, ...wanted, ...given].join(':')],
      ['format', 'pix_fmts=yuv420p'],
      ...turn(display),
      ['setsar', 'sar=1'],
      sayBt709,
    ]
  }
}
