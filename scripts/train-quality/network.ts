import type { IssueKind } from '../../src/operations/quality/assess.ts'
import { type Detector, logistic, standardise } from '../../src/operations/quality/model.ts'
import type { Row } from './dataset.ts'
import { hiddenUnitsOf, inputsOf } from './inputs.ts'
import { Random } from './random.ts'
import { plainlySeen } from './recipes.ts'

/** What a row teaches about one kind. */
interface Lesson {
  readonly inputs: Float64Array
  /** 1 with the flaw, 0 without; undefined where it may or may not be seen. */
  readonly isThere: 0 | 1 | undefined
  readonly severity: number | undefined
  readonly weight: number
}

const rounds = 45
const batch = 32
/** Noise on the inputs while training, in spreads: scenes are few, and none of them shall be learned by heart. */
const jitter = 0.25
const decay = 2e-4

/** Whether a row has this flaw, plainly: undefined where that can not be said. */
export function truthOf(row: Row, kind: IssueKind): 0 | 1 | undefined {
  const severity = row.flaws[kind]
  if (severity !== undefined) return severity >= plainlySeen ? 1 : undefined
  return row.unsure.includes(kind) ? undefined : 0
}

/** Trains one detector by gradient steps (Adam), the same for the same rows and seed. */
export function train(kind: IssueKind, rows: readonly Row[], seed: string): Detector {
  const inputs = inputsOf[kind] ?? []
  const scales = scalesOf(inputs, rows)
  const lessons = lessonsOf(kind, rows, scales)
  const random = new Random(`${seed} ${kind}`)
  const size = inputs.length
  const width = size + 1
  const hiddenUnits = hiddenUnitsOf[kind] ?? 8
  // All weights in one row: hidden units, then the two answers.
  const weights = new Float64Array(hiddenUnits * width + 2 * (hiddenUnits + 1))
  const answers = hiddenUnits * width
  for (let at = 0; at < weights.length; at++)
    weights[at] = random.normal() * (at < answers ? 0.5 / Math.sqrt(size) : 0.3)
  const gradient = new Float64Array(weights.length)
  const first = new Float64Array(weights.length)
  const second = new Float64Array(weights.length)
  const hidden = new Float64Array(hiddenUnits)
  const order = lessons.map((_, at) => at)
  let step = 0
  for (let round = 0; round < rounds; round++) {
    for (let at = order.length - 1; at > 0; at--) {
      const other = random.integer(0, at)
      const held = order[at] ?? 0
      order[at] = order[other] ?? 0
      order[other] = held
    }
    const rate = 0.006 * (0.02 + 0.98 * (0.5 + 0.5 * Math.cos((Math.PI * round) / rounds)))
    for (let start = 0; start < order.length; start += batch) {
      gradient.fill(0)
      const end = Math.min(order.length, start + batch)
      for (let place = start; place < end; place++) {
        const lesson = lessons[order[place] ?? 0]
        if (!lesson) continue
        const inputs = lesson.inputs.map((value) => value + jitter * random.normal())
        learn({ ...lesson, inputs }, weights, gradient, hidden, width)
      }
      step++
      const [c1, c2] = [1 - 0.9 ** step, 1 - 0.999 ** step]
      for (let at = 0; at < weights.length; at++) {
        const slope = (gradient[at] as number) / (end - start)
        const m = 0.9 * (first[at] as number) + 0.1 * slope
        const v = 0.999 * (second[at] as number) + 0.001 * slope * slope
        first[at] = m
        second[at] = v
        weights[at] =
          (weights[at] as number) * (1 - decay * rate * 100) - (rate * (m / c1)) / (Math.sqrt(v / c2) + 1e-8)
      }
    }
  }
  return packed(kind, scales, weights, hiddenUnits)
}

type Scales = Pick<Detector, 'inputs' | 'centre' | 'spread'>

/** Medians, and the spread of the middle, so that few far values change nothing. */
function scalesOf(inputs: readonly string[], rows: readonly Row[]): Scales {
  const quantiles = inputs.map((name) => {
    const sorted = Float64Array.from(rows, ({ features }) => features[name] ?? 0).sort()
    const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? 0
    return { centre: rounded(at(0.5), 4), spread: rounded(Math.max((at(0.9) - at(0.1)) / 2.2, 1e-3), 4) }
  })
  return { inputs, centre: quantiles.map(({ centre }) => centre), spread: quantiles.map(({ spread }) => spread) }
}

