import type { Frame } from 'node-av/lib'
import { unweaveAlong } from '../fields.ts'
import { FrameFilters } from '../frame-filters.ts'
import type { Step } from '../graph.ts'
import { pixelFormatNameOf } from '../names.ts'
import { type Look, turn } from '../render.ts'
import { matrixOptions } from '../scale.ts'
import { sayBt709, sdrChangeOf } from '../sdr.ts'
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
export class PictureSteps extends FrameFilters {
  readonly #target: PictureTarget
  /** How high dynamic range was brought to SDR, if it was. */
  toneMapped: 'yes' | 'refused' | undefined

  constructor(target: PictureTarget, emit: (frame: Frame) => Promise<void>) {
    super(target.timeBase, emit)
    this.#target = target
  }

  protected stepsFor(frame: Frame, isPlain: boolean): Step[] {
    const { look, geometry, toSdr, deinterlace, timeBase } = this.#target
    const { isHigh = false, change } = toSdr ? sdrChangeOf(frame, look) : {}
    if (isHigh) this.toneMapped = isPlain ? 'refused' : 'yes'
    const colour = isPlain ? undefined : change
    const { cut, size } = geometry
    const isCut = cut !== undefined && cut.left + cut.width <= frame.width && cut.top + cut.height <= frame.height
    const given = isCut ? cut : frame
    const steps: Step[] = deinterlace ? unweaveAlong(timeBase) : []
    if (isCut) steps.push(['crop', `w=${cut.width}:h=${cut.height}:x=${cut.left}:y=${cut.top}`])
    if (colour !== undefined) steps.push(colour)
    const isSized = given.width === size.width && given.height === size.height
    const isKept = colour === undefined && isTaken(frame, this.#target.pixelFormat)
    if (!isSized || !isKept) steps.push(...this.#scale(frame, colour !== undefined))
    steps.push(...turn(geometry.turn))
    if (steps.length > 0) steps.push(['setsar', `sar=${geometry.sar.num}/${geometry.sar.den}`])
    if (colour !== undefined) steps.push(sayBt709)
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
    return isRgb(frame) ? [...steps, sayBt709] : steps
  }
}

const isTaken = (frame: Frame, pixelFormat: string): boolean => pixelFormatNameOf(frame.format) === pixelFormat

const isRgb = (frame: Frame): boolean =>
  /^(?:gbr|rgb|bgr|argb|abgr|0rgb|0bgr|pal8|x2)/.test(pixelFormatNameOf(frame.format) ?? '')
