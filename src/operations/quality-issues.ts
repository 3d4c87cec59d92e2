import { z } from 'zod'
import type { Media } from '../media/media.ts'
import { defineOperation } from './operation.ts'
import { assessedEdge, assessPicture, issueKinds } from './quality/assess.ts'

const issue = z.object({
  kind: z.enum(issueKinds).describe('What is wrong.'),
  severity: z.number().describe('How bad it is, 0–1.'),
  confidence: z.number().describe('How sure that is, 0.5–1; what is less sure is not listed.'),
  evidence: z
    .record(z.string(), z.union([z.number(), z.string()]))
    .describe('Numbers to check it by, in pixels, in steps of 0–255, or as shares of 0–1.'),
})

/** Judges how good a picture is, technically, with a learned model; measured in docs/quality.md. */
export const qualityIssues = defineOperation({
  name: 'quality-issues',
  group: 'advanced-image-processing',
  accepts: ['picture'],
  version: 2,
  category: 'quality',
  dependsOn: 'pixels',
  summary: 'Finds flaws of a picture: blur, noise, compression, exposure, contrast, colour, banding, size, damage.',
  params: z.object({}),
  result: z.object({
    score: z.number().describe('Technical quality, 0–100; 100 is flawless.'),
    issues: z.array(issue).describe('What is wrong, the gravest first; empty when nothing is.'),
    confidences: z
      .record(z.enum(issueKinds), z.number())
      .describe('How sure each kind is, 0–1, also what is not listed: to sort by, or to draw the line elsewhere.'),
    judgedAt: z
      .object({
        width: z.number().describe('Width in pixels.'),
        height: z.number().describe('Height in pixels.'),
      })
      .describe('The size at which the picture was looked at; larger ones are made smaller first.'),
  }),
  artifacts: [],
  examples: [{ title: 'What is wrong with it', params: {} }],

  edge: () => assessedEdge,

  async run(media) {
    const picture = await media.picture({ edge: assessedEdge })
    const { score, issues, confidences } = await assessPicture(picture, hintsOf(media))
    const scale = Math.min(1, assessedEdge / Math.max(picture.width, picture.height))
    const judgedAt = { width: sideOf(picture.width * scale), height: sideOf(picture.height * scale) }
    const copied = issues.map((found) => ({ ...found, evidence: { ...found.evidence } }))
    return { score, issues: copied, confidences: { ...confidences }, judgedAt }
  },
})

const sideOf = (length: number): number => Math.max(1, Math.round(length))

function hintsOf(media: Media): { jpegQuality?: number } {
  const coding = media.jpegCoding()
  return coding === undefined ? {} : { jpegQuality: coding.quality }
}
