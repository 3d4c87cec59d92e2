import type { Film } from './film.ts'
import type { FormatName, Kind } from './formats.ts'
import type { Metadata } from './metadata.ts'
import type { EncodeOptions, Picture, RewriteOptions, RewrittenPicture, ShownPicture } from './picture.ts'

/** What a file is, known after its first reading; enough to look for remembered results and to admit the work. */
export interface Identity {
  /**
   * SHA-256 of the whole file in hex; above 64 MiB `s-` and the hash of its size and spread chunks; `f-` and a name of the file
   * where it was not read for it (naming.ts).
   */
  readonly contentId: string
  /** SHA-256 of what is seen and heard, without the metadata, where the format lets them be told apart; else the content id. */
  readonly pixelId: string
  readonly kind: Kind
  readonly format: FormatName
  readonly bytes: number
  /** Size as seen (upright), in pixels; absent for sound and where the header can not be read. */
  readonly width?: number
  readonly height?: number
  /** Absent for still pictures. */
  readonly durationMs?: number
  /** The moment of its own clock at which a film begins; absent for all but films that could be opened. */
  readonly originMs?: number
  /** Of a picture that moves; absent where it does not, and for JPEG XL, which tells only when it is decoded. */
  readonly frames?: number
  /** Names the content of the XMP sidecars beside the file; absent when there are none. */
  readonly sidecarId?: string
  /** Ending of the file's name in small letters, without its dot; empty without one, absent where no file is meant. */
  readonly extension?: string
  /** Estimated memory of a full decode, for admission. */
  readonly decodedBytes: number
}

/** What names the content of a file. */
export type ContentIds = Pick<Identity, 'contentId' | 'pixelId'>

/** How often the file was opened and decoded: one opening, one decode, whatever was asked. */
export interface MediaCounts {
  /** Files opened by a decoder library for pixels or packets. */
  pictureDecodes: number
  demuxes: number
  framesDecoded: number
}

/** Bounds within which hostile files are held. */
export interface MediaLimits {
  /** Pictures whose header declares more pixels are refused before anything is decoded. */
  readonly maxPixels: number
}

/** How a JPEG is coded. */
export interface JpegCoding {
  /** 1–100 on the scale of the IJG's encoder, estimated from the luma quantisation table. */
  readonly quality: number
  readonly subsampling: '4:4:4' | '4:2:2' | '4:2:0' | 'other'
  readonly isProgressive: boolean
}

/** What is written into a copy's metadata; what is left out stays. */
export interface MetadataEdits {
  /** 0 takes it away, −1 rejects. */
  readonly rating?: number
  readonly title?: string
  readonly description?: string
  /** Replaces all keywords. */
  readonly keywords?: readonly string[]
  readonly stripGps?: boolean
}

/** One opened asset. Everything is lazy and memoised: operations ask, and what is there already is given again. */
export interface Media {
  readonly path: string
  readonly identity: Identity
  readonly counts: MediaCounts
  /**
   * Announces the longest edge that will be asked for, so that the first decode serves every later request; with `isLast`
   * nobody will ask after the next one.
   */
  expect(edge: number, more?: { isLast: boolean }): void
  /**
   * The picture, upright, in sRGB; for a film its most telling frame, for sound its cover (or NO_PICTURE).
   * `edge` is the longest side that is needed: the decode shrinks on load to at least that size, and is never
   * enlarged. A later request that fits into an earlier decode is served from it. Without `edge`: full size.
   */
  picture(want?: { edge?: number }): Promise<Picture>
  /** What `picture` gives, encoded; `edge` as there. The last one to ask gets it without the pixels being laid down between. */
  encode(options: EncodeOptions, want: { edge: number }): Promise<ShownPicture>
  /** The picture file written anew, with its frames, colours and metadata as far as asked and as the format can. */
  rewrite(options: RewriteOptions): Promise<RewrittenPicture>
  /** The file packed tighter, every sample and frame as it is; undefined where no way is known for its format. */
  repack(options: Pick<RewriteOptions, 'metadata'>): Promise<RewrittenPicture | undefined>
  /** How a JPEG is coded, from its tables alone; undefined for other formats. */
  jpegCoding(): JpegCoding | undefined
  /** Decodes a picture that was just written, to see what became of it. */
  decode(data: Buffer, want?: { edge?: number }): Promise<Picture>
  /** Opens another picture, such as a reference or a watermark, within the same limits; it is closed with this one. */
  other(path: string): Promise<Media>
  /** A copy of the file with other metadata, pixels untouched, as bytes. Throws TOOL_MISSING without exiftool. */
  withMetadata(edits: MetadataEdits): Promise<Buffer>
  /** The film with its demuxer open; works for films and for sound. */
  film(): Promise<Film>
  /** See `Film.frame`, which this one spares the look at a film's streams where the film is known and nothing else is asked. */
  frame: Film['frame']
  /** What the file and its sidecars say of it, normalised; `deep` asks exiftool too, `of` a copy made of it instead. */
  metadata(options?: { deep?: boolean; of?: Uint8Array }): Promise<Metadata>
  /**
   * Frees decoders and files; nothing may be asked afterwards. With `isDone` all that was asked came to a good end, so that
   * nothing can be reading pixels any more, and they are freed as well.
   */
  close(how?: { isDone: boolean }): Promise<void>
}
