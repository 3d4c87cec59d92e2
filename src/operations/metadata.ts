import { z } from 'zod'
import { metadataSchema } from '../media/metadata.ts'
import { defineOperation } from './operation.ts'

/** Text that XMP can hold, which is XML: what it has no way to say would be written as something else. */
const words = z
  .string()
  .refine((text) => text.isWellFormed() && !unspeakable.test(text), 'expected a text without control characters')

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const unspeakable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/

const setSchema = z
  .object({
    rating: z.number().int().min(-1).max(5).optional().describe('Stars; 0 takes them away, -1 rejects.'),
    title: words.max(1000).optional().describe('The title; an empty text takes it away.'),
    description: words.max(20_000).optional().describe('The description; an empty text takes it away.'),
    keywords: z
      .array(words.trim().min(1).max(500))
      .max(1000)
      .optional()
      .describe('Replaces all keywords; an empty list takes them away.'),
    stripGps: z.boolean().optional().describe('Takes out where it was taken.'),
  })
  .strict()
  .refine((set) => Object.keys(set).length > 0, { error: 'Expected at least one field to set' })

/** What the file says of itself, in the same words for every format; and copies that say something else. */
export const metadata = defineOperation({
  name: 'metadata',
  group: 'advanced-image-processing',
  accepts: ['picture', 'film', 'sound'],
  version: 2,
  category: 'metadata',
  dependsOn: 'content',
  readsSidecars: true,
  summary:
    'Reads what a file and its XMP sidecars say of it: camera, exposure, place, time, words, and all tags. Or writes a copy with other words.',
  params: z.object({
    deep: z
      .boolean()
      .default(false)
      .describe('Also asks exiftool, which knows maker notes and rare formats; slower, and needs perl.'),
    set: setSchema
      .optional()
      .describe('Makes a copy with these fields changed, pixels untouched; the answer is about the copy. Needs perl.'),
  }),
  result: metadataSchema,
  artifacts: ['copy'],
  examples: [
    { title: 'The usual facts', params: {} },
    { title: 'Everything that exiftool knows', params: { deep: true } },
    {
      title: 'A copy with four stars and keywords, without its place',
      params: { set: { rating: 4, keywords: ['lake', 'heron'], stripGps: true } },
    },
  ],

  isQuick: ({ deep, set }) => !deep && !set,

  async run(media, { deep, set }, io) {
    if (!set) return media.metadata({ deep })
    const copy = await media.withMetadata(definedOf(set))
    const { format, width, height } = media.identity
    const size = width === undefined || height === undefined ? {} : { width, height }
    const result = await media.metadata({ of: copy, deep })
    io.signal.throwIfAborted()
    await io.artifact({ role: 'copy', format, ...size }, copy)
    return result
  },
})

/** Only the fields that are there: a schema gives those that are left out as undefined. */
const definedOf = <T extends object>(set: T) =>
  Object.fromEntries(Object.entries(set).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]?: Exclude<T[Key], undefined>
  }
