import { extname } from 'node:path'

/** What a file is to mediamill, by its content. */
export type Kind = 'picture' | 'film' | 'sound'

interface FormatTraits {
  readonly kind: Kind
  readonly mime: string
  /** Usual file name endings; the first one is used for new files. */
  readonly extensions: readonly string[]
}

/** Every format that is recognised by content, with its kind, MIME type and usual endings. */
export const formats = {
  jpeg: { kind: 'picture', mime: 'image/jpeg', extensions: ['jpg', 'jpeg', 'jpe', 'jfif', 'mpo'] },
  png: { kind: 'picture', mime: 'image/png', extensions: ['png', 'apng'] },
  webp: { kind: 'picture', mime: 'image/webp', extensions: ['webp'] },
  avif: { kind: 'picture', mime: 'image/avif', extensions: ['avif', 'avifs'] },
  heic: { kind: 'picture', mime: 'image/heic', extensions: ['heic', 'heif', 'hif'] },
  tiff: { kind: 'picture', mime: 'image/tiff', extensions: ['tif', 'tiff'] },
  gif: { kind: 'picture', mime: 'image/gif', extensions: ['gif'] },
  svg: { kind: 'picture', mime: 'image/svg+xml', extensions: ['svg'] },
  jxl: { kind: 'picture', mime: 'image/jxl', extensions: ['jxl'] },
  jp2: { kind: 'picture', mime: 'image/jp2', extensions: ['jp2', 'j2k', 'jpf', 'jpx', 'j2c'] },
  bmp: { kind: 'picture', mime: 'image/bmp', extensions: ['bmp', 'dib'] },
  ico: { kind: 'picture', mime: 'image/x-icon', extensions: ['ico'] },
  exr: { kind: 'picture', mime: 'image/x-exr', extensions: ['exr'] },
  raw: {
    kind: 'picture',
    mime: 'image/x-dcraw',
    extensions: ['dng', 'nef', 'nrw', 'cr2', 'cr3', 'crw', 'arw', 'orf', 'rw2', 'raf', 'pef', 'srw', 'x3f'],
  },
  mp4: { kind: 'film', mime: 'video/mp4', extensions: ['mp4', 'm4v'] },
  mov: { kind: 'film', mime: 'video/quicktime', extensions: ['mov', 'qt'] },
  '3gp': { kind: 'film', mime: 'video/3gpp', extensions: ['3gp', '3g2'] },
  mkv: { kind: 'film', mime: 'video/x-matroska', extensions: ['mkv', 'mk3d'] },
  webm: { kind: 'film', mime: 'video/webm', extensions: ['webm'] },
  avi: { kind: 'film', mime: 'video/x-msvideo', extensions: ['avi'] },
  ts: { kind: 'film', mime: 'video/mp2t', extensions: ['ts', 'mts', 'm2ts'] },
  ps: { kind: 'film', mime: 'video/mpeg', extensions: ['mpg', 'mpeg', 'ps', 'vob'] },
  flv: { kind: 'film', mime: 'video/x-flv', extensions: ['flv'] },
  asf: { kind: 'film', mime: 'video/x-ms-asf', extensions: ['wmv', 'asf'] },
  mp3: { kind: 'sound', mime: 'audio/mpeg', extensions: ['mp3'] },
  m4a: { kind: 'sound', mime: 'audio/mp4', extensions: ['m4a', 'm4b'] },
  aac: { kind: 'sound', mime: 'audio/aac', extensions: ['aac'] },
  flac: { kind: 'sound', mime: 'audio/flac', extensions: ['flac'] },
  ogg: { kind: 'sound', mime: 'audio/ogg', extensions: ['ogg', 'oga', 'opus'] },
  wav: { kind: 'sound', mime: 'audio/wav', extensions: ['wav'] },
  aiff: { kind: 'sound', mime: 'audio/aiff', extensions: ['aif', 'aiff'] },
  amr: { kind: 'sound', mime: 'audio/amr', extensions: ['amr'] },
  ac3: { kind: 'sound', mime: 'audio/ac3', extensions: ['ac3', 'eac3'] },
} as const satisfies Record<string, FormatTraits>

/** The name of a format as results give it: `jpeg`, `heic`, `mp4`, … */
export type FormatName = keyof typeof formats

/** The kind of a format by the table; a film container that holds only sound is told apart when it is opened. */
export const kindOf = (format: FormatName): Kind => formats[format].kind

const extensions = new Set<string>(Object.values(formats).flatMap((format) => format.extensions))

/** The ending of a file's name in small letters, without its dot; empty when it has none. */
export const extensionOf = (path: string): string => extname(path).slice(1).toLowerCase()

/** Whether a file name claims to be media, by its ending (`photo.JPG`: true). */
export function hasMediaExtension(path: string): boolean {
  const ending = /\.([^./\\]+)$/.exec(path)?.[1]
  return ending !== undefined && extensions.has(ending.toLowerCase())
}
