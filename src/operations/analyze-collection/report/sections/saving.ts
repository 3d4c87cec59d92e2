import { formatBytes } from '../../../../units.ts'
import { type Html, html } from '../../../html.ts'
import type { Statistics } from '../../statistics.ts'
import { savingChart } from '../saving-chart.ts'
import { section } from '../section.ts'
import { counted, percent } from '../words.ts'

/** What optimising would save, and how well that is known. */
export function saving({ forecast, totals }: Statistics): Html | string | undefined {
  if (totals.pictures === 0) return undefined
  const { basis, tried, savedBytes, lowBytes = 0, highBytes = 0, bytes, files, leftOut } = forecast
  if (basis === 'none' || savedBytes === undefined) {
    return tried === 0
      ? 'No picture was optimised on trial, so nothing is said of what could be saved.'
      : `Only ${counted(tried, 'picture was', 'pictures were')} optimised on trial, too few to say what could be saved.`
  }
  const share = bytes > 0 ? percent(savedBytes / bytes) : '0 %'
  const text =
    basis === 'all'
      ? [
          `All ${counted(tried, 'picture')} were optimised on trial: ${formatBytes(savedBytes)} would be saved, ${share} of what they take.`,
        ]
      : [
          html`Optimising the ${counted(files, 'picture')} would save about <strong>${formatBytes(savedBytes)}</strong>, ${share} of what they take.`,
          `With 95 % confidence it is between ${formatBytes(lowBytes)} and ${formatBytes(highBytes)}.`,
          `That rests on ${counted(tried, 'picture')} drawn by lot and optimised on trial.`,
          basis === 'few' ? 'Some formats have fewer than 20 trials: take it as a rough idea.' : undefined,
        ]
  const rest =
    leftOut.files > 0
      ? `It does not speak for ${counted(leftOut.files, 'file')} (${formatBytes(leftOut.bytes)}): films, sounds and formats with too few trials.`
      : undefined
  return section(
    'saving',
    'What optimising would save',
    [...text, 'No file was changed.', rest],
    savingChart(forecast),
    html`<p class="soft">Long bar: the room taken now. Filled: what would be saved. Thin line: between what bounds that is known.</p>`,
  )
}
