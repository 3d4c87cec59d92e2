import { MediaError } from '../../../errors.ts'
import type { VideoFacts } from '../../probe.ts'
import { sdrNotes } from '../sdr.ts'
import type { VideoPlan } from '../transcode.ts'
import type { PictureSteps } from './picture-steps.ts'

/** What is wished for a picture, and what is known of it. */
export interface PictureWish {
  readonly plan: VideoPlan
  readonly facts: VideoFacts | undefined
}

/** What is known of a picture when it is written. */
export interface WrittenPicture extends PictureWish {
  readonly hasAlpha: boolean
  /** It is Dolby Vision that no other screen can show. */
  readonly needsReshaping: boolean
  readonly toneMapped: PictureSteps['toneMapped']
}

/** Sentences on what of a picture is lost, and on how its colours were brought to SDR. */
export function pictureNotes({ plan, facts, hasAlpha, needsReshaping, toneMapped }: WrittenPicture): string[] {
  const notes: string[] = hasAlpha ? ['Its transparency is not kept.'] : []
  if (toneMapped === 'refused') notes.push(sdrNotes.refused)
  if (plan.range === 'sdr') return toneMapped === 'yes' ? [...notes, sdrNotes.yes] : notes
  if (needsReshaping) {
    notes.push('Dolby Vision without a picture for other screens can not be kept; it was brought to SDR.')
  } else if (facts?.hdr === 'dolby-vision') {
    notes.push('What Dolby Vision adds is not kept; the high dynamic range that it is based on is.')
  } else if (facts?.hdr === 'hdr10+') notes.push('What HDR10+ says of each scene is not kept; HDR10 is.')
  return notes
}

/** Why not one frame was encoded, by when the first one is shown; absent where none could be decoded. */
export function nothingShown(firstMs: number | undefined): MediaError {
  if (firstMs === undefined) return new MediaError('MEDIA_DAMAGED', ['no frame of it can be decoded'])
  return new MediaError('PARAMS_INVALID', [
    `The film shows its first picture after ${Math.round(firstMs)} ms, behind "toMs".`,
  ])
}
