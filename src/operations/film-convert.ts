import { codecs } from './film-convert/codecs.ts'
import { type Estimate, estimateOf } from './film-convert/estimate.ts'
import { codecsMeant } from './film-convert/faults.ts'
import { foretold } from './film-convert/foretold.ts'
import { makeFilm, settled } from './film-convert/make.ts'
import { type ConvertParams, convertParams } from './film-convert/params.ts'
import { type ConvertPlan, codedVideo, planFor } from './film-convert/plan.ts'
import { presetOf } from './film-convert/presets.ts'
import { convertResult } from './film-convert/result.ts'
import { Stages } from './film-convert/stages.ts'
import { tell } from './film-convert/tell.ts'
import { defineOperation } from './operation.ts'

/** A film in another container, codec, size or quality; copied where it fits already, verified before it is kept. */
export const filmConvert = defineOperation({
  name: 'convert',
  group: 'video-processing',
  accepts: ['film', 'sound'],
  version: 5,
  category: 'conversion',
  dependsOn: 'content',
  summary:
    'Writes a film or sound anew for the web, the archive, editing or little space; what fits is copied, and all is verified.',
  params: convertParams,
  result: convertResult,
  artifacts: ['film'],
  examples: [
    { title: 'For the web: H.264 and AAC that play everywhere at once', params: {} },
    {
      title: 'As small as it can be while it looks the same, if that saves a tenth',
      params: { preset: 'small', targetQuality: { metric: 'xpsnr', score: 40 } },
    },
    {
      title: 'One second in VP9, at most 128 pixels wide, without sound',
      params: { container: 'webm', width: 128, audio: 'drop', fromMs: 500, toMs: 1500, crf: 40, speed: '8' },
    },
    { title: 'The tracks as they are in Matroska', params: { container: 'mkv', video: 'copy', audio: 'copy' } },
    { title: 'How large and how long it would be as an archive', params: { preset: 'archive', estimateOnly: true } },
  ],

  decodesHeld: (params) => {
    if (params.video === 'copy' || params.video === 'drop') return 2
    const coding = Math.max(...codecsMeant(params).map((codec) => codecs[codec].decodesHeld))
    // Samples that were compared stay open to the end.
    return isSearched(params) ? coding + 6 : coding
  },

  async run(media, params, io) {
    const film = await media.film()
    const plan = planFor(film.probe, params)
    const stages = new Stages(io, weightsOf(plan, params.estimateOnly))
    let folder: Promise<string> | undefined
    const lent = (): Promise<string> => {
      folder ??= io.folder()
      return folder
    }
    const isEstimated = params.estimateOnly || plan.target !== undefined || plan.minSavedShare !== undefined
    const estimate: Estimate = isEstimated
      ? await estimateOf(media, plan, await lent(), stages.of('estimate'))
      : { search: [] }
    const refusal = estimate.refusal ?? (params.estimateOnly ? 'Only an estimate was asked for.' : undefined)
    const final = settled(plan, estimate)
    if (refusal === undefined && estimate.prediction) io.note(foretold(estimate, media.identity.bytes))
    const made = refusal === undefined ? await makeFilm(media, final, lent, io, stages) : { refusal }
    io.progress(1)
    return tell(media, { params, plan: final, probe: film.probe, estimate, made })
  },
})

const isSearched = ({ preset, targetQuality, crf, bitRate }: ConvertParams): boolean =>
  targetQuality !== undefined || (presetOf(preset).target !== undefined && (crf ?? bitRate) === undefined)

/** How long the stages take beside each other, in what the writing takes. */
function weightsOf(plan: ConvertPlan, isEstimateOnly: boolean): Record<string, number> {
  const isCoded = codedVideo(plan.transcode) !== undefined
  const isTried = isCoded && (isEstimateOnly || plan.minSavedShare !== undefined || plan.target !== undefined)
  const estimate = isTried ? (plan.target ? 0.6 : 0.15) : 0
  if (isEstimateOnly) return { estimate: 1 }
  return { estimate, write: 1, verify: isCoded ? 0.3 : 0.05 }
}
