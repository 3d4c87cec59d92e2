import { formatBytes, formatDuration } from '../../units.ts'
import { savedShareOf } from '../saved-share.ts'
import type { Estimate } from './estimate.ts'

/** What is expected of a film that is about to be made, for people: its CRF, size, what that saves, and how long it takes. */
export function foretold({ crf, prediction }: Estimate, originalBytes: number): string {
  const { bytes, encodeMs } = prediction ?? {}
  const saved = bytes === undefined ? 0 : Math.round(savedShareOf(bytes, originalBytes) * 100)
  const change = saved < 0 ? `${-saved} % larger` : `${saved} % saved`
  const parts = [
    crf === undefined ? [] : [`CRF ${crf}`],
    bytes === undefined ? [] : [`about ${formatBytes(bytes)} (${change})`],
    encodeMs === undefined ? [] : [`in about ${formatDuration(encodeMs)}`],
  ]
  return `Foretold: ${parts.flat().join(', ')}.`
}
