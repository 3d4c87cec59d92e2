import { arePauses } from './pauses.ts'
import type { Finding } from './signs.ts'
import type { Moment, TrackCheck } from './track.ts'

/** Shorter ones come from clocks of cameras that drift apart, unless the picture is missing too. */
const leastSoundGapMs = 120
/** A picture that stands still for longer is noticed. */
const noticedMs = 400
/** Pictures that usually stand for longer are shown one by one, each as long as it is meant to be. */
const standingMs = 500
/** Frames that decoders hold back to put them in order. */
const mostHeldBack = 4
/** More uneven distances than this make a rhythm, in which nothing can be called missing. */
const unevenShare = 0.05

/** Codecs that send nothing while all is quiet. */
const mayPause: ReadonlySet<string> = new Set(['opus', 'amr_nb', 'amr_wb', 'speex', 'g729', 'evrc', 'qcelp'])

/** Looks for stretches of which nothing was read, and for frames that were read and never came out of the decoder. */
export function gapsIn(tracks: readonly TrackCheck[]): Finding[] {
  const pictures = tracks.filter(({ isPicture }) => isPicture)
  const sounds = tracks.filter(({ isPicture }) => !isPicture)
  const quiet = sounds.flatMap((track) => track.quiet.map((gap) => ({ ...gap, mayPause: mayPause.has(track.codec) })))
  const overlaps = (one: Moment, other: Moment) => one.ms < other.endMs && other.ms < one.endMs
  const lost = pictures.flatMap(lostFrames)
  const still = pictures.flatMap((track) => {
    const gaps = pictureGaps(track)
    const isHeard = !gaps.some((gap) => quiet.some((other) => overlaps(gap, other)))
    return isHeard && lost.length === 0 && track.isFaultless && arePauses(gaps, track.packets) ? [] : gaps
  })
  return [
    ...lost,
    ...still.map(({ ms, endMs, count }): Finding => {
      const isAll = quiet.some((gap) => overlaps(gap, { ms, endMs }))
      const sign = isAll ? 'gap' : endMs - ms > noticedMs ? 'gap-picture' : 'gap-frames'
      return { sign, fromMs: ms, toMs: endMs, count }
    }),
    ...quiet
      .filter((gap) => gap.endMs - gap.ms > leastSoundGapMs && !still.some((other) => overlaps(gap, other)))
      .map(({ ms, endMs, mayPause }): Finding => {
        const isPause = mayPause && pictures.length > 0
        return { sign: isPause ? 'gap-silence' : 'gap-sound', fromMs: ms, toMs: endMs }
      }),
  ]
}

interface Gap extends Moment {
  readonly count: number
}

/** Between packets of a track whose frames follow each other evenly. */
function pictureGaps({ packets, isSeamless }: TrackCheck): Gap[] {
  const sorted = inOrder(packets)
  const usual = usualDistance(sorted)
  if (usual === undefined || usual > standingMs || isSeamless) return []
  const distances = sorted.slice(1).map(({ ms }, at) => ms - (sorted[at]?.ms ?? ms))
  const uneven = distances.filter((distance) => Math.abs(distance - usual) > Math.max(2, usual * 0.1)).length
  if (uneven > Math.max(2, distances.length * unevenShare)) return []
  return sorted.slice(1).flatMap((next, at): Gap[] => {
    const before = sorted[at] ?? next
    const from = Math.max(before.endMs, before.ms + usual)
    // Where only times of decoding are told, the first ones are off by as many frames as are held back.
    if (at < mostHeldBack && next.ms - from < usual * mostHeldBack) return []
    // A recorded screen that moves little: frames that stand alone between long distances, or at an end, are a slower pace.
    if ([at - 1, at + 1].some((beside) => (distances[beside] ?? Number.POSITIVE_INFINITY) > noticedMs)) return []
    const isGap = next.ms - before.ms > usual * 1.6 && next.ms - from > usual * 0.6
    return isGap ? [{ ms: from, endMs: next.ms, count: Math.max(1, Math.round((next.ms - from) / usual)) }] : []
  })
}

/** Frames that were read, and at whose time no frame came out: decoders leave them away without an error. */
function lostFrames(track: TrackCheck): Finding[] {
  const sent = inOrder(track.packets)
  const shown = inOrder(track.frames)
  const usual = usualDistance(sent)
  if (usual === undefined || shown.length === 0) return []
  const lost: Finding[] = []
  let at = 0
  for (const { ms, endMs } of sent) {
    while (at < shown.length - 1 && (shown[at]?.ms ?? 0) < ms) at++
    const nearest = Math.min(distance(shown[at - 1], ms), distance(shown[at], ms))
    // Second fields of a frame, and frames that are only referred to, stand less than that beside one that is shown.
    if (nearest <= usual * 0.75) continue
    lost.push({ sign: track.isLeading(ms) ? 'picture-leading' : 'picture-undecodable', fromMs: ms, toMs: endMs })
  }
  return lost
}

const distance = (moment: Moment | undefined, ms: number): number =>
  moment === undefined ? Number.POSITIVE_INFINITY : Math.abs(moment.ms - ms)

const inOrder = (moments: readonly Moment[]): Moment[] => [...moments].sort((one, other) => one.ms - other.ms)

function usualDistance(sorted: readonly Moment[]): number | undefined {
  const distances = sorted.slice(1).map(({ ms }, at) => ms - (sorted[at]?.ms ?? ms))
  const usual = distances.filter((one) => one > 0).sort((one, other) => one - other)[distances.length >> 1]
  return distances.length < 4 ? undefined : usual
}
