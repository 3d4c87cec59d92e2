import type { WritableContainer } from './transcode.ts'

/** What a container holds beside what is coded anew for it, and how it is written. */
export interface ContainerRow {
  /** As people write it. */
  readonly label: string
  /** FFmpeg's name of what writes it. */
  readonly muxer: string
  /** Codecs that it takes as they are, by FFmpeg's names; `all` where nothing usual is refused. */
  readonly video: readonly string[] | 'all'
  readonly audio: readonly string[] | 'all'
  /** Subtitles that it takes as they are; text is made into the first of them. */
  readonly subtitles: readonly string[]
  /** How covers are held: as a track, as a file inside, or not at all. */
  readonly covers: 'track' | 'file' | 'none'
  /** Made of boxes: codecs have four letters, and the index is put before the content. */
  readonly hasBoxes: boolean
  /** Names of tags that it has a place for; `all` where any name will do. */
  readonly tags: readonly string[] | 'all'
}

const usualTags = ['title', 'artist', 'album', 'date', 'comment', 'genre', 'copyright', 'description', 'creation_time']

/** What each container takes. */
export const containerRows: Readonly<Record<WritableContainer, ContainerRow>> = {
  mp4: {
    label: 'MP4',
    muxer: 'mp4',
    video: ['h264', 'hevc', 'vvc', 'av1', 'vp9', 'mpeg4', 'mpeg2video', 'mpeg1video', 'mjpeg'],
    audio: ['aac', 'opus', 'mp3', 'mp2', 'ac3', 'eac3', 'alac', 'flac', 'dts'],
    subtitles: ['mov_text', 'dvd_subtitle'],
    covers: 'track',
    hasBoxes: true,
    tags: [
      ...usualTags,
      'location',
      'album_artist',
      'composer',
      'grouping',
      'lyrics',
      'synopsis',
      'show',
      'episode_id',
      'network',
      'keywords',
      'compilation',
      'track',
      'disc',
      'gapless_playback',
      'sort_name',
      'sort_artist',
      'sort_album',
      'sort_album_artist',
      'sort_composer',
      'sort_show',
    ],
  },
  mov: {
    label: 'MOV',
    muxer: 'mov',
    video: ['h264', 'hevc', 'mpeg4', 'mpeg2video', 'mpeg1video', 'prores', 'dnxhd', 'mjpeg', 'h263', 'png', 'qtrle'],
    audio: [
      'aac',
      'mp3',
      'ac3',
      'eac3',
      'alac',
      'amr_nb',
      ...['pcm_s16le', 'pcm_s16be', 'pcm_s24le', 'pcm_s24be', 'pcm_s32le', 'pcm_s32be', 'pcm_f32le', 'pcm_f32be'],
      ...['pcm_s8', 'pcm_u8', 'pcm_alaw', 'pcm_mulaw'],
    ],
    subtitles: ['mov_text', 'eia_608'],
    covers: 'none',
    hasBoxes: true,
    tags: [...usualTags, 'location', 'author', 'make', 'model', 'keywords'],
  },
  mkv: {
    label: 'Matroska',
    muxer: 'matroska',
    video: 'all',
    audio: 'all',
    subtitles: [
      'subrip',
      'ass',
      'ssa',
      'webvtt',
      'hdmv_pgs_subtitle',
      'dvd_subtitle',
      'dvb_subtitle',
      'hdmv_text_subtitle',
    ],
    covers: 'file',
    hasBoxes: false,
    tags: 'all',
  },
  webm: {
    label: 'WebM',
    muxer: 'webm',
    video: ['vp8', 'vp9', 'av1'],
    audio: ['opus', 'vorbis'],
    subtitles: ['webvtt'],
    covers: 'none',
    hasBoxes: false,
    tags: 'all',
  },
}

/** Whether a list of a row has a codec; of an unknown codec nothing is taken. */
export const takes = (list: readonly string[] | 'all', codec: string | undefined): boolean =>
  codec !== undefined && (list === 'all' || list.includes(codec))
