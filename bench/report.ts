import type { Figure, Skipped } from './bench.ts'

/** A figure, or why there is none, with the bench that it belongs to. */
export type Finding = { readonly bench: string } & (Figure | Skipped)

/** Whether a figure reached its target; null where it has none or was not measured. */
export const reached = (finding: Finding): boolean | null =>
  'skipped' in finding || finding.target === null ? null : finding.ratio >= finding.target

/** One line for programs. */
export function jsonLine(finding: Finding): string {
  if ('skipped' in finding) {
    const { bench, figure, skipped } = finding
    const none = {
      value: null,
      unit: null,
      against: null,
      ratio: null,
      target: null,
      reached: null,
      runs: 0,
      spread: null,
    }
    return JSON.stringify({ bench, figure, ...none, skipped })
  }
  const { bench, figure, unit, against, target, runs } = finding
  const [value, againstValue, ratio, spread] = [finding.value, finding.againstValue, finding.ratio, finding.spread].map(
    (number) => Number(number.toPrecision(4)),
  )
  return JSON.stringify({
    bench,
    figure,
    value,
    unit,
    against,
    againstValue,
    ratio,
    target,
    reached: reached(finding),
    runs,
    spread,
  })
}

const headings = [
  'figure',
  'ours',
  'against',
  'theirs',
  'ratio (more is better)',
  'target',
  'reached',
  'runs',
  'spread',
]

/** The figures as a Markdown table, which is as readable in a terminal. */
export function table(findings: readonly Finding[]): string {
  const rows = [headings, ...findings.map(rowOf)]
  const widths = headings.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  const lines = rows.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`)
  lines.splice(1, 0, `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`)
  return lines.join('\n')
}

function rowOf(finding: Finding): string[] {
  if ('skipped' in finding) return [finding.figure, `skipped: ${finding.skipped}`, ...Array(7).fill('')]
  const { figure, value, unit, against, againstValue, ratio, target, runs, spread } = finding
  const met = reached(finding)
  return [
    figure,
    `${short(value)} ${unit}`,
    against,
    `${short(againstValue)} ${unit}`,
    ratio.toFixed(2),
    target === null ? '' : `≥ ${target}`,
    met === null ? '' : met ? 'yes' : 'no',
    String(runs),
    `${Math.round(spread * 100)} %`,
  ]
}

const short = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3))

/** What stands in RESULTS.md. */
export function page(machine: readonly string[], groups: readonly Group[]): string {
  const sections = groups.map(({ name, summary, material, findings }) =>
    [`## ${name}: ${summary}`, material.map((line) => `- ${line}`).join('\n'), table(findings)]
      .filter((part) => part !== '')
      .join('\n\n'),
  )
  const intro = `# Results

Written by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}. Every figure is a ratio to a floor or a peer that took turns with mediamill on the
same files in the same run, the page cache warm: the median of the rounds' ratios, larger being better for mediamill. Spread
is the largest minus the smallest ratio, as a share of the median. Times of other machines are not to be compared.

${machine.map((line) => `- ${line}`).join('\n')}`
  return `${[intro, ...sections].join('\n\n')}\n`
}

/** A bench that was run. */
export interface Group {
  readonly name: string
  readonly summary: string
  readonly material: readonly string[]
  readonly findings: readonly Finding[]
}
