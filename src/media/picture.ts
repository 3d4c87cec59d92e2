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

/** Formats that pictures can be written in. */
export const writableFormats = ['jpeg', 'png', 'webp', 'avif', 'tiff', 'gif', 'jxl'] as const

/** A format that pictures can be written in. */
export type WritableFormat = (typeof writableFormats)[number]

/** How a picture is written. */
export interface WriteOptions {
  readonly format: WritableFormat
  /** 1–100 on the encoder's own scale; left out: a good one for the format. Formats without loss ignore it. */
  readonly quality?: number
  /** Every sample is kept. JPEG can not, GIF only up to 256 colours: both throw PARAMS_INVALID where it would lose. */
  readonly lossless?: boolean
  /** How long the encoder searches: `fast` for pictures that someone waits for, `best` for the smallest file. */
  readonly effort?: 'fast' | 'usual' | 'best'
  /** `#rrggbb` under transparent parts where the format has no alpha; white when left out. */
  readonly background?: string
  /** Ends the writing of an animation with its reason; single pictures are not interrupted. */
  readonly signal?: AbortSignal
  /** Told how far an animation is written, 0–1. */
  readonly progress?: (fraction: number) => void
}

/** A size that a picture is brought to. With one side given the other follows from the aspect. */
export interface ResizeOptions {
  readonly width?: number
  readonly height?: number
  /** `inside` and `outside` keep the aspect, `cover` cuts, `contain` pads with `background`, `fill` distorts. */
  readonly fit: 'inside' | 'outside' | 'cover' | 'contain' | 'fill'
  /** Where `cover` cuts. */
  readonly focus: 'centre' | 'attention' | 'entropy'
  /** Whether a smaller picture may be made larger. */
  readonly enlarge: boolean
  /** `#rrggbb` or `#rrggbbaa` around the picture with `contain`; left out: transparent where the format can, else white. */
  readonly background?: string
}

/** How a file is written anew, with all its frames. */
export interface RewriteOptions extends WriteOptions {
  readonly resize?: ResizeOptions
  /** `keep`: profile and depth stay as far as the format can; high dynamic range is always brought down. `srgb`: 8-bit sRGB. */
  readonly color: 'keep' | 'srgb'
  /** What becomes of EXIF, XMP and IPTC. The colour profile stays with the pixels that need it. */
  readonly metadata: 'keep' | 'strip' | 'strip-gps'
  /** `all` keeps an animation moving where the format can move. */
  readonly frames: 'all' | 'first'
}

/** A step of a transformation; sizes in pixels of the picture as the step before left it. */
export type PictureStep =
  | {
      readonly kind: 'crop'
      readonly left: number
      readonly top: number
      readonly width: number
      readonly height: number
    }
  | ({ readonly kind: 'resize' } & ResizeOptions)
  /** Clockwise degrees; other than by quarters the corners are filled with `background`. */
  | { readonly kind: 'rotate'; readonly degrees: number; readonly background?: string }
  /** `horizontal` swaps left and right. */
  | { readonly kind: 'flip'; readonly direction: 'horizontal' | 'vertical' }
  /** Cuts a border of one colour away, by how far colours may differ from it (0–255). */
  | { readonly kind: 'trim'; readonly threshold: number }
  | {
      readonly kind: 'pad'
      readonly top: number
      readonly right: number
      readonly bottom: number
      readonly left: number
      readonly background?: string
    }
  | { readonly kind: 'blur'; readonly sigma: number }
  | { readonly kind: 'sharpen'; readonly sigma: number; readonly amount: number }
  /** Replaces each pixel by the median of a square of this side: against specks. */
  | { readonly kind: 'median'; readonly size: number }
  | { readonly kind: 'grey' }
  /** Lays the picture over a colour. */
  | { readonly kind: 'background'; readonly color: string }
  | {
      readonly kind: 'watermark'
      readonly picture?: Picture
      readonly text?: string
      readonly place: WatermarkPlace
      readonly opacity: number
      readonly share: number
      readonly color?: string
    }

/** Where a watermark lies; `tile` repeats it all over. */
export type WatermarkPlace =
  | 'centre'
  | 'top'
  | 'bottom'
  | 'left'
  | 'right'
  | 'top-left'
  | 'top-right'
  | 'bottom-left'
  | 'bottom-right'
  | 'tile'

/** A file written anew, and what of the original is in it. */
export interface RewrittenPicture extends EncodedPicture {
  readonly intent: RenderIntent
  /** Name of the colour profile in the new file; absent when it has none and so is sRGB. */
  readonly profile?: string
  readonly bitDepth: 8 | 10 | 12 | 16
  readonly frames: number
  /** A sentence when the original is damaged and only part of it could be decoded. */
  readonly damage?: string
}

/** An encoded picture and its true size. */
export interface EncodedPicture {
  readonly data: Buffer
  readonly width: number
  readonly height: number
}

/** An encoded picture, and what was decided and found when it was decoded. */
export interface ShownPicture extends EncodedPicture, Pick<Picture, 'intent' | 'damage'> {}

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
  encode(options: EncodeOptions): Promise<ShownPicture>
  /** Writes the whole decode, as it is here: 8-bit sRGB, upright, without metadata. */
  write(options: WriteOptions): Promise<EncodedPicture>
  /** The picture after steps, one after the other; throws PARAMS_INVALID for one that does not fit it. */
  apply(steps: readonly PictureStep[]): Promise<Picture>
  /** A picture of other pixels with this one's intent and damage, such as those of this one after a computation. */
  withPixels(pixels: Pixels): Picture
  /** Pixels at a size (`inside` keeps the aspect, `fill` does not), in the channels asked for; `own` are those it has. */
  pixels(options: {
    width: number
    height: number
    fit: 'inside' | 'fill'
    as: 'own' | 'grey' | 'rgb' | 'rgba'
  }): Promise<Pixels>
  /**
   * Gives the memory of its pixels back now: left to the garbage collector, every second large picture costs a collection of
   * everything. Nothing may be reading them any more, and nothing may be asked afterwards.
   */
  free(): void
}
