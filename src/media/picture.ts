import type { RenderIntent } from './render-intent.ts'

/** What an encoder is asked for. Nothing is ever enlarged. */
export interface EncodeOptions {
  readonly format: 'webp' | 'jpeg' | 'avif' | 'png'
  /** Longest edge in pixels (with `inside`), or the edge of the square (with `cover` and `contain`). */
  readonly edge: number
  readonly fit: 'inside' | 'cover' | 'contain'
  readonly focus: 'centre' | 'attention' | 'entropy'
  /** 1–100; the encoder's own meaning. */
  readonly quality: number
}

/** An encoded picture and its true size. */
export interface EncodedPicture {
  readonly data: Buffer
  readonly width: number
  readonly height: number
}

/** Raw pixels, interleaved, one byte a sample. */
export interface Pixels {
  readonly data: Buffer
  readonly width: number
  readonly height: number
  readonly channels: 1 | 3 | 4
}

/** A decoded picture: upright, sRGB, 8 bit, alpha kept where there is some. */
export interface Picture {
  /** Size of this decode. */
  readonly width: number
  readonly height: number
  /** Size of the original, upright. */
  readonly fullWidth: number
  readonly fullHeight: number
  readonly hasAlpha: boolean
  /** What was decided about orientation, colour and tone. */
  readonly intent: RenderIntent
  /** A sentence when the file is damaged and only part of it could be decoded; else absent. */
  readonly damage?: string
  encode(options: EncodeOptions): Promise<EncodedPicture>
  /** Pixels at a size (`inside` keeps the aspect, `fill` does not); `grey` gives one channel, else RGB, or RGBA with `alpha`. */
  pixels(options: {
    width: number
    height: number
    fit: 'inside' | 'fill'
    as: 'grey' | 'rgb' | 'rgba'
  }): Promise<Pixels>
}
