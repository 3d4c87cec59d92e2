import {
  AVMEDIA_TYPE_ATTACHMENT,
  AVMEDIA_TYPE_AUDIO,
  AVMEDIA_TYPE_SUBTITLE,
  AVMEDIA_TYPE_VIDEO,
} from 'node-av/constants'
import { Dictionary, type FormatContext, type Stream } from 'node-av/lib'
import { MediaError } from '../../../errors.ts'
import type { VideoFacts } from '../../probe.ts'
import { containerRows, takes } from '../containers.ts'
import { codecNameOf } from '../names.ts'
import { isAttachedPicture, mainTrack, videoTracks } from '../probe.ts'
import type { TranscodePlan } from '../transcode.ts'
import { CopyLine } from './copy-line.ts'
import { CoverLine, isCover } from './cover-line.ts'
import { PictureLine } from './picture-line.ts'
import type { Line, Shared } from './shared.ts'
import { SoundLine } from './sound-line.ts'
import { SubtitleLine } from './subtitle-line.ts'
import { isText, type WrittenText } from './subtitle-text.ts'
import { trackTags } from './tags.ts'
import type { WriterTrack } from './writer.ts'

/** Opens a line for each track that is kept, the picture first; says in notes what is not. */
export async function openLines(shared: Shared, plan: TranscodePlan, context: FormatContext): Promise<Line[]> {
  const lines: Line[] = []
  try {
    const main = mainTrack(context)
    if (main !== undefined && plan.video !== 'drop') {
      const facts = shared.film.probe.video[videoTracks(context).findIndex(({ index }) => index === main.index)]
      lines.push(await openPicture(shared, plan, main, facts))
    }
    for (const stream of context.streams) {
      if (stream.index === main?.index) continue
      const line = await openOther(shared, plan, stream)
      if (line !== undefined) lines.push(line)
    }
    if (lines.every(({ isOver }) => isOver)) throw nothingLeft(context)
    return lines
  } catch (error) {
    for (const line of lines) await line.close()
    throw error
  }
}

function nothingLeft({ streams }: FormatContext): MediaError {
  const types = streams.map(({ codecpar }) => codecpar.codecType)
  const isFilm = types.includes(AVMEDIA_TYPE_AUDIO) || types.includes(AVMEDIA_TYPE_VIDEO)
  return isFilm
    ? new MediaError('PARAMS_INVALID', ['Nothing of the film would be left: it has no other track that can be kept.'])
    : new MediaError('UNSUPPORTED_CONTENT', ['it has neither picture nor sound'])
}

async function openPicture(
  shared: Shared,
  plan: TranscodePlan,
  stream: Stream,
  facts: VideoFacts | undefined,
): Promise<Line> {
  const { label, video } = containerRows[plan.container]
  if (plan.video === 'copy') {
    const codec = codecNameOf(stream.codecpar)
    if (!takes(video, codec)) {
      throw new MediaError('PARAMS_INVALID', [
        `${label} does not take a picture in ${codec ?? 'an unknown codec'} as it is.`,
      ])
    }
    return new CopyLine(shared, stream, newTrack(shared, plan, stream, 'copied'), tagOf(shared, codec))
  }
  if (plan.video === 'drop') throw new Error('a picture that is dropped has no line')
  return await PictureLine.open(shared, stream, { plan: plan.video, facts }, newTrack(shared, plan, stream, 'encoded'))
}

/** Apple's players know HEVC only by this name. */
const tagOf = (shared: Shared, codec: string | undefined): string | number =>
  codec === 'hevc' && shared.hasBoxes ? 'hvc1' : 0

