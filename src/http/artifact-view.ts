import { z } from 'zod'
import type { RunArtifact } from '../executor/run.ts'
import { idIn } from './thumbnails.ts'

/** A file that an operation made, as answers name it. */
export const artifactSchema = z.object({
  role: z.string().describe('What it is for.'),
  path: z.string().describe('Where it lies, absolute.'),
  format: z.string().describe('A name of the format table, or a file ending.'),
  width: z.number().int().optional().describe('In pixels, where it is a picture.'),
  height: z.number().int().optional().describe('In pixels, where it is a picture.'),
  bytes: z.number().int().describe('Its size.'),
  name: z.string().optional().describe('The file name by which other files of the answer refer to it, if they do.'),
  url: z.string().describe('Where it can be fetched; what is there never changes.'),
})

/** An answer with an address for each of its files. */
export const withUrls = <Answer extends { readonly result: unknown; readonly artifacts: readonly RunArtifact[] }>(
  answer: Answer,
) => ({
  ...answer,
  result: answer.result as Record<string, unknown>,
  artifacts: answer.artifacts.map((artifact) => ({
    ...artifact,
    url: `/api/artifacts/${idIn(artifact.path)}.${artifact.format}`,
  })),
})
