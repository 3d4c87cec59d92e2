import type { Frame } from 'node-av/lib'
import { MediaError } from '../../../errors.ts'
import { dynamicRangeOf } from '../../picture/tone.ts'
import { codedColourOf, isFullRange, matrixOf } from '../colour.ts'
import { unweave } from '../fields.ts'
import type { Step } from '../graph.ts'
import { bitDepthOf, pixelFormatNameOf } from '../names.ts'
import { squareWidth } from '../probe.ts'
import { frameSarOf, turn } from '../render.ts'
import { scalerMatrices } from '../scale.ts'
import { toneMapTo } from '../sdr.ts'
import type { Side } from './side.ts'

/** What the frames of both films are brought to before they are compared. */
export interface Target {
  /** Before it is turned upright. */
  readonly width: number
  readonly height: number
  /** Both films are coded the same way around, with pixels of one shape, so that the reference is not touched. */
  readonly isAsCoded: boolean
  readonly pixelFormat: string
  /** By its H.273 number. */
  readonly matrix: number
  readonly isFullRange: boolean
  /** Films that are brought to SDR first. */
  readonly toneMapped: ReadonlySet<Side>
  /** The film whose frames are woven of two moments, where those of the other are not. */
  readonly deinterlaced?: Side
}

/** Decides by the first frames: the reference's size as seen, its colours, and the larger depth of both. */
export function targetOf(film: Side, reference: Side): Target {
  const toneMapped = toneMappedOf(film, reference)
  const isReferenceMapped = toneMapped.has(reference)
  const seen = seenSize(reference)
  const isAsCoded = wayOf(film) === wayOf(reference)
  assertOneShape(seenSize(film), seen)
  const { frame } = reference.first
  return {
    ...(isAsCoded ? { width: frame.width, height: frame.height } : seen),
    isAsCoded,
    pixelFormat: commonFormat(film.first.frame, frame),
    matrix: isReferenceMapped ? bt709 : (toldMatrix(frame) ?? toldMatrix(film.first.frame) ?? matrixOf(frame)),
    isFullRange: !isReferenceMapped && isFullRange(frame),
    toneMapped,
    ...(film.isInterlaced === reference.isInterlaced ? {} : { deinterlaced: film.isInterlaced ? film : reference }),
  }
}

/** What brings a frame of one of the films there; nothing when it is so already. */
export function stepsTo(target: Target, side: Side, frame: Frame): Step[] {
  const isMapped = target.toneMapped.has(side)
  const { transpose } = target.isAsCoded ? { transpose: false } : side.look.display
  const [width, height] = transpose ? [target.height, target.width] : [target.width, target.height]
  const format = pixelFormatNameOf(frame.format) ?? ''
  const isRgb = !isMapped && planesOf(format) === 'gbr'
  const matrix = isMapped ? bt709 : (toldMatrix(frame) ?? target.matrix)
  const isFull = !isMapped && isFullRange(frame)
  const isThere = format === target.pixelFormat && frame.width === width && frame.height === height && target.isAsCoded
  const isWoven = target.deinterlaced === side
  if (isThere && !isMapped && !isWoven && isFull === target.isFullRange && matrix === target.matrix) return []
  const options = [
    `w=${width}:h=${height}`,
    'flags=bicubic+accurate_rnd+full_chroma_int',
    ...(isRgb ? [] : [`in_range=${isFull ? 'pc' : 'tv'}`, ...named('in_color_matrix', matrix)]),
    ...(target.pixelFormat.startsWith('gbr')
      ? []
      : [`out_range=${target.isFullRange ? 'pc' : 'tv'}`, ...named('out_color_matrix', target.matrix)]),
  ]
  return [
    ...(isWoven ? [unweave] : []),
    ...(isMapped ? [toneMapTo('yuv420p10')] : []),
    ['scale', options.join(':')],
    ['format', `pix_fmts=${target.pixelFormat}`],
    ...(target.isAsCoded ? [] : turn(side.look.display)),
  ]
}

const bt709 = 1

const named = (option: string, matrix: number): string[] => {
  const name = scalerMatrices[matrix]
  return name === undefined ? [] : [`${option}=${name}`]
}

/** The matrix that a frame names; absent when it names none, and of RGB. */
function toldMatrix(frame: Frame): number | undefined {
  const told: number = frame.colorSpace
  return told === 0 || told === 2 || told === 3 ? undefined : told
}

function rangeOf({ look, first }: Side): string {
  return look.needsReshaping ? 'dolby-vision' : (dynamicRangeOf(codedColourOf(first.frame)) ?? 'sdr')
}

/** Films of different dynamic range, and those whose colours must be rebuilt, are compared as SDR. */
function toneMappedOf(film: Side, reference: Side): ReadonlySet<Side> {
  const [one, other] = [rangeOf(film), rangeOf(reference)]
  if (one === other && one !== 'dolby-vision') return new Set()
  return new Set([film, reference].filter((side) => rangeOf(side) !== 'sdr'))
}

/** Which way around it is coded, and how wide its pixels are. */
function wayOf({ look, first }: Side): string {
  const { num, den } = frameSarOf(first.frame, look)
  const aspect = num > 0 && den > 0 ? num / den : 1
  return `${look.display.orientation} ${aspect.toFixed(4)}`
}

function seenSize({ look, first: { frame } }: Side): { width: number; height: number } {
  const width = squareWidth(frame.width, frameSarOf(frame, look))
  return look.display.transpose ? { width: frame.height, height: width } : { width, height: frame.height }
}

/** Films of one shape may differ by this share in a side, by roundings of their makers. */
const tolerance = 0.02

function assertOneShape(film: { width: number; height: number }, reference: { width: number; height: number }): void {
  const expected = (film.width * reference.height) / reference.width
  if (Math.abs(expected - film.height) <= Math.max(2, tolerance * film.height)) return
  throw new MediaError('PARAMS_INVALID', [
    `Only films of one shape can be compared, but this one is seen at ${film.width}×${film.height} and the reference at ${reference.width}×${reference.height}.`,
  ])
}

/** A planar format that loses nothing of the reference's colours and nothing of either depth. */
function commonFormat(film: Frame, reference: Frame): string {
  const [own, other] = [pixelFormatNameOf(film.format) ?? '', pixelFormatNameOf(reference.format) ?? '']
  const depth = depths.find((one) => one >= Math.max(bitDepthOf(own), bitDepthOf(other))) ?? 16
  const [ownPlanes, planes] = [planesOf(own), planesOf(other)]
  const deep = depth === 8 ? '' : `${depth}le`
  if (planes === 'gbr' && ownPlanes === 'gbr') return `gbrp${deep}`
  if (planes === 'gray') return ownPlanes === 'gray' ? `gray${deep}` : `yuv420p${deep}`
  return `yuv${planes === 'gbr' ? '444' : planes}p${deep}`
}

const depths = [8, 10, 12, 14, 16]

function planesOf(format: string): '420' | '422' | '444' | 'gray' | 'gbr' {
  if (/^(?:gray|ya|mono)/.test(format)) return 'gray'
  if (/^(?:gbr|rgb|bgr|argb|abgr|0rgb|0bgr|x2rgb|x2bgr|pal8)/.test(format)) return 'gbr'
  if (/^(?:yuv[aj]?4(?:44|40|11)|nv24|nv42|p4|ayuv|vuy|xv|v30|yuv444)/.test(format)) return '444'
  if (/^(?:yuv[aj]?422|nv16|nv20|p2|yuyv|uyvy|yvyu|y2)/.test(format)) return '422'
  return '420'
}
