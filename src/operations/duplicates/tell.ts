import { formatBytes, formatCount } from '../../units.ts'
import type { Duplicates } from './result.ts'

/** More groups than this are for programs and pages. */
const mostTold = 25

/** The groups in a few lines for a terminal: what is kept and why, and what could go. */
export function tellDuplicates({ groups, totals }: Duplicates): string[] {
  if (groups.length === 0) return ['No duplicates were found.']
  const lines = groups.slice(0, mostTold).flatMap(({ keep, keepPath, reason, members }) => [
    `keep   ${keepPath}  (${reason})`,
    ...members
      .filter(({ path }) => path !== keepPath)
      .map(({ asset, path, similarity, transform, link }) => {
        const how = link ? 'link' : asset === keep ? 'same' : `${Math.floor(100 * similarity)} %`
        return `${how.padStart(6)} ${path}${transform ? `  (${transform})` : ''}`
      }),
    '',
  ])
  const untold = groups.length - mostTold
  const more = untold > 0 ? [`… and ${formatCount(untold)} more groups; --json has them all.`, ''] : []
  const total = `${formatCount(totals.groups)} groups: ${formatCount(totals.exact)} of byte copies, ${formatCount(totals.near)} of look-alikes. ${formatCount(totals.duplicates)} files (${formatBytes(totals.reclaimableBytes)}) could go.`
  return [...lines, ...more, total]
}
