import type { Frame } from 'node-av/lib'
import type { Chains } from './chains.ts'
import { isFullRange, matrixOf } from './colour.ts'
import { filterFrame, type Step } from './graph.ts'
import { pixelFormatNameOf } from './names.ts'

/** What a frame is made into. */
export interface Target {
  readonly width: number
  readonly height: number
  readonly channels: 3 | 4
  /** 16 bits a sample instead of 8. */
  readonly isDeep: boolean
}

/**
 * Brings a frame to RGB of full range at a size, between what is done before and after; the caller frees the output. zimg
 * is as exact as FFmpeg's own scaler and more than twice as fast, but takes only usual frames.
 */
export async function toRgbFrame(
  frame: Frame,
  target: Target,
  before: readonly Step[],
  after: readonly Step[],
  chains?: Chains,
): Promise<Frame> {
  // What is done before may look at several frames.
  const filter = chains && before.length === 0 ? (steps: Step[]) => chains.filter(frame, steps) : undefined
  const fast = fastSteps(frame, target)
  if (fast !== undefined) {
    try {
      const steps = [...before, ...fast, ...after]
      return await (filter?.(steps) ?? filterFrame(frame, steps))
    } catch {
      // A frame with colours that zimg does not know: the other way knows more, and throws if it does not.
    }
  }
  return await filterFrame(frame, [...before, ...plainSteps(frame, target), ...after])
}

function fastSteps(frame: Frame, { width, height, channels, isDeep }: Target): Step[] | undefined {
  const matrix = zimgMatrices[matrixOf(frame)]
  const name = pixelFormatNameOf(frame.format) ?? ''
  const subsampling = /^yuv[aj]?4(20|22|44)p(?:(?:9|1[0246])le)?$/.exec(name)?.[1]
  if (matrix === undefined || subsampling === undefined) return undefined
  // Half a sample of colour at the edge is more than zimg can do.
  if (subsampling !== '44' && frame.width % 2 === 1) return undefined
  if (subsampling === '20' && frame.height % 2 === 1) return undefined
  const planar = channels === 4 ? (isDeep ? 'gbrap16le' : 'gbrap') : isDeep ? 'gbrp16le' : 'gbrp'
  const range = isFullRange(frame) ? 'full' : 'limited'
  return [
    ['zscale', `w=${width}:h=${height}:filter=bicubic:min=${matrix}:rin=${range}:m=gbr:r=full`],
    ['format', `pix_fmts=${planar}`],
    ['scale'],
    ['format', `pix_fmts=${packed(channels, isDeep)}`],
  ]
}

function plainSteps(frame: Frame, { width, height, channels, isDeep }: Target): Step[] {
  // With 16 bits the faster filter overflows.
  const filter = !isDeep && width === frame.width && height === frame.height ? 'bilinear' : 'bicubic'
  // Without the rounding all is darker by one, and without whole chroma the edges of colours are stairs.
  const flags = `flags=${filter}+full_chroma_int+accurate_rnd`
  const options = [`w=${width}:h=${height}`, flags, ...matrixOptions(frame), 'out_range=pc']
  return [
    ['scale', options.join(':')],
    ['format', `pix_fmts=${packed(channels, isDeep)}`],
  ]
}

const packed = (channels: 3 | 4, isDeep: boolean): string =>
  channels === 4 ? (isDeep ? 'rgba64le' : 'rgba') : isDeep ? 'rgb48le' : 'rgb24'

/** Options that tell FFmpeg's scaler the colours it is given: it guesses BT.601 for all frames that do not tell. */
export function matrixOptions(frame: Frame): string[] {
  const name = pixelFormatNameOf(frame.format) ?? ''
  if (!/^(?:yuv|nv|p0|p2|p4|y2|uyv|yvy|ayuv|vuy|xv|v30)/.test(name)) return []
  const matrix = scalerMatrices[matrixOf(frame)]
  const range = `in_range=${isFullRange(frame) ? 'pc' : 'tv'}`
  return matrix === undefined ? [range] : [range, `in_color_matrix=${matrix}`]
}

/** H.273 numbers by the names of the two scalers. */
const zimgMatrices: Readonly<Record<number, string>> = { 1: '709', 5: '470bg', 6: '170m', 7: '240m', 9: '2020_ncl' }
/** H.273 numbers of matrices by the names that FFmpeg’s scaler knows. */
export const scalerMatrices: Readonly<Record<number, string>> = {
  1: 'bt709',
  4: 'fcc',
  5: 'bt470',
  6: 'smpte170m',
  7: 'smpte240m',
  9: 'bt2020',
  10: 'bt2020',
}
