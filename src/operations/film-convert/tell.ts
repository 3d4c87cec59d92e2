import type { WrittenTrack } from '../../media/film/transcode.ts'
import type { Media } from '../../media/media.ts'
import type { Probe } from '../../media/probe.ts'
import { savedShareOf } from '../saved-share.ts'
import type { Estimate } from './estimate.ts'
import type { KeptFilm } from './make.ts'
import type { ConvertParams } from './params.ts'
import { type ConvertPlan, codedVideo } from './plan.ts'
import { planNotes } from './plan-notes.ts'
import type { ConvertResult } from './result.ts'

/** What is known when a conversion is over. */
interface Outcome {
  readonly params: ConvertParams
  /** With the CRF that was found. */
  readonly plan: ConvertPlan
  readonly probe: Probe
  readonly estimate: Estimate
  /** The film, or why there is none. */
  readonly made: KeptFilm | { readonly refusal: string }
}

/** Puts together what is answered. */
export function tell(media: Media, { params, plan, probe, estimate, made }: Outcome): ConvertResult {
  const { bytes: originalBytes } = media.identity
  const { target, render, transcode } = plan
  const { prediction, search, score } = estimate
  const video = codedVideo(transcode)
  const { durationMs: originalDurationMs } = probe.container
  return {
    gained: 'written' in made,
    ...('refusal' in made ? { reason: made.refusal } : {}),
    preset: params.preset,
    container: transcode.container,
    format: plan.format,
    originalBytes,
    ...(originalDurationMs === undefined ? {} : { originalDurationMs }),
    ...('written' in made ? filmFacts(made, originalBytes, plan, probe) : { tracks: [] }),
    hardware: hardwareOf(params, made),
    ...(video && 'crf' in video.rate && !isUnsettled(plan, estimate) ? { crf: video.rate.crf } : {}),
    ...(video && 'bitRate' in video.rate ? { bitRate: video.rate.bitRate } : {}),
    ...(target ? { target: { ...target, ...(score === undefined ? {} : { reached: score }) } } : {}),
    search: search.map((step) => ({ ...step })),
    ...(prediction?.bytes === undefined
      ? {}
      : {
          predicted: {
            bytes: prediction.bytes,
            savedShare: savedShareOf(prediction.bytes, originalBytes),
            ...(prediction.encodeMs === undefined ? {} : { encodeMs: prediction.encodeMs }),
          },
        }),
    ...(render ? { render: { ...render } } : {}),
    notes: [...planNotes(plan, probe, params), ...('written' in made ? made.written.notes : [])],
  }
}

/** A target that was not reached leaves no CRF to tell. */
const isUnsettled = ({ target }: ConvertPlan, { crf }: Estimate): boolean => target !== undefined && crf === undefined

function filmFacts(
  { written, verification, encodeMs }: KeptFilm,
  originalBytes: number,
  plan: ConvertPlan,
  probe: Probe,
) {
  const { width, height } = { ...plan.size, ...written }
  const { bytes, durationMs, frames, encoder, tracks = [] } = written
  return {
    bytes,
    savedShare: savedShareOf(bytes, originalBytes),
    durationMs,
    ...(width === undefined || height === undefined ? {} : { width, height }),
    frames,
    tracks: tracks.map((track) => toldTrack(track, probe)),
    ...(encoder === undefined ? {} : { encoder }),
    encodeMs,
    verification: { ...verification, quality: [...verification.quality] },
  }
}

function toldTrack({ kind, index, done, codec, reason, bytes }: WrittenTrack, probe: Probe) {
  const lists = { video: probe.video, audio: probe.audio, subtitle: probe.subtitles, cover: probe.attachedPictures }
  const facts: { readonly codec?: string | undefined; readonly language?: string | undefined } =
    lists[kind][index] ?? {}
  return {
    kind,
    index,
    done,
    ...(facts.codec === undefined ? {} : { from: facts.codec }),
    ...(codec === undefined ? {} : { to: codec }),
    ...(facts.language === undefined ? {} : { language: facts.language }),
    ...(reason === undefined ? {} : { reason }),
    ...(done === 'dropped' ? {} : { bytes }),
  }
}

const cards = /_(?:nvenc|qsv|vaapi|videotoolbox|amf)$/

function hardwareOf({ hardware }: ConvertParams, made: Outcome['made']): ConvertResult['hardware'] {
  if (!hardware) return 'not asked'
  return 'written' in made && cards.test(made.written.encoder ?? '') ? 'used' : 'fallback'
}
