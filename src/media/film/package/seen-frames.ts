import { Frame } from 'node-av/lib'
import { dynamicRangeOf, needsConversion } from '../../picture/tone.ts'
import { codedColourOf } from '../colour.ts'
import { FilterChain, type Step } from '../graph.ts'
import { type Look, turn } from '../render.ts'
import { matrixOptions } from '../scale.ts'

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
    this.#chain ??= await this.#open(frame)
    await this.#chain.push(frame)
    await this.#drain()
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

  async #open(frame: Frame): Promise<FilterChain> {
    const { look, timeBase } = this.#target
    const colour = codedColourOf(frame)
    const isHigh = look.needsReshaping || dynamicRangeOf(colour) !== undefined
    if (isHigh) {
      try {
        const chain = await FilterChain.open(
          frame,
          this.#steps([toneMap], ['in_range=tv', 'in_color_matrix=bt709']),
          timeBase,
        )
        this.toneMapped ??= 'yes'
        return chain
      } catch {
        // Wrong colours are better than no film.
        this.toneMapped ??= 'refused'
      }
    }
    if (!isHigh && needsConversion(colour)) {
      try {
        return await FilterChain.open(frame, this.#steps([narrow], ['in_range=tv', 'in_color_matrix=bt709']), timeBase)
      } catch {
        // Colours that zimg does not know are taken for what most films have.
      }
    }
    return await FilterChain.open(frame, this.#steps([], matrixOptions(frame)), timeBase)
  }

  #steps(colour: readonly Step[], given: readonly string[]): Step[] {
    const { look, width, height, isInterlaced } = this.#target
    const { display } = look
    const size = display.transpose ? [`w=${height}`, `h=${width}`] : [`w=${width}`, `h=${height}`]
    const wanted = ['flags=bicubic+accurate_rnd', 'out_color_matrix=bt709', 'out_range=tv']
    return [
      ...(isInterlaced ? [deinterlace] : []),
      ...colour,
      ['scale', [...size, ...wanted, ...given].join(':')],
      ['format', 'pix_fmts=yuv420p'],
      ...turn(display),
      ['setsar', 'sar=1'],
      ['setparams', 'range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709'],
    ]
  }

  async #drain(): Promise<void> {
    while (this.#chain !== undefined && (await this.#chain.pull(this.#output)) >= 0) {
      try {
        await this.#emit(this.#output)
      } finally {
        this.#output.unref()
      }
    }
  }
}

const deinterlace: Step = ['bwdif', 'mode=send_frame:deint=interlaced']

/** Jellyfin's filter, along BT.2390 as pictures are; it rebuilds the colours of Dolby Vision too. */
const toneMap: Step = ['tonemapx', 'tonemap=bt2390:t=bt709:m=bt709:p=bt709:r=tv:format=yuv420p']

const narrow: Step = ['zscale', 'p=709:t=709:m=709:r=limited']
