import { z } from 'zod'
import { MediaError } from '../errors.ts'
import type { Metric } from '../media/film/difference.ts'
import type { Film, Stretch } from '../media/film.ts'
import { judgeFilm } from './film-issues/judge.ts'
import { chartOf, comparedBy } from './film-quality/compared.ts'
import { dataOf } from './film-quality/data.ts'
import { measureNames } from './film-quality/measures.ts'
import * as observed from './film-quality/observed.ts'
import { qualityResult } from './film-quality/schema.ts'
import { defineOperation, exampleFiles, type OperationIo } from './operation.ts'
import { filmOfOther } from './other-film.ts'

type Result = z.output<typeof qualityResult>

const shape = z.object({
  reference: z
    .string()
    .min(1)
    .max(4096)
    .optional()
    .describe('Path or asset id of the film to compare with; left out: the film is looked at by itself.')
    .meta({ file: true }),
  metrics: z
    .array(z.enum(measureNames))
    .min(1)
    .default(['psnr', 'ssim', 'xpsnr'])
    .describe('The measures; several cost one decode. `vmaf` needs a system FFmpeg that has it.'),
  fromMs: z
    .number()
    .min(0)
    .optional()
    .describe('With a reference: where the part that is compared begins, by its clock.'),
  toMs: z.number().positive().optional().describe('Where it ends.'),
  data: z.enum(['json', 'csv']).default('json').describe('The format of the file with the measures of every frame.'),
})

const params = shape.check(({ value: { reference, fromMs, toMs }, issues }) => {
  const given = fromMs === undefined ? (toMs === undefined ? undefined : 'toMs') : 'fromMs'
  const refuse = (name: string, message: string) =>
    issues.push({ code: 'custom', input: { fromMs, toMs }, path: [name], message })
  if (given !== undefined && reference === undefined) refuse(given, 'Expected nothing without "reference"')
  else if (toMs !== undefined && toMs <= (fromMs ?? 0)) refuse('toMs', 'Expected a moment after "fromMs"')
})

/** How good a film is: frame by frame against a reference, or by itself. */
export const filmQuality = defineOperation({
  name: 'quality',
  group: 'video-processing',
  accepts: ['film', 'sound'],
  version: 2,
  category: 'quality',
  dependsOn: 'pixels',
  // Frames on their way through the filters, whose own copies have 16 bits.
  decodesHeld: () => 2,
  summary:
    'Measures a film against a reference, frame by frame: PSNR, SSIM, XPSNR, VMAF; without one, what is wrong with it over time.',
  params,
  result: qualityResult,
  artifacts: ['chart', 'frames'],
  examples: [
    { title: 'A copy against its original', params: { reference: exampleFiles.film } },
    {
      title: 'SSIM of one second, all frames as CSV',
      params: { reference: exampleFiles.film, metrics: ['ssim'], fromMs: 500, toMs: 1500, data: 'csv' },
    },
    { title: 'A film by itself', params: {} },
  ],

  mapFiles: (given, to) => (given.reference === undefined ? given : { ...given, reference: to(given.reference) }),

  async run(media, { reference, metrics, fromMs, toMs, data }, io) {
    const film = await media.film()
    if (reference === undefined) return await observe(film, data, io)
    const original = await filmOfOther(media, reference, 'the reference')
    const stretch =
      fromMs === undefined && toMs === undefined
        ? undefined
        : { fromMs: fromMs ?? 0, toMs: toMs ?? Number.POSITIVE_INFINITY }
    return await compare(film, original, { metrics, stretch, data }, io)
  },
})

interface Comparing {
  readonly metrics: readonly Metric[]
  readonly stretch: Stretch | undefined
  readonly data: 'json' | 'csv'
}

async function compare(
  film: Film,
  original: Film,
  { metrics, stretch, data }: Comparing,
  io: OperationIo,
): Promise<Result> {
  const difference = await film.difference(original, metrics, io, stretch)
  const compared = comparedBy(difference)
  const { pools, frames, series, worst, fromMs, toMs } = compared
  if (frames.length === 0)
    throw new MediaError('PARAMS_INVALID', [`There is nothing to compare. ${difference.notes.join(' ')}`])
  await keep(io, chartOf(compared), frames, data)
  return {
    frames: frames.length,
    fromMs,
    toMs,
    ...pools,
    worst: [...worst],
    series: [...series],
    notes: [...difference.notes],
  }
}

async function observe(film: Film, data: 'json' | 'csv', io: OperationIo): Promise<Result> {
  const survey = await film.survey('full', io)
  const { black, frozen, interlacedShare, sound, framesDecoded } = survey
  const { score, issues } = judgeFilm(survey, film.probe)
  const facts = observed.factsOf(survey)
  const durationMs = film.probe.container.durationMs ?? facts.at(-1)?.ms ?? sound?.heardMs ?? 0
  await keep(io, observed.chartOf({ facts, survey, durationMs, score, issues }), facts, data)
  const { heardMs: _, silent, ...heard } = sound ?? { heardMs: 0, silent: [], clippedShare: 0 }
  return {
    frames: framesDecoded,
    fromMs: facts[0]?.ms ?? 0,
    toMs: facts.at(-1)?.ms ?? durationMs,
    score,
    issues: issues.map(({ kind, severity, confidence }) => ({ kind, severity, confidence })),
    ...(framesDecoded > 0 ? { black: [...black], frozen: [...frozen] } : {}),
    ...(interlacedShare === undefined ? {} : { interlacedShare }),
    ...(sound === undefined ? {} : { sound: { ...heard, silent: [...silent] } }),
    series: observed.seriesOf(facts),
    notes: [],
  }
}

async function keep(
  io: OperationIo,
  { svg, width, height }: { svg: string; width: number; height: number },
  frames: readonly object[],
  data: 'json' | 'csv',
): Promise<void> {
  await io.artifact({ role: 'chart', format: 'svg', width, height }, Buffer.from(svg))
  await io.artifact({ role: 'frames', format: data }, dataOf(frames as Record<string, number>[], data))
}
