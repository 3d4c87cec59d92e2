import type { SoundFacts, Survey } from '../../media/film/survey.ts'
import { rounded, share } from '../numbers.ts'
import { type FilmFinding, lengthOf, longestOf, nothing, rising } from './finding.ts'

/** Of less nothing can be said. */
const leastHeardMs = 1000
/** What is more quiet than this is not heard beside the noise of any room. */
const [audibleLufs, audiblePeakDb] = [-58, -48]

/** What is wrong with the sound; a film without a sound track has none that could be. */
export function judgeSound({ sound }: Survey) {
  if (sound === undefined) return {}
  return { silent: judgeSilence(sound), 'clipped-audio': judgeClipping(sound) }
}

function judgeSilence({ silent, heardMs, integratedLufs, truePeakDb }: SoundFacts): FilmFinding {
  if (heardMs < leastHeardMs) return nothing
  const part = Math.min(1, lengthOf(silent) / heardMs)
  const peak = truePeakDb ?? Number.NEGATIVE_INFINITY
  const isInaudible = peak < audiblePeakDb && (integratedLufs ?? Number.NEGATIVE_INFINITY) < audibleLufs
  const bySilence = Math.max(rising(part, 0.4, 0.15), rising(longestOf(silent), 15_000, 8000))
  return {
    confidence: part > 0.98 ? 1 : Math.max(bySilence, isInaudible ? 0.8 : 0),
    severity: share(Math.max(0.2 + 0.8 * part, isInaudible ? 0.8 : 0)),
    evidence: {
      share: rounded(part),
      ...(integratedLufs === undefined ? {} : { integratedLufs }),
      ...(truePeakDb === undefined ? {} : { truePeakDb }),
      stretches: silent.slice(0, 50),
    },
  }
}

/** Loud masters touch full scale now and then; a wave that is cut off all the time is heard as a rattle. */
function judgeClipping({ clippedShare, truePeakDb, heardMs }: SoundFacts): FilmFinding {
  if (clippedShare === 0 || heardMs < 250) return nothing
  const decades = Math.log10(clippedShare)
  return {
    confidence: rising(decades, -3, 0.5),
    severity: share((decades + 4) / 3),
    evidence: { clippedShare, ...(truePeakDb === undefined ? {} : { truePeakDb }) },
  }
}
