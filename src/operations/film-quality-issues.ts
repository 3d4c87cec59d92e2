import { z } from 'zod'
import { shotEdge } from '../media/film/moments.ts'
import type { Stretch } from '../media/film.ts'
import { type Evidence, filmIssueKinds } from './film-issues/finding.ts'
import { judgeFilm } from './film-issues/judge.ts'
import { defineOperation } from './operation.ts'

const stretch = z.object({ fromMs: z.number(), toMs: z.number() })

const issue = z.object({
  kind: z.enum(filmIssueKinds).describe('What is wrong.'),
  severity: z.number().describe('How bad it is, 0–1.'),
  confidence: z.number().describe('How sure that is, 0.5–1; what is less sure is not listed.'),
  evidence: z
    .record(z.string(), z.union([z.number(), z.array(stretch)]))
    .describe('Numbers and stretches of time to check it by; light, contrast and the like as shares of 0–1.'),
})

/** Judges how good a film or sound is, technically: by its key frames and its sound, or by every frame. */
export const filmQualityIssues = defineOperation({
  name: 'quality-issues',
  group: 'video-processing',
  accepts: ['film', 'sound'],
  version: 2,
  category: 'quality',
  dependsOn: 'pixels',
  summary:
    'Finds flaws of a film or sound: black, frozen, interlaced, blocky, blurred, noisy or badly lit pictures, silent or clipped sound.',
  params: z.object({
    depth: z
      .enum(['keys', 'full'])
      .default('keys')
      .describe('`keys` looks at key frames, and between them as far as that is cheap; `full` at every frame.'),
  }),
  result: z.object({
    score: z.number().describe('Technical quality, 0–100; 100 is flawless.'),
    issues: z.array(issue).describe('What is wrong, the gravest first; empty when nothing is.'),
    confidences: z
      .record(z.enum(filmIssueKinds), z.number())
      .describe('How sure each kind is, 0–1, also what is not listed: to sort by, or to draw the line elsewhere.'),
    loudness: z
      .object({
        integratedLufs: z.number().optional().describe('EBU R128; absent when all is silent.'),
        rangeLu: z.number().optional().describe('EBU R128.'),
        truePeakDb: z.number().optional().describe('Above 0 it is cut off when played.'),
        heardMs: z.number().describe('How much was listened to.'),
      })
      .optional()
      .describe('How loud it is; absent without sound.'),
    cuts: z.array(z.number()).describe('Where scenes end, in milliseconds, as far as was looked at; the first 1000.'),
    depth: z.enum(['keys', 'full']),
    packetsRead: z.int(),
    framesDecoded: z.int(),
  }),
  artifacts: [],
  examples: [
    { title: 'What is wrong with it', params: {} },
    { title: 'By every frame', params: { depth: 'full' } },
  ],

  edge: () => shotEdge,

  async run(media, { depth }, io) {
    const film = await media.film()
    const survey = await film.survey(depth, io)
    const { score, issues, confidences } = judgeFilm(survey, film.probe)
    const { integratedLufs, rangeLu, truePeakDb, heardMs } = survey.sound ?? {}
    const loudness = {
      ...(integratedLufs === undefined ? {} : { integratedLufs }),
      ...(rangeLu === undefined ? {} : { rangeLu }),
      ...(truePeakDb === undefined ? {} : { truePeakDb }),
    }
    return {
      score,
      issues: issues.map((found) => ({ ...found, evidence: copyOf(found.evidence) })),
      confidences: { ...confidences },
      ...(heardMs === undefined ? {} : { loudness: { ...loudness, heardMs } }),
      cuts: survey.cuts.slice(0, 1000),
      depth,
      packetsRead: survey.packetsRead,
      framesDecoded: survey.framesDecoded,
    }
  },
})

const copyOf = (evidence: Evidence): Record<string, number | Stretch[]> =>
  Object.fromEntries(
    Object.entries(evidence).map(([name, value]) => [name, typeof value === 'number' ? value : [...value]]),
  )
