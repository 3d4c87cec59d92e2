/** A stretch of a media file that is played at once. */
export interface PlaylistEntry {
  readonly ms: number
  readonly offset: number
  readonly bytes: number
}

/** What a media playlist names. */
export interface MediaList {
  /** The media file, and how many of its bytes describe the track. */
  readonly file: string
  readonly headBytes: number
  /** No entry is longer, those that are still to come included. */
  readonly longestMs: number
  readonly entries: readonly PlaylistEntry[]
  readonly isComplete: boolean
  /** Only key frames, for winding. */
  readonly isForWinding?: boolean
}

/** A media playlist (RFC 8216) of byte ranges in one file; while it is not complete, players come back for more. */
export function mediaPlaylist({ file, headBytes, longestMs, entries, ...list }: MediaList): string {
  return lines([
    '#EXTM3U',
    '#EXT-X-VERSION:7',
    `#EXT-X-TARGETDURATION:${Math.max(1, Math.round(longestMs / 1000))}`,
    '#EXT-X-MEDIA-SEQUENCE:0',
    `#EXT-X-PLAYLIST-TYPE:${list.isComplete ? 'VOD' : 'EVENT'}`,
    '#EXT-X-INDEPENDENT-SEGMENTS',
    list.isForWinding && '#EXT-X-I-FRAMES-ONLY',
    // Players begin lists that still grow near their end.
    !list.isComplete && '#EXT-X-START:TIME-OFFSET=0,PRECISE=YES',
    `#EXT-X-MAP:URI="${file}",BYTERANGE="${headBytes}@0"`,
    ...entries.flatMap(({ ms, offset, bytes }) => [
      `#EXTINF:${(ms / 1000).toFixed(6)},`,
      `#EXT-X-BYTERANGE:${bytes}@${offset}`,
      file,
    ]),
    list.isComplete && '#EXT-X-ENDLIST',
  ])
}

/** Bits a second: at most within a segment, and on the whole. */
export interface Bits {
  readonly peak: number
  readonly average: number
}

/** A picture track as the master playlist names it. */
export interface Variant {
  readonly playlist: string
  readonly windingPlaylist: string
  readonly codec: string
  readonly width: number
  readonly height: number
  readonly frameRate: number
  readonly bits: Bits
  readonly windingBits: Bits
}

/** The sound track as the master playlist names it. */
export interface Rendition {
  readonly playlist: string
  readonly codec: string
  readonly channels: number
  readonly language?: string
  readonly bits: Bits
}

/** The master playlist: each quality with the sound that belongs to it, or sound alone. */
export function masterPlaylist(variants: readonly Variant[], sound: Rendition | undefined): string {
  const hasSound = sound !== undefined && variants.length > 0
  return lines([
    '#EXTM3U',
    '#EXT-X-VERSION:7',
    '#EXT-X-INDEPENDENT-SEGMENTS',
    hasSound && mediaTag(sound),
    ...variants.flatMap((variant) => [
      `#EXT-X-STREAM-INF:${attributes({
        ...bandwidth(variant.bits, sound?.bits),
        CODECS: quoted([variant.codec, ...(sound ? [sound.codec] : [])].join(',')),
        RESOLUTION: `${variant.width}x${variant.height}`,
        'FRAME-RATE': variant.frameRate.toFixed(3),
        AUDIO: hasSound && quoted('sound'),
        'CLOSED-CAPTIONS': 'NONE',
      })}`,
      variant.playlist,
    ]),
    ...(variants.length === 0 && sound ? aloneTags(sound) : []),
    ...variants.map(
      (variant) =>
        `#EXT-X-I-FRAME-STREAM-INF:${attributes({
          ...bandwidth(variant.windingBits, undefined),
          CODECS: quoted(variant.codec),
          RESOLUTION: `${variant.width}x${variant.height}`,
          URI: quoted(variant.windingPlaylist),
        })}`,
    ),
  ])
}

const mediaTag = ({ playlist, channels, language }: Rendition): string =>
  `#EXT-X-MEDIA:${attributes({
    TYPE: 'AUDIO',
    'GROUP-ID': quoted('sound'),
    NAME: quoted(language ?? 'sound'),
    LANGUAGE: language !== undefined && quoted(language),
    DEFAULT: 'YES',
    AUTOSELECT: 'YES',
    CHANNELS: quoted(String(channels)),
    URI: quoted(playlist),
  })}`

const aloneTags = ({ bits, codec, playlist }: Rendition): string[] => [
  `#EXT-X-STREAM-INF:${attributes({ ...bandwidth(bits, undefined), CODECS: quoted(codec) })}`,
  playlist,
]

const bandwidth = (own: Bits, other: Bits | undefined) => ({
  BANDWIDTH: String(Math.ceil(own.peak + (other?.peak ?? 0))),
  'AVERAGE-BANDWIDTH': String(Math.ceil(own.average + (other?.average ?? 0))),
})

const attributes = (all: Readonly<Record<string, string | false>>): string =>
  Object.entries(all)
    .filter(([, value]) => value !== false)
    .map(([name, value]) => `${name}=${value}`)
    .join(',')

/** What comes from the file's tags must not end the attribute or the line. */
const quoted = (text: string): string => `"${text.replace(/["\r\n]/g, '')}"`

const lines = (all: readonly (string | false | undefined)[]): string => `${all.filter(Boolean).join('\n')}\n`
