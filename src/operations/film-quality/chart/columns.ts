/** What a line passes through in one column of pixels. */
export interface Column {
  /** Of the stretch, 0–1. */
  readonly share: number
  readonly low: number
  readonly mean: number
  readonly high: number
}

/** Gathers values over time into so many columns; columns without a value are left out. */
export function columnsOf(
  points: readonly { readonly ms: number; readonly value: number }[],
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  count: number,
): Column[] {
  const length = Math.max(1, toMs - fromMs)
  const shares = points.map(({ ms, value }) => ({ share: Math.min(1, Math.max(0, (ms - fromMs) / length)), value }))
  if (shares.length <= count) return shares.map(({ share, value }) => ({ share, low: value, mean: value, high: value }))
  const columns = new Map<number, { low: number; sum: number; high: number; values: number }>()
  for (const { share, value } of shares) {
    const at = Math.min(count - 1, Math.floor(share * count))
    const column = columns.get(at)
    if (column === undefined) columns.set(at, { low: value, sum: value, high: value, values: 1 })
    else {
      column.low = Math.min(column.low, value)
      column.high = Math.max(column.high, value)
      column.sum += value
      column.values++
    }
  }
  return [...columns]
    .sort(([one], [other]) => one - other)
    .map(([at, { low, sum, high, values }]) => ({ share: (at + 0.5) / count, low, mean: sum / values, high }))
}
