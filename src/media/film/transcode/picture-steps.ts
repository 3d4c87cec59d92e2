import { AVERROR_EOF } from 'node-av/constants'
import { FFmpegError, Frame, PosixError } from 'node-av/lib'
import { expectDone, reasonOf } from '../ffmpeg.ts'
import { FilterChain, type Step } from '../graph.ts'
import { pixelFormatNameOf } from '../names.ts'
import { type Look, turn } from '../render.ts'
import { matrixOptions } from '../scale.ts'
import { sdrChangeOf } from '../sdr.ts'
import type { Geometry } from './geometry.ts'

/** What frames are made into. */
export interface PictureTarget {
  readonly look: Look
  readonly geometry: Geometry
  readonly toSdr: boolean
  readonly deinterlace: boolean
  readonly pixelFormat: 'yuv420p' | 'yuv420p10le'
  /** Of the frames' time stamps, in seconds. */
  readonly timeBase: { readonly num: number; readonly den: number }
}

/** Sends frames through no more filters than they need, none at all where they are as wanted. */
export class PictureSteps {
  readonly #target: PictureTarget
  readonly #emit: (frame: Frame) => Promise<void>
  readonly #output = new Frame()
  #chain: FilterChain | undefined
  #plainKind: string | undefined
  /** Colours are left as they are. */
  #isPlain = false
  /** How high dynamic range was brought to SDR, if it was. */
  toneMapped: 'yes' | 'refused' | undefined

  constructor(target: PictureTarget, emit: (frame: Frame) => Promise<void>) {
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
    if (this.#chain === undefined) {
      const kind = [frame.format, frame.width, frame.height].join(' ')
      if (kind === this.#plainKind) return await this.#emit(frame)
      const steps = this.#steps(frame)
      if (steps.length === 0) {
        this.#plainKind = kind
        return await this.#emit(frame)
      }
      this.#chain = await this.#open(frame, steps)
    }
    await this.#chain.push(frame)
    await this.#drain()
  }

  async #open(frame: Frame, steps: readonly Step[]): Promise<FilterChain> {
    try {
      return await FilterChain.open(frame, steps, this.#target.timeBase)
    } catch (cause) {
      if (this.#isPlain) throw cause
      throw new FilterRefused('a filter does not take these frames', { cause })
    }
  }

  #steps(frame: Frame): Step[] {
    const { look, geometry, toSdr, deinterlace, timeBase } = this.#target
    const { isHigh = false, change } = toSdr ? sdrChangeOf(frame, look) : {}
    if (isHigh) this.toneMapped = this.#isPlain ? 'refused' : 'yes'
    const colour = change === undefined || this.#isPlain ? undefined : change
    const { cut, size } = geometry
    const isCut = cut !== undefined && cut.left + cut.width <= frame.width && cut.top + cut.height <= frame.height
    const given = isCut ? cut : frame
    const steps: Step[] = []
    if (deinterlace) {
      steps.push(['bwdif', 'mode=send_frame:deint=interlaced'])
      // The filter counts in half steps.
      steps.push(['settb', `expr=${timeBase.num}/${timeBase.den}`])
    }
    if (isCut) steps.push(['crop', `w=${cut.width}:h=${cut.height}:x=${cut.left}:y=${cut.top}`])
    if (colour !== undefined) steps.push(colour)
    const isSized = given.width === size.width && given.height === size.height
    const isKept = colour === undefined && isTaken(frame, this.#target.pixelFormat)
    if (!isSized || !isKept) steps.push(...this.#scale(frame, colour !== undefined))
    steps.push(...turn(geometry.turn))
    if (steps.length > 0) steps.push(['setsar', `sar=${geometry.sar.num}/${geometry.sar.den}`])
    if (colour !== undefined) steps.push(bt709)
    return steps
  }

  #scale(frame: Frame, isSdr: boolean): Step[] {
    const { geometry, pixelFormat } = this.#target
    const { width, height } = geometry.size
    const size = [`w=${width}`, `h=${height}`, 'flags=bicubic+accurate_rnd']
    const range = ['out_range=tv']
    if (isSdr) range.push('in_range=tv', 'in_color_matrix=bt709', 'out_color_matrix=bt709')
    else if (isRgb(frame)) range.push('out_color_matrix=bt709')
    else range.push(...matrixOptions(frame).filter((option) => option.startsWith('in_range')))
    const steps: Step[] = [
      ['scale', [...size, ...range].join(':')],
      ['format', `pix_fmts=${pixelFormat}`],
    ]
    return isRgb(frame) ? [...steps, bt709] : steps
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
}

/** The frames are not what the filter knows. */
class FilterRefused extends Error {}

const again = FFmpegError.AVERROR(PosixError.EAGAIN)

const bt709: Step = ['setparams', 'range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709']

const isTaken = (frame: Frame, pixelFormat: string): boolean => pixelFormatNameOf(frame.format) === pixelFormat

const isRgb = (frame: Frame): boolean =>
  /^(?:gbr|rgb|bgr|argb|abgr|0rgb|0bgr|pal8|x2)/.test(pixelFormatNameOf(frame.format) ?? '')
