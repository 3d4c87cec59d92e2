import type { AvifOptions } from 'sharp'
import { type HeifItem, readHeif } from '../heif-boxes.ts'
import { type Av1Traits, av1Setup, av1TraitsOf } from './av1-units.ts'
import type { Drawn } from './drawn.ts'
import { openFrame } from './open-frame.ts'
import type { CodedSample, CodedTrack } from './sequence-file.ts'

/** Frames that were coded each by itself. */
export interface CodedPictures {
  readonly colour: CodedTrack
  readonly alpha?: CodedTrack
  /** Body of `colr` that tells the colours by numbers. */
  readonly numbers: Buffer
}

/**
 * Codes frames as still pictures, which keeps all samples of the colour and can be without loss, and gives alpha as one
 * channel.
 */
export async function codeAsPictures(drawn: Drawn, options: AvifOptions, hasAlpha: boolean): Promise<CodedPictures> {
  const depth = drawn.depth === 16 ? 12 : drawn.depth
  const gather = { colour: new Track(depth, false), alpha: new Track(depth, true) }
  let numbers: Buffer | undefined
  for await (const frame of drawn.frames()) {
    const frameImage = openFrame(frame, drawn)
    const image = hasAlpha ? frameImage : frameImage.removeAlpha()
    const heif = readHeif(await image.avif({ ...options, bitdepth: depth }).toBuffer())
    if (!heif) throw new Error('the encoder wrote no picture that can be read')
    gather.colour.add(heif.primary)
    const { colour } = heif.primary
    numbers ??= colour && colourNumbers(colour)
    const helper = heif.referrers('auxl', heif.primary.id).map((id) => heif.item(id))[0]
    if (hasAlpha) gather.alpha.add(helper)
  }
  return {
    colour: gather.colour.end(),
    ...(hasAlpha ? { alpha: gather.alpha.end() } : {}),
    numbers: numbers ?? colourNumbers({ primaries: 1, transfer: 13, matrix: 6, isFullRange: true }),
  }
}

/** A body of `colr` that tells colours by the numbers of ITU-T H.273. */
export function colourNumbers(colour: NonNullable<HeifItem['colour']>): Buffer {
  const body = Buffer.alloc(11)
  body.write('nclx', 'latin1')
  body.writeUInt16BE(colour.primaries, 4)
  body.writeUInt16BE(colour.transfer, 6)
  body.writeUInt16BE(colour.matrix, 8)
  body[10] = colour.isFullRange ? 0x80 : 0
  return body
}

class Track {
  readonly #depth: 8 | 10 | 12
  readonly #isGrey: boolean
  readonly #samples: CodedSample[] = []
  #traits: Av1Traits | undefined

  constructor(depth: 8 | 10 | 12, isGrey: boolean) {
    this.#depth = depth
    this.#isGrey = isGrey
  }

  add(item: HeifItem | undefined): void {
    if (!item) throw new Error('the encoder wrote no alpha')
    const data = Buffer.concat(item.parts)
    this.#traits ??= av1TraitsOf(data)
    this.#samples.push({ data, isKey: true })
  }

  end(): CodedTrack {
    if (!this.#traits) throw new Error('the encoder wrote no header')
    const setup = av1Setup(this.#traits, { depth: this.#depth, isGrey: this.#isGrey, isHalved: false })
    return { samples: this.#samples, setup, depth: this.#depth, isIntra: true }
  }
}