async function openOther(shared: Shared, plan: TranscodePlan, stream: Stream): Promise<Line | undefined> {
  switch (stream.codecpar.codecType) {
    case AVMEDIA_TYPE_AUDIO:
      return await openSound(shared, plan, stream)
    case AVMEDIA_TYPE_SUBTITLE:
      return openSubtitles(shared, plan, stream)
    case AVMEDIA_TYPE_VIDEO:
      return isAttachedPicture(stream) ? openCover(shared, plan, stream) : leaveOut(shared, 'A second picture', stream)
    case AVMEDIA_TYPE_ATTACHMENT:
      return openAttachment(shared, plan, stream)
    default:
      // Titles of chapters, which are kept as chapters.
      if (shared.film.probe.chapters.length > 0 && stream.codecpar.codecTagString === 'text') return undefined
      return leaveOut(shared, 'A track of data', stream)
  }
}

async function openSound(shared: Shared, plan: TranscodePlan, stream: Stream): Promise<Line | undefined> {
  if (plan.audio === 'drop') return undefined
  const { label, audio } = containerRows[plan.container]
  const codec = codecNameOf(stream.codecpar)
  if (plan.audio === 'copy') {
    if (!takes(audio, codec)) return leaveOut(shared, 'A sound track', stream, `${label} does not take it as it is`)
    return new CopyLine(shared, stream, newTrack(shared, plan, stream, 'copied'), 0)
  }
  const track = newTrack(shared, plan, stream, 'encoded')
  try {
    return await SoundLine.open(shared, stream, plan.audio, track)
  } catch (error) {
    // A track that can not be decoded is no reason to go without the others.
    if (!(error instanceof MediaError) || error.code !== 'UNSUPPORTED_CONTENT') throw error
    track.leaveOut()
    return leaveOut(shared, 'A sound track', stream, 'it can not be decoded')
  }
}

function openSubtitles(shared: Shared, plan: TranscodePlan, stream: Stream): Line | undefined {
  if (plan.subtitles === 'drop') return undefined
  const { label, subtitles } = containerRows[plan.container]
  const codec = codecNameOf(stream.codecpar) ?? ''
  if (subtitles.includes(codec)) return new CopyLine(shared, stream, newTrack(shared, plan, stream, 'copied'), 0)
  if (!isText(codec)) return leaveOut(shared, 'A subtitle track', stream, `${label} does not take it`)
  return new SubtitleLine(shared, stream, newTrack(shared, plan, stream, 'encoded'), codec, subtitles[0] as WrittenText)
}

function openCover(shared: Shared, plan: TranscodePlan, stream: Stream): Line | undefined {
  if (plan.metadata === 'strip') return undefined
  const { label, covers } = containerRows[plan.container]
  if (covers === 'none' || !isCover(stream)) return leaveOut(shared, 'A cover', stream, `${label} does not take it`)
  const track = shared.writer.track()
  shared.told.keep(stream, track, 'copied')
  return new CoverLine(shared, stream, track, covers)
}

/** Fonts and other files that lie in Matroska. */
function openAttachment(shared: Shared, plan: TranscodePlan, stream: Stream): undefined {
  if (plan.container !== 'mkv' || plan.subtitles === 'drop') return leaveOut(shared, 'A file inside', stream)
  const tags = stream.metadata?.getAll() ?? {}
  shared.writer.track().become({
    timeBase: stream.timeBase,
    describe: (made) => {
      stream.codecpar.copy(made.codecpar)
      made.metadata = Dictionary.fromObject(tags)
    },
  })
  return undefined
}

function newTrack(shared: Shared, plan: TranscodePlan, stream: Stream, done: 'copied' | 'encoded'): WriterTrack {
  const track = shared.writer.track((made) => {
    made.disposition = stream.disposition
    made.metadata = Dictionary.fromObject(trackTags(stream, plan.metadata, containerRows[plan.container]))
  })
  shared.told.keep(stream, track, done)
  return track
}

function leaveOut(shared: Shared, what: string, stream: Stream, why?: string): undefined {
  const codec = codecNameOf(stream.codecpar) ?? stream.codecpar.codecTagString?.replace(/[^\w-]/g, '')
  const sentence = `${what}${codec ? ` (${codec})` : ''} was left out${why === undefined ? '' : `: ${why}`}.`
  shared.notes.add(sentence)
  shared.told.leaveOut(stream, sentence)
  return undefined
}
