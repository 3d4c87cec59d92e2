import { AVMEDIA_TYPE_AUDIO, AVMEDIA_TYPE_VIDEO } from 'node-av/constants'
import type { FormatContext, Stream } from 'node-av/lib'
import { MediaError } from '../../errors.ts'
import type { FilmIo, Stretch } from '../film.ts'
import { checkPixels } from '../limits.ts'
import { declaredBytes } from './check/container.ts'
import { readHereAndThere } from './check/quick.ts'
import { type DamageKind, type Finding, gathered, signs } from './check/signs.ts'
import { readAll } from './check/thorough.ts'
import { TrackCheck } from './check/track.ts'
import { openDecoder } from './decoder.ts'
import { openInput } from './ffmpeg.ts'
import type { FilmFile } from './film-file.ts'
import { codecNameOf } from './names.ts'
import { isAttachedPicture, mainTrack } from './probe.ts'
import { timed } from './survey/stretches.ts'

/** `quick`: container, index, end, and key frames. `thorough`: every packet and frame. */
export type CheckDepth = 'quick' | 'thorough'

/** What is wrong with a stretch of a film. */
export interface FilmDamage extends Stretch {
  readonly kind: DamageKind
  /** In words, as a sentence without its full stop. */
  readonly message: string
  /** Players show it without anyone noticing. */
  readonly isHarmless: boolean
}

/** Whether a film can be read to its end. */
export interface FilmCheck {
  readonly verdict: 'ok' | 'damaged'
  /** In the order of time; with the verdict `ok` all of it is harmless. */
  readonly damage: readonly FilmDamage[]
  readonly packetsRead: number
  readonly framesDecoded: number
  /** Frames of the main picture among them; absent without one, and where only key frames were decoded. */
  readonly pictures?: number
  /** Tracks that could not be decoded since their codec is not known here, such as `audio 2 (dts)`. */
  readonly unchecked: readonly string[]
}

/**
 * Reads a film to its end. Throws MEDIA_DAMAGED when nothing of it can be decoded, and UNSUPPORTED_CONTENT when no decoder is
 * known for any of its tracks.
 */
export async function checkFilm(film: FilmFile, depth: CheckDepth, io: FilmIo): Promise<FilmCheck> {
  io.signal.throwIfAborted()
  const context = await openInput(film.path, film.format)
  // Reading may wait for a slow disk.
  const interrupt = () => context.interrupt()
  io.signal.addEventListener('abort', interrupt, { once: true })
  const tracks: TrackCheck[] = []
  try {
    const unchecked = await openTracks(context, film, tracks)
    if (tracks.length === 0)
      throw new MediaError('UNSUPPORTED_CONTENT', [
        `no decoder is known for ${unchecked.join(' and ') || 'its tracks'}`,
      ])
    const file = { ...film, declaredBytes: await declaredBytes(film.path, film.format, film.bytes) }
    const reading =
      depth === 'quick' ? await readHereAndThere(context, tracks, file, io) : await readAll(context, tracks, file, io)
    io.signal.throwIfAborted()
    const { packetsRead, framesDecoded } = reading
    if (framesDecoded === 0) throw new MediaError('MEDIA_DAMAGED', ['nothing of it can be decoded'])
    const damage = damageOf(reading.findings)
    const isDamaged = damage.some(({ isHarmless }) => !isHarmless)
    const picture = depth === 'thorough' ? tracks.find(({ isPicture }) => isPicture) : undefined
    const pictures = picture === undefined ? {} : { pictures: picture.frameCount }
    return { verdict: isDamaged ? 'damaged' : 'ok', damage, packetsRead, framesDecoded, ...pictures, unchecked }
  } catch (error) {
    io.signal.throwIfAborted()
    throw error
  } finally {
    io.signal.removeEventListener('abort', interrupt)
    for (const track of tracks) track.close()
    await context.closeInput()
  }
}

/** Opens a decoder for each moving picture and sound; gives the names of tracks that none is known for. */
async function openTracks(
  context: FormatContext,
  { path, length, limits }: FilmFile,
  tracks: TrackCheck[],
): Promise<string[]> {
  const unchecked: string[] = []
  const main = mainTrack(context)
  const kinds = new Set<number>([AVMEDIA_TYPE_VIDEO, AVMEDIA_TYPE_AUDIO])
  const wanted = context.streams.filter((stream) => kinds.has(stream.codecpar.codecType) && !isAttachedPicture(stream))
  // The main picture first, since the quick check looks at one.
  wanted.sort((one, other) => Number(other.index === main?.index) - Number(one.index === main?.index))
  for (const stream of wanted) {
    const { codecType, width, height } = stream.codecpar
    if (codecType === AVMEDIA_TYPE_VIDEO) checkPixels(width, height, limits)
    try {
      const decoder = openDecoder(stream, { path, maxPixels: limits.maxPixels })
      decoder.setOption('err_detect', codecType === AVMEDIA_TYPE_AUDIO ? 'crccheck+explode' : 'crccheck')
      tracks.push(new TrackCheck(stream, decoder, length.originMs))
    } catch (error) {
      if (!(error instanceof MediaError) || error.code !== 'UNSUPPORTED_CONTENT') throw error
      unchecked.push(nameOf(stream))
    }
  }
  return unchecked
}

const nameOf = ({ index, codecpar }: Stream): string =>
  `${codecpar.codecType === AVMEDIA_TYPE_VIDEO ? 'video' : 'audio'} ${index} (${codecNameOf(codecpar) ?? 'unknown codec'})`

function damageOf(findings: readonly Finding[]): FilmDamage[] {
  return gathered(findings).map(({ sign, count = 1, ...stretch }) => {
    const { kind, say, isHarmless } = signs[sign]
    return { ...timed(stretch), kind, message: say(count), isHarmless }
  })
}
