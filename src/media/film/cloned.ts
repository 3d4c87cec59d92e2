import type { Frame } from 'node-av/lib'
import { MediaError } from '../../errors.ts'

/** Another frame on the same pixels, which whoever asks frees. */
export function cloned(frame: Frame): Frame {
  const own = frame.clone()
  if (own === null) throw new MediaError('INTERNAL', ['there is no memory for a frame'])
  return own
}
