import { MediaError } from '../../errors.ts'

/** Another frame or packet on the same bytes, which whoever asks frees. */
export function cloned<Kind extends { clone(): Kind | null }>(original: Kind): Kind {
  const own = original.clone()
  if (own === null) throw new MediaError('INTERNAL', ['there is no memory for a frame or packet'])
  return own
}