function lessonsOf(kind: IssueKind, rows: readonly Row[], scales: Scales): Lesson[] {
  const truths = rows.map((row) => truthOf(row, kind))
  const there = truths.filter((truth) => truth === 1).length
  const clean = rows.filter((row, at) => truths[at] === 0 && Object.keys(row.flaws).length === 0).length
  const other = truths.filter((truth) => truth === 0).length - clean
  return rows.flatMap((row, at): Lesson[] => {
    const isThere = truths[at]
    const severity = row.flaws[kind] ?? (isThere === 0 ? 0 : undefined)
    if (isThere === undefined && severity === undefined) return []
    // Flawless pictures weigh as much as all other flaws together: a false alarm about a good picture is the worst answer.
    const weight = isThere === 1 ? 1 / there : Object.keys(row.flaws).length === 0 ? 0.7 / clean : 0.7 / other
    return [{ inputs: standardise(scales, row.features), isThere, severity, weight: (weight * rows.length) / 3 }]
  })
}

function learn(
  { inputs, isThere, severity, weight }: Lesson,
  weights: Float64Array,
  gradient: Float64Array,
  hidden: Float64Array,
  width: number,
): void {
  const size = inputs.length
  const hiddenUnits = hidden.length
  const confidenceAt = hiddenUnits * width
  const severityAt = confidenceAt + hiddenUnits + 1
  let confidence = weights[confidenceAt + hiddenUnits] as number
  let seen = weights[severityAt + hiddenUnits] as number
  for (let unit = 0; unit < hiddenUnits; unit++) {
    let sum = weights[unit * width + size] as number
    for (let at = 0; at < size; at++) sum += (weights[unit * width + at] as number) * (inputs[at] as number)
    const value = Math.tanh(sum)
    hidden[unit] = value
    confidence += (weights[confidenceAt + unit] as number) * value
    seen += (weights[severityAt + unit] as number) * value
  }
  const confidenceError = isThere === undefined ? 0 : weight * (logistic(confidence) - isThere)
  const guess = logistic(seen)
  // Where the flaw is, its severity has to be right; where not, small.
  const severityError = severity === undefined ? 0 : (severity > 0 ? 6 : 1) * weight * (guess - severity)
  gradient[confidenceAt + hiddenUnits] = (gradient[confidenceAt + hiddenUnits] as number) + confidenceError
  gradient[severityAt + hiddenUnits] = (gradient[severityAt + hiddenUnits] as number) + severityError
  for (let unit = 0; unit < hiddenUnits; unit++) {
    const value = hidden[unit] as number
    const back =
      (confidenceError * (weights[confidenceAt + unit] as number) +
        severityError * (weights[severityAt + unit] as number)) *
      (1 - value * value)
    gradient[confidenceAt + unit] = (gradient[confidenceAt + unit] as number) + confidenceError * value
    gradient[severityAt + unit] = (gradient[severityAt + unit] as number) + severityError * value
    const row = unit * width
    for (let at = 0; at < size; at++)
      gradient[row + at] = (gradient[row + at] as number) + back * (inputs[at] as number)
    gradient[row + size] = (gradient[row + size] as number) + back
  }
}

const rounded = (value: number, digits: number): number => Number(value.toPrecision(digits))

function packed(kind: IssueKind, scales: Scales, weights: Float64Array, hiddenUnits: number): Detector {
  const width = scales.inputs.length + 1
  const part = (from: number, length: number): number[] =>
    [...weights.subarray(from, from + length)].map((value) => Math.round(value * 100) / 100)
  const answers = hiddenUnits * width
  return {
    kind,
    ...scales,
    hidden: Array.from({ length: hiddenUnits }, (_, unit) => part(unit * width, width)),
    confidence: part(answers, hiddenUnits + 1),
    severity: part(answers + hiddenUnits + 1, hiddenUnits + 1),
  }
}
