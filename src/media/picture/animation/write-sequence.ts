import type { WriteOptions } from '../../picture.ts'
import { usualQuality } from '../encoder-settings.ts'
import type { CodedColour } from '../heif-boxes.ts'
import { canCodeAsFilm, codeAsFilm, filmColours } from './code-as-film.ts'
import { codeAsPictures } from './code-as-pictures.ts'
import { type Drawn, shownTimes } from './drawn.ts'
import { sequenceDepth } from './sequence-depth.ts'
import { writeSequenceFile } from './sequence-file.ts'

/** How an animation is written. */
export interface SequenceOptions extends Pick<WriteOptions, 'quality' | 'lossless' | 'effort'> {
  readonly icc?: Buffer
  readonly hasAlpha: boolean
}

/** The search of libaom by how long someone waits. */
const searches = { fast: 2, usual: 3, best: 4 } as const

/**
 * Writes an animation as AVIF: as a film, or without loss each frame by itself. Alpha is coded by itself
 * in either case, as that has to be of one channel, which the encoder of films does not know.
 */
export async function writeSequence(drawn: Drawn, options: SequenceOptions): Promise<Buffer> {
  const { width, height, delays, loop } = drawn
  const { lossless = false, effort = 'usual', quality = usualQuality.avif, hasAlpha, icc } = options
  const depth = sequenceDepth(drawn.depth, lossless)
  const isFilm = !lossless && canCodeAsFilm(drawn)
  const still = { ...(lossless ? { lossless } : { quality }), effort: searches[effort] }
  const file = { width, height, delays: shownTimes(delays), loop }
  if (!isFilm) {
    const { told, ...tracks } = await codeAsPictures(drawn, still, { hasAlpha, depth })
    return writeSequenceFile({ ...file, ...tracks, colours: coloursOf(told, icc) })
  }
  const crf = Math.round(((100 - quality) * 63) / 100)
  const colour = await codeAsFilm(drawn, { crf, effort })
  const coded = hasAlpha ? await codeAsPictures(alphaOf(drawn), still, { hasAlpha, depth }) : undefined
  return writeSequenceFile({
    ...file,
    colour,
    ...(coded?.alpha ? { alpha: coded.alpha } : {}),
    colours: coloursOf(filmColours, icc),
  })
}

/** Bodies of `colr`: the numbers of ITU-T H.273, and a profile, which then tells alone what they are of. */
function coloursOf({ primaries, transfer, matrix, isFullRange }: CodedColour, icc: Buffer | undefined): Buffer[] {
  const body = Buffer.alloc(11)
  body.write('nclx', 'latin1')
  body.writeUInt16BE(icc ? unknown : primaries, 4)
  body.writeUInt16BE(icc ? unknown : transfer, 6)
  body.writeUInt16BE(matrix, 8)
  body[10] = isFullRange ? 0x80 : 0
  return [body, ...(icc ? [Buffer.concat([Buffer.from('prof', 'latin1'), icc])] : [])]
}

const unknown = 2

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
