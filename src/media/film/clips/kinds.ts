import { steadyX264 } from '../x264.ts'

/** How clips are written in a format. */
export interface ClipKind {
  /** FFmpeg's names. */
  readonly muxer: string
  readonly encoder: string
  readonly muxerOptions: Readonly<Record<string, string>>
  readonly encoderOptions: Readonly<Record<string, string>>
  /** Bits a second are held to a bound by it; a film of noise would be as large as its original else. */
  readonly capsBits: boolean
  /** The matrix of its colours, which WebP does not let choose. */
  readonly matrix: 'bt709' | 'smpte170m'
}

/** The formats that clips are written in. All are made by one thread, since others would write other bytes. */
export const clipKinds = {
  mp4: {
    muxer: 'mp4',
    encoder: 'libx264',
    muxerOptions: { movflags: '+faststart' },
    get encoderOptions() {
      return { preset: 'veryfast', crf: '25', 'forced-idr': '1', a53cc: '0', ...steady() }
    },
    capsBits: true,
    matrix: 'bt709',
  },
  webm: {
    muxer: 'webm',
    encoder: 'libvpx-vp9',
    muxerOptions: {},
    encoderOptions: { crf: '36', deadline: 'good', 'cpu-used': '5' },
    capsBits: true,
    matrix: 'bt709',
  },
  webp: {
    muxer: 'webp',
    encoder: 'libwebp_anim',
    muxerOptions: { loop: '0' },
    encoderOptions: { quality: '60', compression_level: '3' },
    capsBits: false,
    matrix: 'smpte170m',
  },
} as const satisfies Record<string, ClipKind>

function steady(): Record<string, string> {
  const parameters = steadyX264()
  return parameters === '' ? {} : { 'x264-params': parameters }
}
