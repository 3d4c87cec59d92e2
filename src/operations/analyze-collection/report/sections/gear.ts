import { type Html, html, shown } from '../../../html.ts'
import type { Classes } from '../../classes.ts'
import type { Statistics } from '../../statistics.ts'
import { columnChart } from '../column-chart.ts'
import { section, sideBySide } from '../section.ts'
import { counted, numeral, sentence, spoken } from '../words.ts'
import { tallyBars } from './contents.ts'

/** What it was taken with, and how. */
export function gear({ cameras, lenses, exposures }: Statistics): Html | string {
  const { iso, aperture, focalLength35mm } = exposures
  if (cameras.known + lenses.known + iso.known + aperture.known === 0) {
    return 'No file tells what it was taken with.'
  }
  const chart = (id: string, title: string, of: string, labels: readonly string[], { classes, known }: Classes) =>
    known > 0 &&
    columnChart({
      id,
      title,
      description: `${counted(known, 'picture')} that tell it; the most at ${labels[mostAt(classes)] ?? ''}.`,
      of,
      counts: 'Pictures',
      columns: classes.map(({ files }, at) => ({ label: labels[at] ?? '', value: files })),
      height: 170,
    })
  return section(
    'gear',
    'Cameras and lenses',
    [cameraSentence(cameras), lensSentence(lenses), isoSentence(iso)],
    sideBySide(
      cameras.known > 0 && tallyBars('Cameras', 'Camera', cameras),
      lenses.known > 0 && tallyBars('Lenses', 'Lens', lenses),
    ),
    chart('iso', 'Sensitivity (ISO, nearest stop)', 'ISO', isoLabels, iso),
    sideBySide(
      chart('aperture', 'Aperture (nearest stop)', 'Aperture', apertureLabels, aperture),
      chart('focal', 'Focal length (mm, as on 35 mm film)', 'Millimetres', focalLabels, focalLength35mm),
    ),
  )
}

const isoLabels = ['≤ 50', '100', '200', '400', '800', '1600', '3200', '6400', '12,800 +']
const focalLabels = ['<20', '24', '35', '50', '75', '105', '200', '300', '400+']
const apertureLabels = ['≤ f/1.4', 'f/2', 'f/2.8', 'f/4', 'f/5.6', 'f/8', 'f/11', 'f/16 +']

/** `<20`, `20–28`, `400+` of classes. */
export const rangeLabels = ({ classes }: Classes): string[] =>
  classes.map(({ from, below }) =>
    from === undefined ? `<${below}` : below === undefined ? `${from}+` : `${from}–${below}`,
  )

/** "Two thirds of your 5,132 photos come from two cameras." */
export function cameraSentence({ known, unknown, distinct, top }: Statistics['cameras']): Html | undefined {
  const [first] = top
  if (!first) return undefined
  const files = unknown === 0 ? `your ${counted(known, 'file')}` : `the ${counted(known, 'file')} that name a camera`
  if (distinct === 1)
    return html`${known === 1 ? 'The only file' : `All of ${files}`} ${known === 1 ? 'comes' : 'come'} from one camera, ${shown(first.name, 60)}.`
  let [sum, cameras] = [0, 0]
  for (const { files: count } of top) {
    if (sum >= 0.6 * known || cameras === 3) break
    sum += count
    cameras++
  }
  if (sum < 0.6 * known || cameras === distinct) {
    return html`${sentence(counted(distinct, 'camera'))} took ${files}; the most used, ${shown(first.name, 60)}, ${spoken(first.files / known)} of them.`
  }
  const of =
    cameras === 1
      ? html`one camera, ${shown(first.name, 60)}`
      : html`${numeral(cameras)}${cameras === distinct ? '' : ` of ${numeral(distinct)}`} cameras`
  return html`${sentence(spoken(sum / known))} of ${files} come from ${of}.`
}

function lensSentence({ known, distinct, top }: Statistics['lenses']): Html | undefined {
  const [first] = top
  if (!first || distinct < 2) return undefined
  return html`Of ${counted(distinct, 'lens', 'lenses')}, ${shown(first.name, 60)} was used most: for ${spoken(first.files / known)} of the ${counted(known, 'file')} that name one.`
}

function isoSentence({ known, classes }: Classes): string | undefined {
  if (known < 10) return undefined
  const high = classes
    .filter(({ from }) => from !== undefined && from >= 1440)
    .reduce((sum, { files }) => sum + files, 0)
  return high === 0
    ? 'No picture needed ISO 1600 or more.'
    : `${sentence(spoken(high / known))} of the pictures were taken at ISO 1600 or more.`
}

const mostAt = (classes: Classes['classes']): number =>
  classes.reduce((best, { files }, at) => (files > (classes[best]?.files ?? 0) ? at : best), 0)
