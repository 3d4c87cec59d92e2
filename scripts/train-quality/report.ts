import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Detector } from '../../src/operations/quality/model.ts'
import type { CorpusFigures, FalseAlarm } from './corpus-figures.ts'
import type { KindFigures } from './validate.ts'

const detectorsFile = fileURLToPath(new URL('../../src/operations/quality/detectors.ts', import.meta.url))
const page = fileURLToPath(new URL('../../docs/quality.md', import.meta.url))

/** Writes the coefficients as data that the program loads. */
export function writeDetectors(detectors: readonly Detector[]): void {
  const rows = detectors.map((detector) => {
    const { kind, inputs, centre, spread, hidden, confidence, severity } = detector
    return `  {
    kind: '${kind}',
    inputs: words('${inputs.join(' ')}'),
    centre: numbers('${centre.join(' ')}'),
    spread: numbers('${spread.join(' ')}'),
    hidden: [
${hidden.map((weights) => `      numbers('${weights.join(' ')}'),`).join('\n')}
    ],
    confidence: numbers('${confidence.join(' ')}'),
    severity: numbers('${severity.join(' ')}'),
  },`
  })
  const text = `import type { Detector } from './model.ts'

const words = (text: string): readonly string[] => text.split(' ')
const numbers = (text: string): readonly number[] => words(text).map(Number)

/** What \`npm run train:quality\` learned; written by it, not by hand. */
export const detectors: readonly Detector[] = [
${rows.join('\n')}
]
`
  writeFileSync(detectorsFile, text)
  format(detectorsFile)
}

/** All that the page tells in numbers. */
export interface Figures {
  readonly seed: string
  readonly pictures: number
  readonly scenes: number
  readonly photos: number
  readonly unseen: readonly KindFigures[]
  readonly unseenFalseAlarms: number
  readonly corpus: readonly CorpusFigures[]
  readonly goodPhotos: number
  readonly alarms: readonly FalseAlarm[]
}

/** What has to be reached, and for which kinds. */
const targets = {
  auroc: 0.95,
  ranks: 0.9,
  kinds: ['blur', 'noise', 'compression', 'underexposed', 'overexposed'],
} as const

const [begin, end] = ['<!-- figures: written by npm run train:quality -->', '<!-- end of figures -->']

/** Puts the figures into docs/quality.md. */
export function writeFigures(figures: Figures): void {
  const text = readFileSync(page, 'utf8')
  const [before, rest] = text.split(begin)
  const after = rest?.split(end)[1]
  if (before === undefined || after === undefined) throw new Error(`${page} has no place for the figures`)
  writeFileSync(page, `${before}${begin}\n\n${tablesOf(figures)}\n\n${end}${after}`)
  format(page)
}

function format(file: string): void {
  execFileSync('biome', ['format', '--write', file], { stdio: 'ignore' })
}

function tablesOf(figures: Figures): string {
  const { unseen, corpus, alarms, goodPhotos, unseenFalseAlarms, pictures, scenes, photos, seed } = figures
  return [
    `Measured with seed ${seed} on ${pictures} pictures, made of ${photos} photos and of drawn pages; ${scenes} scenes. Figures that miss their target are marked ✗.`,
    '### Unseen scenes',
    table(
      ['kind', 'AUROC against flawless', 'AUROC against all others', 'severity ranks', 'found', 'false alarms'],
      unseen.map((row) => [
        row.kind,
        aimed(row.againstFlawless, targets.auroc, row.kind),
        aimed(row.againstAll, targets.auroc, row.kind),
        aimed(row.severityRanks, targets.ranks, row.kind),
        percent(row.found),
        percent(row.falseAlarms),
      ]),
    ),
    `Flawless pictures of unseen scenes, traps and drawn pages included, for which anything at all is listed: ${percent(unseenFalseAlarms)}.`,
    '### The corpus',
    table(
      [
        'defect',
        'files',
        'AUROC against pristine',
        'AUROC against all others',
        'severity ranks',
        'score ranks',
        'found',
      ],
      corpus.map((row) => [
        row.kind,
        String(row.files),
        aimed(row.againstPristine, targets.auroc, row.kind),
        aimed(row.againstAll, targets.auroc, row.kind),
        aimed(row.severityRanks, targets.ranks, row.kind),
        aimed(row.scoreRanks, targets.ranks, row.kind),
        percent(row.found),
      ]),
    ),
    '### Good photos',
    `Of ${goodPhotos} good photos of the corpus, ${alarms.length} have something listed (${percent(alarms.length / goodPhotos)}${alarms.length / goodPhotos > 0.05 ? ' ✗' : ''}; at most 5 % is the aim)${alarms.length === 0 ? '.' : ':'}`,
    alarms.map(({ file, kinds }) => `- \`${file}\`: ${kinds.join(', ')}`).join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}

function aimed(value: number, target: number, kind: string): string {
  const isMissed = value < target && targets.kinds.some((aimedAt) => aimedAt === kind)
  return value.toFixed(3) + (isMissed ? ' ✗' : '')
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  return [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
