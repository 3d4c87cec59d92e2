import type { IssueKind } from './assess.ts'
import type { Features } from './features.ts'

/** A small neural network that sees one kind of flaw: one hidden layer, and two answers. Written by `npm run train:quality`. */
export interface Detector {
  readonly kind: IssueKind
  /** Names of the features it looks at. */
  readonly inputs: readonly string[]
  readonly centre: readonly number[]
  readonly spread: readonly number[]
  /** For each hidden unit the weights of the inputs, then its bias. */
  readonly hidden: readonly (readonly number[])[]
  /** Weights of the hidden units, then the bias. */
  readonly confidence: readonly number[]
  readonly severity: readonly number[]
}

/** What a detector says of a picture. */
export interface Finding {
  /** How likely the flaw is there, 0–1. */
  readonly confidence: number
  /** How bad it is, 0–1, whether or not it is likely. */
  readonly severity: number
}

/** How far from the usual, in spreads, a feature may pull: beyond, the network has seen nothing and would only guess. */
const farthest = 3

/** Asks one detector. */
export function detect(detector: Detector, features: Features): Finding {
  const inputs = standardise(detector, features)
  const hidden = detector.hidden.map((weights) => Math.tanh(weighted(weights, inputs)))
  return {
    confidence: logistic(weighted(detector.confidence, hidden)),
    severity: logistic(weighted(detector.severity, hidden)),
  }
}

/** The inputs in spreads from their centre, bounded. */
export function standardise(
  { inputs, centre, spread }: Pick<Detector, 'inputs' | 'centre' | 'spread'>,
  features: Features,
): Float64Array {
  return Float64Array.from(inputs, (name, at) => {
    const value = ((features[name] ?? 0) - (centre[at] ?? 0)) / (spread[at] ?? 1)
    return Math.min(farthest, Math.max(-farthest, value))
  })
}

/** 0–1 of any number. */
export const logistic = (value: number): number => 1 / (1 + Math.exp(-value))

/** The sum of products; the last weight is the bias. */
function weighted(weights: readonly number[], values: ArrayLike<number>): number {
  let sum = weights[values.length] ?? 0
  for (let at = 0; at < values.length; at++) sum += (weights[at] ?? 0) * (values[at] ?? 0)
  return sum
}
