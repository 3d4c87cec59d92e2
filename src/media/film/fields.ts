import { AV_FRAME_FLAG_INTERLACED } from 'node-av/constants'
import type { Frame } from 'node-av/lib'
import type { Step } from './graph.ts'

/** Whether a frame is woven of two fields of different moments, which makes combs of what moves. */
export const isWoven = (frame: Frame): boolean => frame.hasFlags(AV_FRAME_FLAG_INTERLACED) && frame.height > 2

/**
 * Makes a woven frame one of one moment: the missing lines are made from their neighbours in one field. It gives a frame only
 * when the next one has come, or when it is told that there is none, as `filterFrame` does.
 */
export const unweave: Step = ['estdif', 'mode=frame:deint=all']

/** The same by a look at the frames before and after, in films that run through; it counts in half steps, which is undone. */
export const unweaveAlong = ({ num, den }: { readonly num: number; readonly den: number }): Step[] => [
  ['bwdif', 'mode=send_frame:deint=interlaced'],
  ['settb', `expr=${num}/${den}`],
]
