import type { Html } from '../../../html.ts'
import type { Statistics } from '../../statistics.ts'
import { columnChart } from '../column-chart.ts'
import { section, sideBySide } from '../section.ts'
import { counted, sentence, spoken } from '../words.ts'
import { tallyBars } from './contents.ts'
import { rangeLabels } from './gear.ts'

/** How large pictures and films are. */
export function sizes({ resolutions }: Statistics): Html | undefined {
  const { megapixels, orientations, shapes, sizes: usual, films } = resolutions
  if (megapixels.known === 0 && films.known === 0) return undefined
  const large = megapixels.classes
    .filter(({ from }) => from !== undefined && from >= 12)
    .reduce((sum, { files }) => sum + files, 0)
  const [shape] = shapes.top
  const text =
    megapixels.known < 2
      ? []
      : [
          `${sentence(spoken(large / megapixels.known))} of the ${counted(megapixels.known, 'picture')} have 12 megapixels or more.`,
          `${sentence(spoken(orientations.portrait / megapixels.known))} stand${orientations.portrait > 1 ? '' : 's'} upright${orientations.square > 0 ? `, ${spoken(orientations.square / megapixels.known)} ${orientations.square === 1 ? 'is' : 'are'} square` : ''}.`,
          shape && shape.name !== 'other' ? `The usual shape is ${shape.name}.` : undefined,
        ]
  const labels = rangeLabels(megapixels)
  return section(
    'sizes',
    'Size and shape',
    text,
    megapixels.known > 0 &&
      columnChart({
        id: 'megapixels',
        title: 'Pictures by megapixels',
        description: `${counted(megapixels.known, 'picture')} from below one megapixel to above a hundred.`,
        of: 'Megapixels',
        counts: 'Pictures',
        columns: megapixels.classes.map(({ files }, at) => ({ label: labels[at] ?? '', value: files })),
      }),
    sideBySide(
      shapes.known > 0 && tallyBars('Pictures by shape', 'Shape', shapes, 11),
      usual.known > 0 && tallyBars('Usual sizes in pixels', 'Size', usual, 8),
      films.known > 0 && tallyBars('Films by lines', 'Lines', films, 8),
    ),
  )
}
