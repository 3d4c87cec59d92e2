import { z } from 'zod'
import { shotEdge } from '../media/film/moments.ts'
import { silently, within } from '../media/film/work-io.ts'
import type { Film, FilmIo, FilmShot, Stretch } from '../media/film.ts'
import { boxShrink, toGrey } from '../media/picture/pixels.ts'
import type { Pixels } from '../media/picture.ts'
import { withoutBars } from './film-fingerprint/bars.ts'
import { defineOperation } from './operation.ts'
import { perceptualHashes } from './perceptual-hash.ts'

const moment = z.object({
  ms: z.number().describe('When the frame is shown, from the first one on.'),
  perceptualHash: z
    .string()
    .regex(/^[0-9a-f]{16}$/)
    .optional()
    .describe('64 bits of a DCT, as of pictures, without black bars; absent where the frame is black or empty.'),
})

/** The names by which a film is found again: byte for byte, without its metadata, and by its look at several moments. */
export const filmFingerprint = defineOperation({
  name: 'fingerprint',
  group: 'video-processing',
  accepts: ['film'],
  version: 2,
  category: 'fingerprint',
  dependsOn: 'content',
  summary: 'Names a film by its bytes, by its streams and by its look at several moments, so that copies are found.',
  params: z.object({}),
  result: z.object({
    contentId: z.string().describe('SHA-256 of the whole file; above 64 MiB `s-` and that of samples.'),
    pixelId: z.string().describe('The same without the metadata, where the format allows it.'),
    durationMs: z.number().optional().describe('How long its picture is shown; absent when it is not known.'),
    moments: z.array(moment).describe('Its look at the same parts of its length in all films.'),
  }),
  artifacts: [],
  examples: [{ title: 'All names', params: {} }],

  edge: () => shotEdge,

  async run(media, _, io) {
    const film = await media.film()
    const { durationMs: lengthMs } = film.probe.container
    const [first] = await film.shots([0], { edge: 1 }, silently(io))
    // Sound may begin long before, or the clock with a gap.
    const fromMs = Math.min(first?.ms ?? 0, lengthMs ?? 0)
    const durationMs = lengthMs === undefined ? undefined : lengthMs - fromMs
    const shots = await shotsOf(film, { fromMs, toMs: lengthMs ?? 0 }, io)
    const inner = withoutBars(shots.map(({ pixels }) => pixels))
    const { contentId, pixelId } = media.identity
    return {
      contentId,
      pixelId,
      ...(durationMs === undefined ? {} : { durationMs }),
      moments: shots.map(({ ms, isDamaged }, at) => ({ ms: ms - fromMs, ...(isDamaged ? {} : hashOf(inner[at])) })),
    }
  },
})

/** In the middle of as many equal parts, so that neither titles nor credits are looked at. */
const parts = 8
/** Another encoder sets other key frames, so the frames themselves are taken as far as that is cheap: 400 of 1080p. */
const pixelBudget = 800_000_000

async function shotsOf(film: Film, { fromMs, toMs }: Stretch, io: FilmIo): Promise<FilmShot[]> {
  const moments = Array.from({ length: parts }, (_, at) => Math.round(fromMs + ((at + 0.5) / parts) * (toMs - fromMs)))
  const keys = await film.shots(moments, { edge: 1 }, within(io, 0, 0.5))
  const [video] = film.probe.video
  const pixelsPerMs = ((video?.width ?? 0) * (video?.height ?? 0) * (video?.frameRate ?? 25)) / 1000
  const leads = moments.map((ms, at) => Math.max(0, ms - (keys[at]?.ms ?? 0)))
  let left = pixelBudget
  const exact = new Set<number>()
  for (const at of moments
    .keys()
    .toArray()
    .sort((one, other) => (leads[one] ?? 0) - (leads[other] ?? 0))) {
    left -= (leads[at] ?? 0) * pixelsPerMs
    if (left >= 0) exact.add(at)
  }
  const wanted = moments.filter((_, at) => exact.has(at))
  const taken = wanted.length === 0 ? [] : await film.shots(wanted, { edge: 1, exact: true }, within(io, 0.5, 1))
  const exactly = taken.values()
  return keys.map((key, at) => (exact.has(at) ? (exactly.next().value ?? key) : key))
}

/** A picture with less in it is black, white, or a grey card: any two of them are alike. */
const leastSpread = 6

function hashOf(pixels: Pixels | undefined): { perceptualHash?: string } {
  if (pixels === undefined) return {}
  const grey = toGrey(boxShrink(pixels, 32, 32)).data
  const mean = grey.reduce((sum, value) => sum + value, 0) / grey.length
  const spread = Math.sqrt(grey.reduce((sum, value) => sum + (value - mean) ** 2, 0) / grey.length)
  const [perceptualHash] = perceptualHashes(grey)
  return spread < leastSpread || perceptualHash === undefined ? {} : { perceptualHash }
}
