import { formatCount } from '../../../../units.ts'
import { type Html, html } from '../../../html.ts'
import type { Statistics } from '../../statistics.ts'
import { barList } from '../bar-list.ts'
import { columnChart } from '../column-chart.ts'
import { table } from '../figure.ts'
import { fileName } from '../names.ts'
import { section, sideBySide } from '../section.ts'
import { counted, percent, sentence, spoken } from '../words.ts'

/** How good the pictures are, and which are the worst. */
export function quality(statistics: Statistics): Html | string | undefined {
  const { judged, notJudged, median, flawless, scores, issues, worst } = statistics.quality
  if (judged + notJudged === 0) return undefined
  if (judged === 0) return `No picture was judged. ${ratingSentence(statistics) ?? ''}`
  const [usual] = issues
  const text = [
    judged === 1
      ? `The picture has a score of ${median} out of 100.`
      : `Half of the ${counted(judged, 'judged picture')} reach a score of ${median} or more out of 100.`,
    flawless === judged
      ? 'No flaw was found.'
      : `${sentence(spoken(flawless / judged))} ${flawless === 1 ? 'is' : 'are'} without a flaw${usual ? `; the most usual flaw, ${nameOf(usual.kind)}, is in ${spoken(usual.share)}` : ''}.`,
    notJudged > 0 ? `${counted(notJudged, 'picture was', 'pictures were')} not judged.` : undefined,
    toneSentence(statistics),
    ratingSentence(statistics),
  ]
  const { stars, rated } = statistics.ratings
  return section(
    'quality',
    'Quality',
    text,
    columnChart({
      id: 'scores',
      title: 'Pictures by score',
      description: `Scores of ${counted(judged, 'picture')}, 100 is flawless; the median is ${median}.`,
      of: 'Score',
      counts: 'Pictures',
      columns: scores.map((value, at) => ({
        label: at === 9 ? '90–100' : `${at * 10}–${at * 10 + 9}`,
        value,
        tone: at < 4 ? ('poor' as const) : at < 7 ? ('fair' as const) : ('good' as const),
      })),
    }),
    sideBySide(
      issues.length > 0 &&
        barList(
          'Flaws',
          'Flaw',
          issues.map(({ kind, files, share }) => ({
            name: nameOf(kind),
            value: files,
            shown: `${formatCount(files)} · ${percent(share)}`,
            tone: 'fair' as const,
          })),
        ),
      rated > 0 &&
        barList(
          'Stars',
          'Stars',
          stars.map((value, at) => ({ name: '★'.repeat(at + 1), value, shown: formatCount(value) })).reverse(),
        ),
    ),
    worst.length > 0 &&
      html`<h3>The lowest scores</h3>${table(
        'Pictures with the lowest scores',
        ['File', 'Score', 'Why'],
        worst.map(({ path, score, reasons }) => [
          fileName(statistics, path),
          String(Math.round(score)),
          reasons.map(({ kind, severity }) => `${nameOf(kind)} ${percent(severity)}`).join(', '),
        ]),
        ['Why'],
      )}<p class="soft">The share behind a flaw is its severity.</p>`,
  )
}

const nameOf = (kind: string): string => kind.replace('-', ' ')

function toneSentence({ quality: { tones } }: Statistics): string | undefined {
  const parts = [
    tones.grey > 0 && `${counted(tones.grey, 'picture is', 'pictures are')} without colour`,
    tones.dark > 0 && `${formatCount(tones.dark)} very dark`,
    tones.bright > 0 && `${formatCount(tones.bright)} very bright`,
  ].filter((part) => part !== false)
  return parts.length > 0 ? `${sentence(parts.join(', '))}.` : undefined
}

function ratingSentence({ ratings }: Statistics): string | undefined {
  const { rated, unrated, rejected, stars } = ratings
  if (rated === 0) return undefined
  const best = stars[4] ?? 0
  return `${counted(rated, 'file is', 'files are')} rated (${percent(rated / (rated + unrated))})${best > 0 ? `, ${formatCount(best)} with five stars` : ''}${rejected > 0 ? `, ${formatCount(rejected)} rejected` : ''}.`
}
