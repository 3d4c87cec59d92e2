import type { AvifOptions } from 'sharp'
import { type CodedColour, type HeifItem, readHeif } from '../heif-boxes.ts'
import { type Av1Traits, av1Setup, av1TraitsOf } from './av1-units.ts'
import type { Drawn } from './drawn.ts'
import { openFrame } from './open-frame.ts'
import type { CodedSample, CodedTrack } from './sequence-parts.ts'

/** Frames that were coded each by itself. */
export interface CodedPictures {
  readonly colour: CodedTrack
  readonly alpha?: CodedTrack
  /** By numbers. */
  readonly told: CodedColour
}

/**
 * Codes frames as still pictures, which keeps all samples of the colour and can be without loss, and gives alpha as one
 * channel.
 */
export async function codeAsPictures(
  drawn: Drawn,
  options: AvifOptions,
  { hasAlpha, depth }: { readonly hasAlpha: boolean; readonly depth: 8 | 10 | 12 },
): Promise<CodedPictures> {
  const gather = { colour: new Track(depth, false), alpha: new Track(depth, true) }
  let told: CodedColour | undefined
  for await (const frame of drawn.frames()) {
    const frameImage = openFrame(frame, drawn)
    const image = hasAlpha ? frameImage : frameImage.removeAlpha()
    const heif = readHeif(await image.avif({ ...options, bitdepth: depth }).toBuffer())
    if (!heif) throw new Error('the encoder wrote no picture that can be read')
    gather.colour.add(heif.primary)
    told ??= heif.primary.colour
    const helper = heif.referrers('auxl', heif.primary.id).map((id) => heif.item(id))[0]
    if (hasAlpha) gather.alpha.add(helper)
  }
  return {
    colour: gather.colour.end(),
    ...(hasAlpha ? { alpha: gather.alpha.end() } : {}),
    told: told ?? { primaries: 1, transfer: 13, matrix: 6, isFullRange: true },
  }
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
