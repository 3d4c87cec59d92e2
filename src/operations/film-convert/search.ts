import { searchQuality } from '../optimize/search.ts'
import { codecs, type VideoCodec } from './codecs.ts'
import { metricTraits, type TargetQuality } from './metrics.ts'
import type { Trial } from './predict.ts'

/** Each further try costs as much as the first, and the last ones gain little. */
const mostTries = 6
/** Some 0.15 dB: nearer is not worth a try. */
const slack = 0.035

/** What is looked for, and how one CRF is tried. */
export interface CrfSearch {
  readonly codec: VideoCodec
  readonly target: TargetQuality
  readonly guess: number
  measure(crf: number): Promise<Trial>
}

/** The highest CRF that reaches the target, by trials; undefined when none does. */
export async function searchCrf({ codec, target, guess, measure }: CrfSearch): Promise<Trial | undefined> {
  const { worstCrf, useful, lossPerCrf } = codecs[codec]
  const { likeness } = metricTraits[target.metric]
  const [best, worst] = useful
  const found = await searchQuality(
    async (quality) => {
      const trial = await measure(worstCrf - quality)
      return { quality, bytes: trial.bytes, ssim: likeness(trial.score ?? 0), trial }
    },
    {
      goal: { ssim: likeness(target.score) },
      range: [worstCrf - worst, worstCrf - best],
      guess: worstCrf - guess,
      tries: mostTries,
      slack,
      slope: lossPerCrf,
    },
  )
  return found?.trial
}
