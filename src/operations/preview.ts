import { z } from 'zod'
import { MediaError } from '../errors.ts'
import { shotEdge } from '../media/film/moments.ts'
import { silently, within } from '../media/film/work-io.ts'
import type { Picture } from '../media/picture.ts'
import type { VideoFacts } from '../media/probe.ts'
import { evenSide } from './even-side.ts'
import { rounded } from './numbers.ts'
import { defineOperation } from './operation.ts'
import { momentsFor } from './preview/moments.ts'

/** A few seconds of a film, without sound, that tell what it is about: for pages where a pointer rests on its picture. */
export const preview = defineOperation({
  name: 'preview',
  group: 'video-processing',
  accepts: ['film', 'sound'],
  version: 2,
  category: 'conversion',
  dependsOn: 'pixels',
  summary: 'Makes a short silent film of moments spread over a film, SDR and upright, to show what it is about.',
  params: z.object({
    durationMs: z
      .int()
      .min(500)
      .max(60_000)
      .default(6000)
      .describe('How long it plays. A film that is not much longer is shown whole.'),
    format: z
      .enum(['mp4', 'webm', 'webp'])
      .default('mp4')
      .describe(
        '`mp4` is H.264, `webm` VP9; `webp` is an animation that pages show as a picture, larger for what it shows.',
      ),
    width: z.int().min(16).max(1920).default(480).describe('Width in pixels. Never enlarged.'),
    frameRate: z
      .number()
      .min(1)
      .max(60)
      .optional()
      .describe('Frames a second; left out: as the film, at most 30, and 10 in an animation.'),
  }),
  result: z.object({
    durationMs: z.number().describe('How long it plays.'),
    width: z.int(),
    height: z.int(),
    format: z.string(),
    bytes: z.int(),
    frames: z.int().describe('Frames in the new film.'),
    frameRate: z.number().describe('Frames a second.'),
    clips: z
      .array(z.object({ atMs: z.number(), durationMs: z.number() }))
      .describe('The moments of the film that it shows.'),
    notes: z.array(z.string()).describe('Sentences on what could not be done as it should.'),
  }),
  artifacts: ['clip'],
  examples: [
    { title: 'Six seconds in H.264', params: {} },
    { title: 'An animation for pages', params: { format: 'webp', durationMs: 3000, width: 320 } },
  ],

  edge: () => shotEdge,

  // The encoder looks ahead.
  decodesHeld: () => 2,

  async run(media, { durationMs: wantedMs, format, width, frameRate: wantedRate }, io) {
    const film = await media.film()
    const [video] = film.probe.video
    if (video === undefined) throw new MediaError('NO_PICTURE', ['it has no moving picture'])
    const seen = await film.look('keys', within(io, 0, 0.3))
    const { durationMs } = film.probe.container
    const pixels = (video.width ?? 0) * (video.height ?? 0)
    const shape = durationMs === undefined ? { pixels } : { durationMs, pixels }
    const { startsMs, clipMs } = momentsFor(seen, shape, wantedMs)
    const frameRate = wantedRate ?? rateFor(video, format === 'webp' ? 10 : 30)
    const [shot] = await film.shots([0], { edge: 1 }, silently(io))
    if (shot === undefined) throw new Error('a film gives a shot for each moment')
    const size = sizeFor(shot.picture, width)
    const plan = { format, startsMs, clipMs, ...size, frameRate }
    const written = await io.file({ role: 'clip', format, ...size }, (path) =>
      film.clips(plan, path, within(io, 0.3, 1)),
    )
    const { durationMs: playsMs, bytes, frames, notes } = written
    const clips = startsMs.map((atMs) => ({ atMs, durationMs: clipMs }))
    return { durationMs: playsMs, ...size, format, bytes, frames, frameRate, clips, notes: [...notes] }
  },
})

/** A film that is higher is no preview. */
const mostHeight = 1080

/** In even numbers, which the colours of H.264 need. */
function sizeFor({ fullWidth, fullHeight }: Picture, wanted: number): { width: number; height: number } {
  const scale = Math.min(1, wanted / fullWidth, mostHeight / fullHeight)
  return { width: evenSide(fullWidth, scale), height: evenSide(fullHeight, scale) }
}

/** Slide shows have fewer frames, and are shown as if they had so many. */
const leastRate = 5

/** The film's own rate; of a higher one every second, third … frame, so that it stays even. */
function rateFor({ frameRate = 25 }: VideoFacts, most: number): number {
  const rate = frameRate / Math.ceil(frameRate / most)
  return rounded(Math.max(leastRate, rate))
}
