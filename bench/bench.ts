/** One number, set against a floor, a peer or a limit of the same run. */
export interface Figure {
  readonly figure: string
  readonly value: number
  readonly unit: string
  /** What it is measured against. */
  readonly against: string
  readonly againstValue: number
  /** Larger is better for mediamill; 1 means equal. */
  readonly ratio: number
  /** The ratio to reach; null where the figure is only told. */
  readonly target: number | null
  readonly runs: number
  /** Largest minus smallest ratio of the single rounds, as a share of their median. */
  readonly spread: number
}

/** A figure that could not be measured here. */
export interface Skipped {
  readonly figure: string
  readonly skipped: string
}

/** What a bench works with. */
export interface BenchContext<Sizes> {
  readonly sizes: Sizes
  /** Rounds that count; one more before them warms up. */
  readonly runs: number
  /** An empty folder that is removed afterwards. */
  readonly folder: string
  /** Tells people how far it is. */
  note(text: string): void
  /** Names what is measured on; stands above the figures in the report. */
  material(text: string): void
}

/** A group of figures that share their material. */
export interface Bench<Sizes extends Readonly<Record<string, number>> = Readonly<Record<string, number>>> {
  readonly name: string
  readonly summary: string
  /** Sizes by flag, with their defaults: `files: 60` can be changed by `--files 200`. */
  readonly sizes: Sizes
  run(context: BenchContext<Sizes>): AsyncGenerator<Figure | Skipped>
}

/** Ties the sizes that `run` gets to those declared, and does nothing else. */
export function defineBench<Sizes extends Readonly<Record<string, number>>>(bench: Bench<Sizes>): Bench<Sizes> {
  return bench
}
