import { MediaError } from '../../errors.ts'
import type { WrittenFilm } from '../../media/film/transcode.ts'
import { silently } from '../../media/film/work-io.ts'
import type { Film, FilmIo } from '../../media/film.ts'
import type { Media } from '../../media/media.ts'
import { beside } from './beside.ts'
import { type Compared, compared } from './compare-made.ts'
import { faultsOf } from './faults-made.ts'
import { type ConvertPlan, codedVideo } from './plan.ts'

/** How a new film was tried before anything was told of it. */
export interface Verification {
  /** `all`: every packet and frame; `ends`: container, index, both ends and key frames between. */
  readonly decoded: 'all' | 'ends'
  readonly framesDecoded: number
  readonly durationMs?: number
  /** What is wrong with a copy, when the original has the same fault. */
  readonly damage?: string
  /** Likeness to the original at some stretches, by the time of the new film; empty when the picture was copied. */
  readonly quality: readonly Compared[]
}

/** A film that lies in its file. */
export interface Made {
  readonly path: string
  readonly written: WrittenFilm
}

/**
 * Opens a new film, decodes it, and holds it against its plan and its original. What was coded anew is decoded whole, which
 * costs little beside the coding; what was only copied is looked at here and there. Throws OUTPUT_FAULTY.
 */
export async function verify(
  media: Media,
  plan: ConvertPlan,
  { path, written }: Made,
  folder: () => Promise<string>,
  io: FilmIo,
): Promise<Verification> {
  const source = await media.film()
  const made = await opened(media, path)
  const faults = faultsOf(plan, source.probe, made.probe, written)
  if (faults.length > 0) throw await faultError(source, faults.join('; '), io)
  // The encoder has ended and left all cores.
  const [{ framesDecoded, worst }, quality] = await beside(
    io,
    (own) => decoded(source, plan, { film: made, written }, own),
    async (own) =>
      codedVideo(plan.transcode) ? await compared(media, plan, { film: made, written }, folder, own) : [],
  )
  io.progress(1)
  const { durationMs } = made.probe.container
  return {
    decoded: isCoded(plan) ? 'all' : 'ends',
    framesDecoded,
    ...(durationMs === undefined ? {} : { durationMs }),
    ...(worst ? { damage: worst.message } : {}),
    quality,
  }
}

const isCoded = ({ transcode }: ConvertPlan): boolean =>
  codedVideo(transcode) !== undefined || typeof transcode.audio !== 'string'

/** Decodes it; what is wrong with it is given back where the original has the same fault, else thrown. */
async function decoded(
  source: Film,
  plan: ConvertPlan,
  { film, written }: { film: Film; written: WrittenFilm },
  io: FilmIo,
) {
  const { verdict, damage, framesDecoded, pictures } = await film.check(isCoded(plan) ? 'thorough' : 'quick', io)
  const [worst] = verdict === 'damaged' ? damage.filter(({ isHarmless }) => !isHarmless) : []
  if (worst && (isCoded(plan) || (await isWhole(source, io)))) throw new MediaError('OUTPUT_FAULTY', [worst.message])
  // Frames may lie as far apart as they like, so that their times do not tell of one that was lost.
  if (codedVideo(plan.transcode) && pictures !== undefined && pictures < written.frames)
    throw new MediaError('OUTPUT_FAULTY', [`it has ${pictures} frames of the ${written.frames} that were written`])
  return { framesDecoded, worst }
}

async function opened(media: Media, path: string): Promise<Film> {
  try {
    return await (await media.other(path)).film()
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.replace(/\.$/, '') : String(cause)
    throw new MediaError('OUTPUT_FAULTY', [`it can not be opened (${reason})`], { cause })
  }
}

/** Of a damaged original nothing whole can be made, which is its own fault. */
async function faultError(source: Film, faults: string, io: FilmIo): Promise<MediaError> {
  const { damage, verdict } = await source.check('quick', silently(io))
  const [worst] = damage.filter(({ isHarmless }) => !isHarmless)
  if (verdict === 'ok' || worst === undefined) return new MediaError('OUTPUT_FAULTY', [faults])
  return new MediaError('MEDIA_DAMAGED', [`${worst.message}; of what was made of it, ${faults}`])
}

/** A copy of what is damaged is damaged as well. */
const isWhole = async (source: Film, io: FilmIo): Promise<boolean> =>
  (await source.check('quick', silently(io))).verdict === 'ok'
