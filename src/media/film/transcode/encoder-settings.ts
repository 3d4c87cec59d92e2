import '../svt-log.ts'
import type { VideoPlan } from '../transcode.ts'
import { steadyX264 } from '../x264.ts'
import { type LightLevels, svtLight, x265Light } from './light-levels.ts'

/** What the settings of an encoder depend on, beside the plan. */
export interface Shown {
  readonly width: number
  readonly light: LightLevels
}

/** An encoder of the processor and how it is set. */
export interface EncoderRow {
  /** FFmpeg's name. */
  readonly name: string
  options(plan: VideoPlan, shown: Shown): Record<string, string>
}

/** The encoders by what they write. */
export const encoderRows: Readonly<Record<VideoPlan['codec'], EncoderRow>> = {
  h264: {
    name: 'libx264',
    options: (_, { width }) => ({ 'forced-idr': '1', 'x264-params': steadyX264(width) }),
  },
  hevc: {
    name: 'libx265',
    options: (_, { light }) => ({
      'forced-idr': '1',
      'x265-params': ['log-level=none', ...x265Light(light)].join(':'),
    }),
  },
  av1: {
    name: 'libsvtav1',
    options: (_, { light }) => ({ 'svtav1-params': svtLight(light).join(':') }),
  },
  vp9: {
    name: 'libvpx-vp9',
    options: (_, { width }) => ({
      deadline: 'good',
      'row-mt': '1',
      // Columns of at least 256 pixels can be decoded beside each other.
      'tile-columns': String(Math.max(0, Math.min(4, Math.floor(Math.log2(width / 256))))),
    }),
  },
}

/** The options of an encoder of the processor, by FFmpeg's names. */
export function optionsFor(plan: VideoPlan, shown: Shown): Record<string, string> {
  const row = encoderRows[plan.codec]
  return {
    [plan.codec === 'vp9' ? 'cpu-used' : 'preset']: plan.speed,
    ...('crf' in plan.rate ? { crf: String(plan.rate.crf) } : {}),
    // Else libvpx holds a quality only up to a bit rate of its own.
    ...('crf' in plan.rate && plan.codec === 'vp9' ? { b: '0' } : {}),
    ...withoutEmpty(row.options(plan, shown)),
  }
}

const withoutEmpty = (options: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== ''))
