import { AVCOL_RANGE_JPEG, AVCOL_RANGE_MPEG } from 'node-av/constants'
import type { Frame } from 'node-av/lib'
import type { CodedColour } from '../picture/heif-boxes.ts'
import { dynamicRangeOf, profileNameOf } from '../picture/tone.ts'
import { colourNames, pixelFormatNameOf } from './names.ts'

const [bt709, notTold, bt601, bt2020, bt2020Constant] = [1, 2, 6, 9, 10]

/** The colour of a frame, with what is not told guessed as players do. */
export function codedColourOf(frame: Frame): CodedColour {
  const transfer: number = frame.colorTrc
  const matrix = matrixOf(frame)
  const isWide = transfer === 16 || transfer === 18 || matrix === bt2020 || matrix === bt2020Constant
  const primaries: number = frame.colorPrimaries
  return {
    primaries: primaries !== notTold && primaries !== 0 ? primaries : isWide ? bt2020 : bt709,
    // Films are shown as they are coded: their curve and the screen's belong together. Only light itself is converted.
    transfer,
    matrix,
    isFullRange: isFullRange(frame),
  }
}

/** The matrix by its H.273 number. Standard definition is coded by BT.601, all else by BT.709, when the film does not say. */
export function matrixOf(frame: Frame): number {
  const told: number = frame.colorSpace
  if (told !== notTold && told !== 3) return told
  return frame.width >= 1280 || frame.height > 576 ? bt709 : bt601
}

/** Whether black is 0 and white the highest code, as the frame or its pixel format says. */
export const isFullRange = (frame: Frame): boolean =>
  frame.colorRange === AVCOL_RANGE_JPEG ||
  (frame.colorRange !== AVCOL_RANGE_MPEG && (pixelFormatNameOf(frame.format) ?? '').startsWith('yuvj'))

/** The colour of a frame by name, for people; `untagged` when the film does not say. */
export function colourNameOf(frame: Frame): string {
  const colour = codedColourOf(frame)
  if (dynamicRangeOf(colour) !== undefined || colour.primaries === bt2020) return profileNameOf(colour)
  switch (colourNames.primaries(frame.colorPrimaries)) {
    case 'bt709':
      return 'Rec. 709'
    case 'bt470bg':
    case 'smpte170m':
      return 'Rec. 601'
    case undefined:
      return 'untagged'
    default:
      return profileNameOf(colour)
  }
}
