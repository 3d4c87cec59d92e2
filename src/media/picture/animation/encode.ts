import type { WriteOptions } from '../../picture.ts'
import type { Encodable } from '../encode.ts'
import type { Drawn } from './drawn.ts'
import { survey } from './survey.ts'
import { watched } from './watched.ts'
import { writeApng } from './write-apng.ts'

/** Writes an animation in a format of which libvips writes single pictures only. */
export async function encodeAnimation(
  animation: Drawn,
  { hasAlpha, icc }: Pick<Encodable, 'hasAlpha' | 'icc'>,
  options: WriteOptions & { readonly format: 'png' | 'avif' },
): Promise<Buffer> {
  const { format, effort = 'usual' } = options
  const isSurveyed = format === 'png' || hasAlpha
  // Colours and alpha are coded one after the other.
  const drawn = watched(animation, options, isSurveyed ? (format === 'png' ? 2 : 3) : 1)
  const found = isSurveyed ? await survey(drawn) : { isOpaque: true }
  const more = icc ? { icc } : {}
  if (format === 'png') return writeApng(drawn, found, { effort, ...more })
  const { writeSequence } = await import('./write-sequence.ts')
  return writeSequence(drawn, { ...options, ...more, hasAlpha: !found.isOpaque })
}
