import type { Figure } from './bench.ts'

/** What one run of a contestant gave, by name: `{ wholeMs: 3120, workMs: 2890 }`. */
export type Measures = Readonly<Record<string, number>>

/** One side of a comparison. */
export interface Contestant {
  /** `round` is 0 for the run that warms up. */
  run(round: number): Promise<Measures>
  /** Takes part in fewer rounds, and in no warming up: for peers that are slow by an order. */
  readonly rounds?: number
}

/** Lets contestants take turns (A B C, A B C, …), so that whatever else the machine does meets all of them alike. */
export async function interleave<Name extends string>(
  contestants: Readonly<Record<Name, Contestant | undefined>>,
  rounds: number,
  note: (text: string) => void,
): Promise<Record<Name, readonly Measures[]>> {
  const results = {} as Record<Name, Measures[]>
  for (let round = 0; round <= rounds; round++) {
    for (const [name, contestant] of Object.entries(contestants) as [Name, Contestant | undefined][]) {
      results[name] ??= []
      if (!contestant || (contestant.rounds !== undefined && (round === 0 || round > contestant.rounds))) continue
      const measures = await contestant.run(round)
      if (round > 0) results[name].push(measures)
      note(`${round === 0 ? 'warming up' : `round ${round} of ${rounds}`}, ${name}: ${told(measures)}`)
    }
  }
  return results
}

const told = (measures: Measures): string =>
  Object.entries(measures)
    .map(([name, value]) => `${name} ${value.toFixed(1)}`)
    .join(', ')

/** One measure of all runs, divided by a count where it shall be told for each file. */
export const pick = (runs: readonly Measures[], measure: string, by = 1): readonly number[] =>
  runs.map((run) => (run[measure] ?? Number.NaN) / by)

/** The middle value; the mean of the two middle ones of an even number. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const half = sorted.length / 2
  return ((sorted[Math.ceil(half) - 1] ?? Number.NaN) + (sorted[Math.floor(half)] ?? Number.NaN)) / 2
}

/** Compares times, or other numbers of which less is better: each round by itself, then the median of these ratios. */
export function compareTimes(
  ours: readonly number[],
  theirs: readonly number[],
): Pick<Figure, 'value' | 'againstValue' | 'ratio' | 'runs' | 'spread'> {
  const runs = Math.min(ours.length, theirs.length)
  const ratios = Array.from({ length: runs }, (_, round) => (theirs[round] ?? Number.NaN) / (ours[round] ?? Number.NaN))
  const ratio = median(ratios)
  return {
    value: median(ours),
    againstValue: median(theirs),
    ratio,
    runs,
    spread: (Math.max(...ratios) - Math.min(...ratios)) / ratio,
  }
}
