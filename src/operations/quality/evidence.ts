import type { Picture } from '../../media/picture.ts'
import { rounded } from '../numbers.ts'
import type { AssessmentHints, Issue, IssueKind } from './assess.ts'
import type { Features } from './features.ts'

/** What evidence is drawn from. */
export interface EvidenceSource {
  readonly features: Features
  readonly picture: Picture
  readonly hints: AssessmentHints
  readonly missing: number
}

/** Numbers by which a person can check a finding, with plain names: pixels, steps of 0–255, shares of 0–1. */
export function evidenceOf(kind: IssueKind, source: EvidenceSource): Issue['evidence'] {
  return by[kind](source, (name) => source.features[name] ?? 0)
}

type Get = (name: string) => number

const by: Readonly<Record<IssueKind, (source: EvidenceSource, get: Get) => Issue['evidence']>> = {
  blur: (_, get) => ({
    edgeWidthPx: rounded(get('edgeUsual'), 2),
    sharpestEdgeWidthPx: rounded(get('edgeSharpest'), 2),
  }),
  'motion-blur': (_, get) => ({
    directionDegrees: get('direction'),
    detailAlongToAcross: rounded(Math.exp(-get('riseMid') / 2), 3),
    edgeWidthPx: rounded(get('edgeUsual'), 2),
  }),
  noise: (_, get) => ({
    noiseSigma: rounded(Math.exp(get('noiseLow')) - 0.1, 2),
    colorNoiseSigma: rounded(Math.exp(get('noiseChroma')) - 0.1, 2),
  }),
  compression: ({ hints }, get) => ({
    ...(hints.jpegQuality === undefined ? {} : { jpegQuality: hints.jpegQuality }),
    stepAtBlockBorders: rounded(Math.exp(get('grid8')), 2),
    equalNeighbours: rounded(get('equalNeighbours'), 3),
  }),
  underexposed: (_, get) => ({
    medianLuma: rounded(get('p50'), 3),
    brightestLuma: rounded(get('p999'), 3),
    darkShare: rounded(get('darkShare'), 3),
  }),
  overexposed: (_, get) => ({
    medianLuma: rounded(get('p50'), 3),
    clippedHighlights: rounded(get('clippedHigh') ** 2, 4),
    whiteShare: rounded(get('clippedWhite') ** 2, 4),
  }),
  'low-contrast': (_, get) => ({
    lumaRange: rounded(get('range'), 3),
    contrast: rounded(get('deviation'), 3),
  }),
  'color-cast': (_, get) => ({
    color: colourOf(get('castNeutralRed'), get('castNeutralWarm')),
    greyStrays: rounded(get('castNeutral'), 3),
    meanStrays: rounded(get('castGrey'), 3),
  }),
  banding: (_, get) => ({
    usedLevels: rounded(get('levelsUsual'), 3),
    largestStep: rounded(get('jumpUsual'), 3),
    emptyLevels: rounded(get('emptyValues'), 3),
  }),
  'low-resolution': ({ picture }, get) => ({
    width: picture.fullWidth,
    height: picture.fullHeight,
    edgeWidthPx: rounded(get('edgeUsual'), 2),
  }),
  corrupt: ({ picture, missing }) => ({
    ...(picture.damage === undefined ? {} : { damage: picture.damage }),
    missingShare: rounded(missing, 3),
  }),
}

/** The colour towards which greys lean: by red against green, and by yellow against blue. */
function colourOf(red: number, warm: number): string {
  const angle = (Math.atan2(warm, red) * 180) / Math.PI
  const names = ['magenta-red', 'orange', 'yellow', 'green-yellow', 'green', 'cyan', 'blue', 'violet'] as const
  return names[Math.round(((angle + 360) % 360) / 45) % 8] ?? 'none'
}
