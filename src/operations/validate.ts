import { z } from 'zod'
import { MediaError } from '../errors.ts'
import type { CheckDepth, FilmCheck } from '../media/film/check.ts'
import { extensionOf, formats } from '../media/formats.ts'
import type { Media } from '../media/media.ts'
import { defineOperation, type OperationIo } from './operation.ts'

/** Whether a film or sound can be read and decoded to its end, and where not. */
export const validate = defineOperation({
  name: 'validate',
  group: 'video-processing',
  accepts: ['film', 'sound'],
  version: 3,
  category: 'probe',
  dependsOn: 'content',
  readsExtension: true,
  summary: 'Checks whether a film or sound is whole: that it can be read and decoded to its end, and where not.',
  params: z.object({
    mode: z
      .enum(['quick', 'thorough'])
      .default('quick')
      .describe(
        '`quick` reads container, index and end, and decodes key frames and some sound here and there; `thorough` decodes everything.',
      ),
  }),
  result: z.object({
    verdict: z
      .enum(['ok', 'damaged', 'unreadable'])
      .describe(
        '`ok` also when all that was found is harmless; `unreadable` when it can not be opened or nothing of it decoded.',
      ),
    reason: z.string().optional().describe('Why it is unreadable.'),
    damage: z
      .array(
        z.object({
          fromMs: z.number(),
          toMs: z.number(),
          kind: z
            .enum(['missing', 'video', 'audio', 'container', 'timestamps'])
            .describe('What is damaged; `missing` is what should be there and is not.'),
          message: z.string().describe('What is wrong, in words.'),
          isHarmless: z.boolean().describe('Players show it without anyone noticing.'),
        }),
      )
      .describe('What is wrong, in the order of time. The quick check finds the places it looks at.'),
    mode: z.enum(['quick', 'thorough']).describe('How it was checked.'),
    format: z.string().describe('By its content.'),
    extension: z
      .object({
        found: z.string().describe('Of the name, in small letters; empty without one.'),
        expected: z.array(z.string()).describe('Those that fit the content, the usual one first.'),
        fits: z.boolean(),
      })
      .describe('The ending of the name against the content.'),
    packetsRead: z.int().describe('Packets of the container that were read.'),
    framesDecoded: z.int().describe('Frames of picture and sound that were decoded.'),
    unchecked: z.array(z.string()).describe('Tracks that could not be decoded since their codec is not known here.'),
  }),
  artifacts: [],
  examples: [
    { title: 'A quick check', params: {} },
    { title: 'Everything decoded', params: { mode: 'thorough' } },
  ],

  async run(media, { mode }, io) {
    const { format } = media.identity
    return { ...(await checked(media, mode, io)), mode, format, extension: endingOf(media) }
  },
})

type Checked = Omit<FilmCheck, 'verdict' | 'damage' | 'pictures' | 'unchecked'> & {
  verdict: 'ok' | 'damaged' | 'unreadable'
  reason?: string
  damage: FilmCheck['damage'][number][]
  unchecked: string[]
}

async function checked(media: Media, mode: CheckDepth, io: OperationIo): Promise<Checked> {
  try {
    const film = await media.film()
    const { damage, unchecked, pictures: _, ...check } = await film.check(mode, io)
    return { ...check, damage: [...damage], unchecked: [...unchecked] }
  } catch (error) {
    // What is wrong with the file is the answer here, no failure.
    if (!(error instanceof MediaError) || !unreadable.has(error.code)) throw error
    return { verdict: 'unreadable', reason: error.message, damage: [], unchecked: [], packetsRead: 0, framesDecoded: 0 }
  }
}

const unreadable: ReadonlySet<string> = new Set(['MEDIA_DAMAGED', 'UNSUPPORTED_CONTENT'])

function endingOf({ path, identity }: Media) {
  const found = extensionOf(path)
  const expected = [...formats[identity.format].extensions, ...(alsoCalled[identity.format] ?? [])]
  return { found, expected, fits: expected.includes(found) }
}

/** Endings that players take for the same: an MP4 or MOV is read by its boxes, whatever brand it names first. */
const alsoCalled: Readonly<Record<string, readonly string[]>> = {
  mp4: ['mov', 'm4a', 'm4b', '3gp'],
  mov: ['mp4', 'm4v'],
  '3gp': ['mp4'],
  m4a: ['mp4'],
  webm: ['mkv'],
  mkv: ['mka', 'webm'],
  mp3: ['mp2', 'mpga'],
  ts: ['m2t', 'tsv', 'trp'],
  ps: ['mpe', 'mp2', 'm2p', 'm2v', 'm1v', 'mod'],
  ogg: ['ogv', 'ogx', 'ogm', 'spx'],
  asf: ['wma'],
  wav: ['wave'],
  aiff: ['aifc'],
}
