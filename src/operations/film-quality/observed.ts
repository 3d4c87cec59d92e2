import type { FrameFacts, Survey } from '../../media/film/survey.ts'
import type { FilmIssue } from '../film-issues/finding.ts'
import { rounded } from '../numbers.ts'
import { scaleFor } from './chart/scale.ts'
import { type Drawing, drawTimeChart, type Lane } from './chart/time-chart.ts'
import { thinned } from './series.ts'

/** What is told of a frame without a reference; fractions of 0–1. */
export interface Facts {
  readonly ms: number
  readonly light: number
  readonly contrast: number
  readonly sharpness: number
  readonly noise: number
  readonly blockiness: number
}

/** Facts of the frames that were looked at, as they are told. */
export const factsOf = ({ frames }: Survey): Facts[] =>
  frames.map(({ ms, light, contrast, sharpness, noise, blockiness }) => ({
    ms: rounded(ms, 3),
    light: rounded(light, 4),
    contrast: rounded(contrast, 4),
    sharpness: rounded(sharpness, 4),
    noise: rounded(noise, 4),
    blockiness: rounded(blockiness, 4),
  }))

/** At most so many of them as are told at once; of each part the one with the strongest blocks. */
export const seriesOf = (facts: readonly Facts[]): Facts[] => thinned(facts, ({ blockiness }) => blockiness)

/** What is drawn, the most telling first. */
const panels: readonly (readonly [keyof FrameFacts & keyof Facts, title: string, least: number])[] = [
  ['blockiness', 'Blockiness, of compression', 0.1],
  ['sharpness', 'Sharpness, low where it is blurred', 0.1],
  ['noise', 'Noise', 0.02],
  ['light', 'Light', 0.2],
]

/** What a film is told to be by itself. */
export interface Observed {
  readonly facts: readonly Facts[]
  readonly survey: Survey
  readonly durationMs: number
  readonly score: number
  readonly issues: readonly FilmIssue[]
}

/** Draws what was seen and heard over the time of the film. */
export function chartOf({ facts, survey, durationMs, score, issues }: Observed): Drawing {
  const { black, frozen, sound } = survey
  const lanes: Lane[] = [
    { title: 'black', tone: 'calm', stretches: black },
    { title: 'frozen', tone: 'fair', stretches: frozen },
    ...(sound === undefined ? [] : [{ title: 'silent', tone: 'calm' as const, stretches: sound.silent }]),
  ]
  const seen = facts.length > 0
  return drawTimeChart({
    title: 'Quality without a reference',
    subtitle: `${score} of 100; ${issues.length === 0 ? 'no flaw found' : issues.map(({ kind }) => kind).join(', ')}. ${seen ? `${survey.framesDecoded} frames looked at.` : ''}`,
    description: lanes.map(({ title, stretches }) => `${title}: ${stretches.length} stretches.`).join(' '),
    axis: 'Time of the film',
    fromMs: 0,
    toMs: durationMs,
    panels: seen ? panels.map((panel) => panelOf(facts, panel)) : [],
    lanes: seen ? lanes : lanes.slice(2),
    marks: [],
  })
}

function panelOf(facts: readonly Facts[], [name, title, least]: (typeof panels)[number]) {
  const points = facts.map(({ ms, [name]: value }) => ({ ms, value }))
  const values = points.map(({ value }) => value)
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
  const summary = `mean ${mean.toFixed(3)}`
  return { title, summary, points, scale: scaleFor([0, ...values], { count: 3, bounds: [0, 1], least }) }
}
