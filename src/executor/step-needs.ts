import type { Identity } from '../media/media.ts'
import type { Step } from './task.ts'

/** The longest edge of the picture that a step works on; undefined when it needs no pixels. */
export const edgeOf = ({ operation, params }: Step): number | undefined => operation.edge?.(params)

/** Estimated memory of a step: operations that make pictures of pictures hold several, and those of other files as well. */
export const bytesHeld = ({ operation, params, others }: Step, identity: Identity): number =>
  (operation.decodesHeld?.(params) ?? 1) * identity.decodedBytes +
  (operation.framesHeld?.(params, identity) ?? 0) +
  othersBytes(others)

/** Estimated bytes of all that a step decodes, at once or one after the other, by which it may take its time. */
export function bytesDecoded({ operation, others }: Step, identity: Identity): number {
  const { decodedBytes, width = 0, height = 0, frames = 1 } = identity
  const moving = operation.framesHeld && frames > 1 ? 4 * Math.min(mostPixels, width * height * frames) : 0
  return decodedBytes + moving + othersBytes(others)
}

/** A small file can declare frames without end; so many take half an hour. */
const mostPixels = 2 ** 31

const othersBytes = (others: Step['others'] = []): number =>
  others.reduce((sum, { identity }) => sum + identity.decodedBytes, 0)
