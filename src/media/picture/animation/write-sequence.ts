import type { WriteOptions } from '../../picture.ts'
import { usualQuality } from '../encoder-settings.ts'
import { canCodeAsFilm, codeAsFilm } from './code-as-film.ts'
import { codeAsPictures, colourNumbers } from './code-as-pictures.ts'
import { type Drawn, shownTimes } from './drawn.ts'
import { writeSequenceFile } from './sequence-file.ts'

/** How an animation is written. */
export interface SequenceOptions extends Pick<WriteOptions, 'quality' | 'lossless' | 'effort'> {
  readonly icc?: Buffer
  readonly hasAlpha: boolean
}

/** From here on colour keeps all of its samples, as in JPEG. */
const fullColourQuality = 90

/** The search of libaom by how long someone waits. */
const searches = { fast: 2, usual: 3, best: 4 } as const

/**
 * Writes an animation as AVIF: as a film where some loss goes unseen, else each frame by itself. Alpha is coded by itself
 * in either case, as that has to be of one channel, which the encoder of films does not know.
 */
export async function writeSequence(drawn: Drawn, options: SequenceOptions): Promise<Buffer> {
  const { width, height, delays, loop } = drawn
  const { lossless = false, effort = 'usual', quality = usualQuality.avif, hasAlpha, icc } = options
  const isFilm = !lossless && quality < fullColourQuality && drawn.depth <= 10 && canCodeAsFilm(drawn)
  const still = { ...(lossless ? { lossless } : { quality }), effort: searches[effort] }
  const profile = icc ? [Buffer.concat([Buffer.from('prof', 'latin1'), icc])] : []
  const file = { width, height, delays: shownTimes(delays), loop }
  if (!isFilm) {
    const { numbers, ...tracks } = await codeAsPictures(drawn, still, hasAlpha)
    return writeSequenceFile({ ...file, ...tracks, colours: [numbers, ...profile] })
  }
  const crf = Math.round(((100 - quality) * 63) / 100)
  const colour = await codeAsFilm(drawn, { crf, effort })
  const coded = hasAlpha ? await codeAsPictures(alphaOf(drawn), still, hasAlpha) : undefined
  return writeSequenceFile({
    ...file,
    colour,
    ...(coded?.alpha ? { alpha: coded.alpha } : {}),
    colours: [colourNumbers({ primaries: 1, transfer: 13, matrix: 6, isFullRange: true }), ...profile],
  })
}

/** The frames in black with their alpha, which is all that is taken of them. */
function alphaOf(drawn: Drawn): Drawn {
  return {
    ...drawn,
    async *frames() {
      for await (const frame of drawn.frames()) {
        const black = Buffer.alloc(frame.length)
        const bytes = drawn.depth > 8 ? 2 : 1
        for (let at = 3 * bytes; at < frame.length; at += 4 * bytes) frame.copy(black, at, at, at + bytes)
        yield black
      }
    },
  }
}
