import type { FormatContext, Stream } from 'node-av/lib'
import type { FrameAt } from '../film.ts'
import type { FormatName } from '../formats.ts'
import { checkPixels } from '../limits.ts'
import type { MediaLimits } from '../media.ts'
import type { Picture } from '../picture.ts'
import { openHeader } from './ffmpeg.ts'
import { pictureIn, shownAs } from './kept-shot.ts'
import type { FilmLength } from './length.ts'
import { keyShot } from './moment-shot.ts'
import { isAttachedPicture, sarOf, videoTracks } from './probe.ts'
import { FilmReader } from './reader.ts'
import { lookOf } from './render.ts'
import { rounded } from './time.ts'

/** A film whose length was found out when it was opened before. */
export interface MeasuredFilm {
  readonly path: string
  readonly format: FormatName
  readonly length: Required<FilmLength>
  readonly limits: MediaLimits
}

/** Their headers name the codecs; what else a decoder needs to know they tell too, or the frames do. */
const glanced: ReadonlySet<FormatName> = new Set(['mp4', 'mov', '3gp', 'mkv', 'webm', 'ts'])

/**
 * The key frame that stands for a moment, by the header alone: to look at the streams first, as FFmpeg does to find out what they
 * are, takes up to half of the time in all. Undefined where the opened film might give another frame. Throws INPUT_TOO_LARGE,
 * and what opening a film throws.
 */
export async function glanceAt(
  { path, format, length, limits }: MeasuredFilm,
  at: FrameAt,
  edge: number | undefined,
): Promise<{ picture: Picture; atMs: number } | undefined> {
  if (at === 'best' || !glanced.has(format)) return undefined
  const context = await openHeader(path, format)
  try {
    const stream = onlyTrack(context)
    if (stream === undefined) return undefined
    const { maxPixels } = limits
    const { originMs } = length
    // Where the header does not tell the size, the decoder refuses frames that are too large.
    checkPixels(stream.codecpar.width, stream.codecpar.height, limits)
    const onFrame = () => {}
    const reader = new FilmReader({
      path,
      context,
      stream,
      originMs,
      isWhole: false,
      maxPixels,
      hasEvenFrames: false,
      onFrame,
    })
    try {
      const shot = await keyShot(reader, at, length)
      if (shot === undefined) return undefined
      try {
        const picture = await pictureIn(shownAs(shot, lookOf(stream, sarOf(stream))), edge)
        return { picture, atMs: Math.max(0, rounded(shot.ms)) }
      } finally {
        shot.frame.free()
      }
    } finally {
      reader.close()
    }
  } finally {
    await context.closeInput()
  }
}

/** The picture track, where there is no choice. */
function onlyTrack({ streams }: FormatContext): Stream | undefined {
  const [track, ...others] = videoTracks({ streams })
  return others.length > 0 || streams.some(isAttachedPicture) ? undefined : track
}
