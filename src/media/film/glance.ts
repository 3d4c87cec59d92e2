import type { FormatContext, Stream } from 'node-av/lib'
import type { FrameAt } from '../film.ts'
import { checkPixels } from '../limits.ts'
import type { Identity, MediaLimits } from '../media.ts'
import type { Picture } from '../picture.ts'
import { openHeader } from './ffmpeg.ts'
import { pictureIn, shownAs } from './kept-shot.ts'
import type { FilmLength } from './length.ts'
import { keyShot, type Moment } from './moment-shot.ts'
import { readPace } from './pace.ts'
import { sarOf, videoTracks } from './probe.ts'
import { FilmReader } from './reader.ts'
import { lookOf } from './render.ts'
import { rounded } from './time.ts'

/** A film as it was found when it was opened before. */
export interface KnownFilm extends Pick<Identity, 'format' | 'width' | 'height'> {
  readonly path: string
  readonly length: Required<FilmLength>
  readonly limits: MediaLimits
  /** To be called for each frame that is decoded. */
  readonly onFrame: () => void
}

/** Their headers name the tracks; what else is to be known of a picture they tell too, or the frames do. */
const glanced: ReadonlySet<string> = new Set(['mp4', 'mov', '3gp', 'mkv', 'webm', 'ts'] satisfies Identity['format'][])

/** Whether a frame may be found by the header alone. */
export const canGlance = (format: Identity['format'], at: FrameAt): at is Moment => at !== 'best' && glanced.has(format)

/**
 * The key frame that stands for a moment, by the header alone: to look at the streams first, as FFmpeg does to find out what they
 * are, takes up to half of the time in all. Undefined where the opened film might give another one. What it throws is nothing to
 * go by: another look may find out more.
 */
export async function glanceAt(
  film: KnownFilm,
  at: Moment,
  edge: number | undefined,
): Promise<{ picture: Picture; atMs: number } | undefined> {
  const { path, format, length, limits, onFrame } = film
  const { maxPixels } = limits
  const context = await openHeader(path, format)
  try {
    const stream = onlyTrack(context)
    if (stream === undefined) return undefined
    checkPixels(stream.codecpar.width, stream.codecpar.height, limits)
    // Its index may leave key frames out; those at the beginning are known once they were read, as they are when it is opened.
    if (hasOpenIndex(context, stream)) readPace(context, stream)
    const { originMs } = length
    const options = { path, context, stream, originMs, isWhole: false, maxPixels, hasEvenFrames: false, onFrame }
    const reader = new FilmReader(options)
    try {
      const shot = await keyShot(reader, at, length)
      if (shot === undefined) return undefined
      try {
        const picture = await pictureIn(shownAs(shot, lookOf(stream, sarOf(stream))), edge)
        return isAsLarge(picture, film) ? { picture, atMs: Math.max(0, rounded(shot.ms)) } : undefined
      } finally {
        shot.frame.free()
      }
    } finally {
      reader.close()
    }
  } finally {
    // Done sooner than a thread could be asked for it.
    context.closeInputSync()
  }
}

/** The picture track, where there is no choice. Of several programmes the header of a transport stream tells only one. */
function onlyTrack(context: FormatContext): Stream | undefined {
  const [track, ...others] = videoTracks(context)
  return context.nbPrograms > 1 || others.length > 0 ? undefined : track
}

/** Whether an index grows while packets are read: that of Matroska, and of an MP4 in fragments. */
const hasOpenIndex = ({ iformat }: FormatContext, { nbFrames }: Stream): boolean =>
  iformat?.name?.startsWith('matroska') === true || (iformat?.name?.startsWith('mov') === true && nbFrames === 0n)

/** Where the shape of pixels changes on the way, the opened film shows all of them in the first one. */
const isAsLarge = ({ fullWidth, fullHeight }: Picture, { width, height }: KnownFilm): boolean =>
  width === fullWidth && height === fullHeight
