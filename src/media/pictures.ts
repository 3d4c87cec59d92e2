import type { MediaCounts, MediaLimits } from './media.ts'
import type { PictureHeader } from './picture/header.ts'
import type { EncodeOptions, Picture, ShownPicture } from './picture.ts'
import { releaseSource, type Source } from './source.ts'

let headers: Promise<typeof import('./picture/header.ts')> | undefined
let decoders: Promise<typeof import('./picture/decode.ts')> | undefined

/** What reads headers, loaded when it is first needed; to ask Node for what is loaded costs a quarter of a millisecond. */
export const pictureHeaders = () => {
  headers ??= import('./picture/header.ts')
  return headers
}

/** What decodes, likewise. */
export const pictureDecoders = () => {
  decoders ??= import('./picture/decode.ts')
  return decoders
}

/** The decodes of one picture: one that is large enough serves every later request, a failure too. */
export class Pictures {
  readonly #source: Source
  readonly #header: PictureHeader
  readonly #limits: MediaLimits
  readonly #counts: MediaCounts
  #expected = 0
  #isLast = false
  #encoding: Promise<unknown> | undefined
  #decoded: { readonly edge: number; readonly picture: Promise<Picture> } | undefined

  constructor(source: Source, header: PictureHeader, limits: MediaLimits, counts: MediaCounts) {
    this.#source = source
    this.#header = header
    this.#limits = limits
    this.#counts = counts
  }

  expect(edge: number, { isLast } = { isLast: false }): void {
    this.#expected = Math.max(this.#expected, edge)
    this.#isLast = isLast
  }

  async encode(options: EncodeOptions, edge: number): Promise<ShownPicture> {
    const encoded = this.#isLast && !this.#decoded ? await this.#encodeAtOnce(options) : undefined
    return encoded ?? (await this.take(edge)).encode(options)
  }

  take(wanted = Number.POSITIVE_INFINITY): Promise<Picture> {
    if (this.#decoded && this.#decoded.edge >= wanted) return this.#decoded.picture
    const edge = Math.max(wanted, this.#expected)
    const picture = this.#decode(edge)
    this.#decoded = { edge, picture }
    // Whoever asks gets the failure; nobody asking shall not end the process.
    picture.then(
      ({ width, fullWidth }) => {
        if (width >= fullWidth) this.#decoded = { edge: Number.POSITIVE_INFINITY, picture }
      },
      () => {
        this.#decoded = { edge: Number.POSITIVE_INFINITY, picture }
      },
    )
    return picture
  }

  async close({ isDone }: { isDone: boolean }): Promise<void> {
    // A decoder may still be reading the memory that the next file will be read into.
    const [decoded] = await Promise.allSettled([this.#decoded?.picture, this.#encoding])
    if (isDone && decoded?.status === 'fulfilled') decoded.value?.free()
    this.#decoded = undefined
    releaseSource(this.#source)
  }

  async #encodeAtOnce(options: EncodeOptions): Promise<ShownPicture | undefined> {
    const { encodePicture } = await pictureDecoders()
    const encoding = encodePicture(this.#source, this.#header, options, this.#limits)
    this.#encoding = encoding
    const encoded = await encoding
    if (encoded) this.#counts.pictureDecodes++
    return encoded
  }

  async #decode(edge: number): Promise<Picture> {
    const { decodePicture } = await pictureDecoders()
    this.#counts.pictureDecodes++
    return decodePicture(this.#source, this.#header, Number.isFinite(edge) ? edge : 'full', this.#limits)
  }
}
