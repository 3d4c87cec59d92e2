import type { Metric } from '../../media/film/difference.ts'
import type { Pooling } from './pool.ts'

/** How a measure is pooled, told and drawn. */
interface MeasureTraits extends Pooling {
  /** With its unit, for people. */
  readonly title: string
  readonly unit: string
  readonly bounds: readonly [low: number, high: number]
  /** Differences below this are not blown up in a chart. */
  readonly least: number
}

/** The measures, those first that come nearest to what people see. */
export const measures: Readonly<Record<Metric, MeasureTraits>> = {
  vmaf: { title: 'VMAF', unit: '', digits: 3, shift: 1, bounds: [0, 100], least: 10 },
  xpsnr: { title: 'XPSNR (dB)', unit: ' dB', digits: 3, bounds: [0, 100], least: 4 },
  ssim: { title: 'SSIM', unit: '', digits: 6, bounds: [-1, 1], least: 0.02 },
  psnr: { title: 'PSNR (dB)', unit: ' dB', digits: 3, bounds: [0, 100], least: 4 },
}

/** Their names, in that order. */
export const measureNames = Object.keys(measures) as [Metric, ...Metric[]]
