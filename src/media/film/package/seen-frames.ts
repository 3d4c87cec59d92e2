import { AVERROR_EOF } from 'node-av/constants'
import { Frame } from 'node-av/lib'
import { again, expectDone, reasonOf } from '../ffmpeg.ts'
import { FilterChain, type Step } from '../graph.ts'
import { type Look, turn } from '../render.ts'
import { matrixOptions } from '../scale.ts'
import { sdrChangeOf } from '../sdr.ts'

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

/** Brings frames to the eye; made anew where a film changes its size or format on the way. */
export class SeenFrames {
  readonly #target: SeenTarget
  readonly #emit: (frame: Frame) => Promise<void>
  readonly #output = new Frame()
  #chain: FilterChain | undefined
  /** Colours are left as they are. */
  #isPlain = false
  /** How the first frame was brought to SDR, if it was not. */
  toneMapped: 'yes' | 'refused' | undefined

  constructor(target: SeenTarget, emit: (frame: Frame) => Promise<void>) {
    this.#target = target
    this.#emit = emit
    this.#output.alloc()
  }

  /** Takes a frame, which stays the caller's. */
  async take(frame: Frame): Promise<void> {
    if (this.#chain?.takes(frame) === false) await this.end()
    try {
      await this.#send(frame)
    } catch (error) {
      // Colours that a filter does not know are taken for what most films have: pale ones are better than no film.
      if (this.#isPlain || !(error instanceof FilterRefused)) throw error
      this.#isPlain = true
      this.#chain?.close()
      this.#chain = undefined
      await this.#send(frame)
    }
  }

  /** Gives what the filters still hold. */
  async end(): Promise<void> {
    if (this.#chain === undefined) return
    await this.#chain.push(null)
    await this.#drain()
    this.#chain.close()
    this.#chain = undefined
  }

  close(): void {
    this.#chain?.close()
    this.#chain = undefined
    this.#output.free()
  }

  async #send(frame: Frame): Promise<void> {
    this.#chain ??= await this.#open(frame)
    await this.#chain.push(frame)
    await this.#drain()
  }

  async #open(frame: Frame): Promise<FilterChain> {
    const { look, timeBase } = this.#target
    const { isHigh, change } = sdrChangeOf(frame, look)
    if (isHigh) this.toneMapped = this.#isPlain ? 'refused' : 'yes'
    if (change === undefined || this.#isPlain) {
      return await FilterChain.open(frame, this.#steps([], matrixOptions(frame)), timeBase)
    }
    const steps = this.#steps([change], ['in_range=tv', 'in_color_matrix=bt709'])
    return await FilterChain.open(frame, steps, timeBase).catch((cause: unknown) => {
      throw new FilterRefused('a filter does not take these frames', { cause })
    })
  }

  #steps(colour: readonly Step[], given: readonly string[]): Step[] {
    const { look, width, height, isInterlaced, timeBase } = this.#target
    const { display } = look
    const size = display.transpose ? [`w=${height}`, `h=${width}`] : [`w=${width}`, `h=${height}`]
    const wanted = ['flags=bicubic+accurate_rnd', 'out_color_matrix=bt709', 'out_range=tv']
    return [
      // The filter counts in half steps.
      ...(isInterlaced ? [deinterlace, ['settb', `expr=${timeBase.num}/${timeBase.den}`] as const] : []),
      ...colour,
      ['scale', [...size, ...wanted, ...given].join(':')],
      ['format', 'pix_fmts=yuv420p'],
      ...turn(display),
      ['setsar', 'sar=1'],
      ['setparams', 'range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709'],
    ]
  }

  async #drain(): Promise<void> {
    while (this.#chain !== undefined) {
      const code = await this.#chain.pull(this.#output)
      if (code === again || code === AVERROR_EOF) return
      if (code < 0 && !this.#isPlain) throw new FilterRefused(reasonOf(code))
      expectDone(code, 'bringing a frame upright')
      try {
        await this.#emit(this.#output)
      } finally {
        this.#output.unref()
      }
    }
  }
}

/** The frames are not what the filter knows. */
class FilterRefused extends Error {}

const deinterlace: Step = ['bwdif', 'mode=send_frame:deint=interlaced']
