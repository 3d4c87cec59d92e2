import type { Frame } from 'node-av/lib'
import type { CodedColour } from '../picture/heif-boxes.ts'
import { dynamicRangeOf, needsConversion } from '../picture/tone.ts'
import { codedColourOf } from './colour.ts'
import type { Step } from './graph.ts'
import type { Look } from './render.ts'

/** What brings frames like this one to SDR of BT.709 in 8 bit; without a change where they are near enough to it. */
export function sdrChangeOf(frame: Frame, { needsReshaping }: Look): { isHigh: boolean; change?: Step } {
  const colour = codedColourOf(frame)
  const isHigh = needsReshaping || dynamicRangeOf(colour) !== undefined
  if (isHigh) return { isHigh, change: toneMapTo('yuv420p') }
  return needsConversion(colour) ? { isHigh, change: narrowed(colour) } : { isHigh }
}

/** Brings high dynamic range to SDR: Jellyfin's filter, along BT.2390 as pictures are; it rebuilds Dolby Vision's colours too. */
export const toneMapTo = (format: 'yuv420p' | 'yuv420p10'): Step => [
  'tonemapx',
  `tonemap=bt2390:t=bt709:m=bt709:p=bt709:r=tv:format=${format}`,
]

/** What is said of high dynamic range that was brought to SDR, or could not be. */
export const sdrNotes = {
  yes: 'High dynamic range was brought to SDR.',
  refused: 'High dynamic range could not be brought to SDR; colours are pale.',
} as const

/** Says that frames are in SDR of BT.709, as they are after a change. */
export const sayBt709: Step = ['setparams', 'range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709']

/** More colours than a usual screen shows, though not brighter. */
function narrowed({ primaries, transfer, matrix, isFullRange }: CodedColour): Step {
  const given = [
    `pin=${zimgPrimaries[primaries] ?? '709'}`,
    `tin=${transfer === linear ? 'linear' : '709'}`,
    `min=${zimgMatrices[matrix] ?? '709'}`,
    `rin=${isFullRange ? 'full' : 'limited'}`,
  ]
  return ['zscale', [...given, 'p=709:t=709:m=709:r=limited'].join(':')]
}

// Numbers of H.273 by zimg's names.
const linear = 8
const zimgPrimaries: Readonly<Record<number, string>> = { 9: '2020', 11: 'smpte431', 12: 'smpte432' }
const zimgMatrices: Readonly<Record<number, string>> = { 5: '470bg', 6: '170m', 9: '2020_ncl' }
