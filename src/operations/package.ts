import { copyFile, link } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Rung } from '../media/film/package.ts'
import { defineOperation, type OperationIo } from './operation.ts'
import { audioBitRateFor, ladderFor } from './package/ladder.ts'

/** A film as HLS: several qualities from one decode, cut at the same key frames, that play while they are still made. */
export const packageFilm = defineOperation({
  name: 'package',
  group: 'video-processing',
  accepts: ['film', 'sound'],
  version: 1,
  category: 'conversion',
  dependsOn: 'content',
  summary: 'Makes HLS of a film: several qualities in H.264 and AAC, SDR and upright, that browsers play and wind.',
  params: z.object({
    ladder: z
      .union([z.literal('auto'), z.array(z.int().min(64).max(4320)).min(1).max(8)])
      .default('auto')
      .describe(
        'The qualities: `auto` chooses by the film, or a list of sizes as in 720p (the shorter side). None is larger than the film.',
      ),
    segmentMs: z
      .int()
      .min(1000)
      .max(20_000)
      .default(4000)
      .describe('Length of a segment. Shorter ones let playing begin earlier, longer ones are smaller in sum.'),
  }),
  result: z.object({
    durationMs: z.number().describe('How long it plays.'),
    frames: z.int().describe('Frames of the film that were decoded.'),
    rungs: z
      .array(
        z.object({
          width: z.int().describe('As seen.'),
          height: z.int().describe('As seen.'),
          maxBitRate: z.int().describe('Bits a second that it was held to.'),
        }),
      )
      .describe('The qualities, the largest first; empty for sound alone.'),
    audioBitRate: z.int().describe('Bits a second of the sound; 0 without.'),
    segmentMs: z.int().describe('Length of a segment.'),
    notes: z.array(z.string()).describe('Sentences on what was changed or left out.'),
  }),
  artifacts: ['master', 'playlist', 'media', 'iframes'],
  examples: [
    { title: 'Qualities chosen by the film', params: {} },
    { title: 'Two qualities in segments of six seconds', params: { ladder: [720, 360], segmentMs: 6000 } },
  ],

  // Each quality holds frames that its encoder looks ahead to; measured from 1080p to 2160p.
  decodesHeld: () => 16,

  async run(media, { ladder, segmentMs }, io) {
    const film = await media.film()
    const rungs = ladderFor(film.probe, ladder)
    const audioBitRate = audioBitRateFor(film.probe)
    const folder = await io.folder()
    const { files, ...written } = await film.package({ rungs, segmentMs, audioBitRate }, folder, io)
    for (const { name, role } of files) await keep(io, { role, name, folder }, rungs)
    const kept = rungs.map(({ width, height, bitRate }) => ({ width, height, maxBitRate: bitRate }))
    return { ...written, notes: [...written.notes], rungs: kept, audioBitRate, segmentMs }
  },
})

/** Keeps a file of the folder. It stays there too until the work is over: somebody may be playing it. */
async function keep(
  io: OperationIo,
  { role, name, folder }: { role: string; name: string; folder: string },
  rungs: readonly Rung[],
): Promise<void> {
  const rung = rungs.find(({ width, height }) => name.startsWith(`${Math.min(width, height)}p`))
  const size = rung && role === 'media' ? { width: rung.width, height: rung.height } : {}
  const draft = { role, name, format: name.slice(name.lastIndexOf('.') + 1), ...size }
  await io.file(draft, async (path) => {
    const from = join(folder, name)
    // A second name costs no room; where a disk knows none, the file is copied.
    await link(from, path).catch(() => copyFile(from, path))
  })
}
