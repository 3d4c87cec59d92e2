/** The share of pairs of one with and one without the flaw that the numbers put in the right order; ties count half. */
export function auroc(withFlaw: readonly number[], without: readonly number[]): number {
  const all = [...withFlaw.map((value) => ({ value, has: 1 })), ...without.map((value) => ({ value, has: 0 }))]
  const ranks = ranksOf(all.map(({ value }) => value))
  const sum = all.reduce((total, { has }, at) => total + has * (ranks[at] ?? 0), 0)
  const [n, m] = [withFlaw.length, without.length]
  return (sum - (n * (n - 1)) / 2) / (n * m)
}

/** Spearman's rank correlation; ties share their ranks. 0 when one side is all ties. */
export function spearman(one: readonly number[], other: readonly number[]): number {
  const [a, b] = [ranksOf(one), ranksOf(other)]
  const middle = (a.length - 1) / 2
  let [product, first, second] = [0, 0, 0]
  for (const [at, rank] of a.entries()) {
    const [x, y] = [rank - middle, (b[at] ?? 0) - middle]
    product += x * y
    first += x * x
    second += y * y
  }
  return first * second === 0 ? 0 : product / Math.sqrt(first * second)
}

/** Ranks from 0 on. */
function ranksOf(values: readonly number[]): number[] {
  const order = values.map((_, at) => at).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0))
  const ranks: number[] = []
  for (let start = 0; start < order.length; ) {
    let end = start
    while (end < order.length && values[order[end] ?? 0] === values[order[start] ?? 0]) end++
    for (let at = start; at < end; at++) ranks[order[at] ?? 0] = (start + end - 1) / 2
    start = end
  }
  return ranks
}

/** The mean; 0 of nothing. */
export const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length
