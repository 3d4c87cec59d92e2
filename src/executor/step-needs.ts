import type { Identity } from '../media/media.ts'
import type { Step } from './task.ts'

/** The longest edge of the picture that a step works on; undefined when it needs no pixels. */
export const edgeOf = ({ operation, params }: Step): number | undefined => operation.edge?.(params)

/** Estimated memory of a step: operations that make pictures of pictures hold several, and those of other files as well. */
export const bytesHeld = ({ operation, params, others }: Step, { decodedBytes }: Identity): number =>
  (operation.decodesHeld?.(params) ?? 1) * decodedBytes + othersBytes(others)

/** Estimated memory of the other files that a step names. */
export const othersBytes = (others: Step['others'] = []): number =>
  others.reduce((sum, { identity }) => sum + identity.decodedBytes, 0)
