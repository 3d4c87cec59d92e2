import { type IssueKind, issueKinds } from '../../src/operations/quality/assess.ts'
import { type Detector, detect, type Finding } from '../../src/operations/quality/model.ts'
import { settle } from '../../src/operations/quality/settle.ts'
import type { Row } from './dataset.ts'
import { auroc, mean, spearman } from './figures.ts'
import { inputsOf } from './inputs.ts'
import { train, truthOf } from './network.ts'
import { Random } from './random.ts'

/** Kinds that are learned; the others are told by facts of the file. */
export const learnedKinds = Object.keys(inputsOf) as IssueKind[]

/** In how many parts the scenes are split. */
export const foldCount = 5

/** Detectors that never saw the scenes of one part. */
export interface Fold {
  readonly scenes: ReadonlySet<string>
  readonly detectors: readonly Detector[]
}

/** Trains once for each part of the scenes, without it. All pictures of one scene are in one part. */
export function trainFolds(rows: readonly Row[], seed: string, tell: (text: string) => void): Fold[] {
  const random = new Random(`${seed} folds`)
  const scenes = [...new Set(rows.map(({ scene }) => scene))]
    .map((scene) => ({ scene, place: random.next() }))
    .sort((a, b) => a.place - b.place)
    .map(({ scene }) => scene)
  return Array.from({ length: foldCount }, (_, number) => {
    const held = new Set(scenes.filter((_scene, at) => at % foldCount === number))
    const others = rows.filter(({ scene }) => !held.has(scene))
    const detectors = learnedKinds.map((kind) => train(kind, others, seed))
    tell(`part ${number + 1} of ${foldCount}`)
    return { scenes: held, detectors }
  })
}

/** A row with what detectors say of it that never saw its scene. */
export interface Judged {
  readonly row: Row
  readonly findings: Readonly<Partial<Record<IssueKind, Finding>>>
}

/** Each row by the detectors of the part it was held back from. */
export function judgeUnseen(rows: readonly Row[], folds: readonly Fold[]): Judged[] {
  return rows.map((row) => {
    const fold = folds.find(({ scenes }) => scenes.has(row.scene))
    const findings = Object.fromEntries(
      (fold?.detectors ?? []).map((detector) => [detector.kind, detect(detector, row.features)]),
    )
    return { row, findings }
  })
}

/** The findings of one row seen together, as the program does in the end. */
export function settled({ row, findings }: Judged): Judged {
  const nothing = { confidence: 0, severity: 0 }
  const all = Object.fromEntries(issueKinds.map((kind) => [kind, findings[kind] ?? nothing]))
  return { row, findings: settle(all as Record<IssueKind, Finding>) }
}

/** The share of flawless pictures of unseen scenes for which each kind may be listed: most for what is hardest to tell. */
const mayBeWrong: Partial<Readonly<Record<IssueKind, number>>> = {
  blur: 0.018,
  'motion-blur': 0.002,
  noise: 0.012,
  compression: 0.006,
  underexposed: 0.005,
  overexposed: 0.025,
  'low-contrast': 0.003,
  'color-cast': 0.003,
  banding: 0.003,
  'low-resolution': 0.003,
}

/**
 * Moves every detector's answers so that confidence 0.5, from which flaws are listed, is where few unseen flawless pictures
 * reach. AUROC and ranks stay as they are.
 */
export function calibrated<Asked extends Detector>(detectors: readonly Asked[], judged: readonly Judged[]): Asked[] {
  return detectors.map((detector) => {
    const { kind, confidence } = detector
    const flawless = judged
      .filter(({ row }) => Object.keys(row.flaws).length === 0 && truthOf(row, kind) === 0)
      .map(({ findings }) => findings[kind]?.confidence ?? 0)
      .sort((a, b) => b - a)
    const cut = Math.min(0.999, Math.max(0.2, flawless[Math.floor(flawless.length * (mayBeWrong[kind] ?? 0))] ?? 0.5))
    const bias = (confidence.at(-1) ?? 0) - Math.log(cut / (1 - cut))
    return { ...detector, confidence: [...confidence.slice(0, -1), Math.round(bias * 100) / 100] }
  })
}

/** How well one kind is found. */
export interface KindFigures {
  readonly kind: IssueKind
  /** Against flawless pictures, and against all without this flaw. */
  readonly againstFlawless: number
  readonly againstAll: number
  /** Spearman's correlation of severity and level within a ladder, the flawless picture as level 0; its mean. */
  readonly severityRanks: number
  /** Share with the flaw that is listed, and of flawless pictures for which it is listed. */
  readonly found: number
  readonly falseAlarms: number
}

/** The figures of all learned kinds over rows. */
export function figuresOf(judged: readonly Judged[]): KindFigures[] {
  return learnedKinds.map((kind) => {
    const confidence = ({ findings }: Judged): number => findings[kind]?.confidence ?? 0
    const there = judged.filter(({ row }) => truthOf(row, kind) === 1).map(confidence)
    const absent = judged.filter(({ row }) => truthOf(row, kind) === 0)
    const flawless = absent.filter(({ row }) => Object.keys(row.flaws).length === 0).map(confidence)
    return {
      kind,
      againstFlawless: auroc(there, flawless),
      againstAll: auroc(there, absent.map(confidence)),
      severityRanks: mean(ladderRanks(judged, kind)),
      found: there.filter((value) => value >= 0.5).length / there.length,
      falseAlarms: flawless.filter((value) => value >= 0.5).length / flawless.length,
    }
  })
}

function ladderRanks(judged: readonly Judged[], kind: IssueKind): number[] {
  const ladders = new Map<string, Judged[]>()
  for (const entry of judged) {
    const { row } = entry
    if (row.ladder !== kind && row.recipe !== 'as it is') continue
    ladders.set(row.of, [...(ladders.get(row.of) ?? []), entry])
  }
  return [...ladders.values()]
    .filter((ladder) => ladder.length >= 3)
    .map((ladder) =>
      spearman(
        ladder.map(({ findings }) => findings[kind]?.severity ?? 0),
        ladder.map(({ row }) => row.flaws[kind] ?? 0),
      ),
    )
}

/** Share of flawless pictures (drawn ones and traps included) for which anything is listed. */
export function falseAlarmsOf(judged: readonly Judged[]): number {
  const flawless = judged.filter(({ row }) => Object.keys(row.flaws).length === 0)
  const wrong = flawless.filter(({ row, findings }) =>
    learnedKinds.some((kind) => truthOf(row, kind) === 0 && (findings[kind]?.confidence ?? 0) >= 0.5),
  )
  return wrong.length / flawless.length
}
