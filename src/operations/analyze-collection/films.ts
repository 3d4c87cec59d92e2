import { z } from 'zod'
import { Top } from '../top.ts'
import type { Collector } from './collector.ts'
import { Tally, tallySchema } from './tally.ts'

/** What the films are made of. */
export const filmsSchema = z.object({
  videoCodecs: tallySchema,
  audioCodecs: tallySchema.describe('Of films and sounds.'),
  silent: z.number().int().describe('Films without a sound track.'),
  hdr: z.number().int().describe('Films in HDR.'),
  longest: z
    .array(z.object({ path: z.string(), format: z.string(), durationMs: z.number(), bytes: z.number().int() }))
    .describe('The longest films first.'),
})

/** See `filmsSchema`. */
export type Films = z.output<typeof filmsSchema>

/** Counts codecs of films and sounds, by their first track, and keeps the longest films. */
export function countFilms(limit: number): Collector<Films> {
  const [videoCodecs, audioCodecs] = [new Tally(), new Tally()]
  const longest = new Top<Films['longest'][number]>(limit, (a, b) => b.durationMs - a.durationMs)
  let [silent, hdr] = [0, 0]
  return {
    add({ kind, path, format, durationMs, bytes }, { probe }) {
      if (kind === 'picture') return
      if (kind === 'film' && durationMs !== undefined) longest.offer({ path, format, durationMs, bytes })
      if (!probe) return
      const [audio] = probe.audio
      if (audio) audioCodecs.add(audio.codec)
      if (kind === 'sound') return
      const [video] = probe.video
      videoCodecs.add(video?.codec)
      if (!audio) silent++
      if (video?.hdr !== undefined && video.hdr !== 'none') hdr++
    },
    result: () => ({
      videoCodecs: videoCodecs.result(limit),
      audioCodecs: audioCodecs.result(limit),
      silent,
      hdr,
      longest: longest.list(),
    }),
  }
}
