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
  options: WriteOptions & { readonly format: 'png' | 'avif' | 'jxl' },
): Promise<Buffer> {
  const { format, effort = 'usual' } = options
  const isSurveyed = format === 'png' || hasAlpha
  // Colours and alpha are coded one after the other.
  const drawn = watched(animation, options, isSurveyed ? (format === 'avif' ? 3 : 2) : 1)
  const found = isSurveyed ? await survey(drawn) : { isOpaque: true }
  const more = icc ? { icc } : {}
  if (format === 'png') return writeApng(drawn, found, { effort, ...more })
  if (format === 'jxl') {
    const { writeJxlFrames } = await import('./write-jxl-frames.ts')
    return writeJxlFrames(drawn, { ...options, ...more, isOpaque: found.isOpaque })
  }
  const { writeSequence } = await import('./write-sequence.ts')
  return writeSequence(drawn, { ...options, ...more, hasAlpha: !found.isOpaque })
}
