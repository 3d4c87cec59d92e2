import type { IssueKind } from '../../src/operations/quality/assess.ts'
import type { Rgb } from './degrade.ts'
import * as degrade from './degrade.ts'
import type { Random } from './random.ts'
import { trapsOf } from './traps.ts'

/** Which flaws a picture was given, and how bad on the scale that the model is to learn. */
export type Flaws = Partial<Readonly<Record<IssueKind, number>>>

/** A made picture and what is known of it. */
export interface Made {
  readonly picture: Rgb
  readonly flaws: Flaws
  /** Kinds that may or may not be seen in it: it teaches nothing about them and is not counted. */
  readonly unsure: readonly IssueKind[]
}

/** A way of making one; those of one `ladder` get worse with the `level`, the others have none. */
export interface Recipe {
  readonly name: string
  readonly ladder?: IssueKind
  readonly level?: number
  make(picture: Rgb, random: Random): Promise<Made>
}

/** From here on a flaw has to be seen; below it is neither right nor wrong to see it. */
export const plainlySeen = 0.245

const between = (points: readonly (readonly [number, number])[], at: number): number => {
  const upper = points.findIndex(([x]) => x >= at)
  const [high, low] = [points[upper < 0 ? points.length - 1 : upper], points[Math.max(0, upper - 1)]]
  if (!high || !low || high[0] === low[0] || upper < 0) return high?.[1] ?? 0
  return low[1] + ((high[1] - low[1]) * (at - low[0])) / (high[0] - low[0])
}

/** How bad each flaw is by its cause, 0–1. */
export const severityOf = {
  blur: (sigma: number): number => clamp(Math.log2(sigma / 0.5) / 4),
  move: (length: number): number => clamp(Math.log2(length / 3) / 4),
  noise: (sigma: number): number => clamp(Math.log2(sigma / 0.9) / 4.6),
  jpeg: (quality: number): number =>
    between(
      [
        [4, 0.97],
        [5, 0.95],
        [10, 0.8],
        [20, 0.63],
        [30, 0.5],
        [40, 0.4],
        [45, 0.35],
        [60, 0.2],
        [75, 0.05],
      ],
      quality,
    ),
  webp: (quality: number): number =>
    between(
      [
        [0, 0.85],
        [5, 0.75],
        [20, 0.45],
        [40, 0.27],
        [70, 0.1],
      ],
      quality,
    ),
  avif: (quality: number): number =>
    between(
      [
        [5, 0.85],
        [12, 0.65],
        [22, 0.45],
        [35, 0.26],
        [50, 0.1],
      ],
      quality,
    ),
  stops: (stops: number): number => clamp(Math.abs(stops) * 0.3),
  flat: (factor: number): number => clamp(1 - factor),
  cast: (stops: number): number => clamp(stops * 0.55),
  bands: (levels: number): number => clamp(Math.log2(64 / levels) / 3.5 + 0.1),
  enlarge: (factor: number): number => clamp(Math.log2(factor) / 2.9),
}

const clamp = (value: number): number => Math.min(1, Math.max(0, value))

/** What one flaw may be taken for. */
const alike: Partial<Record<IssueKind, readonly IssueKind[]>> = {
  underexposed: ['low-contrast', 'banding'],
  overexposed: ['low-contrast'],
  banding: ['compression', 'noise'],
  'low-resolution': ['blur', 'motion-blur', 'compression'],
  'low-contrast': ['banding'],
}

const made = (picture: Rgb, flaws: Flaws, unsure: readonly IssueKind[] = []): Made => {
  const kinds = Object.keys(flaws) as IssueKind[]
  return {
    picture,
    flaws,
    unsure: [...unsure, ...kinds.flatMap((kind) => alike[kind] ?? [])].filter((kind) => !(kind in flaws)),
  }
}

/** As pictures come out of cameras and editors: mostly as good JPEGs. */
async function finish(picture: Rgb, random: Random, worst = 86): Promise<Rgb> {
  const draw = random.next()
  if (draw < 0.33) return picture
  const quality = random.integer(worst, 97)
  return draw < 0.9
    ? degrade.recode(picture, 'jpeg', quality, random.next() < 0.5)
    : degrade.recode(picture, 'webp', Math.max(88, quality))
}

type Degradation = (picture: Rgb, random: Random) => Promise<{ picture: Rgb; severity: number; unsure?: IssueKind[] }>

const spreadBy = (value: number, random: Random): number => value * 2 ** random.between(-0.2, 0.2)

const steps: Partial<Record<IssueKind, readonly Degradation[]>> = {
  blur: [0.75, 1.05, 1.5, 2.1, 3.1, 5].map((step) => async (picture, random) => {
    const sigma = spreadBy(step, random)
    const isLens = random.next() < 0.3 && sigma > 1 && sigma < 4
    const blurred = isLens ? degrade.defocus(picture, sigma * 2) : await degrade.blur(picture, sigma)
    return { picture: blurred, severity: severityOf.blur(sigma) }
  }),
  'motion-blur': [6.5, 10, 16, 26].map((step) => async (picture, random) => {
    const length = spreadBy(step, random)
    const bend = random.next() < 0.35 ? random.between(-70, 70) : 0
    const severity = severityOf.move(length)
    return { picture: degrade.move(picture, length, random.between(0, 180), bend), severity }
  }),
  noise: [2.1, 2.8, 4.2, 7, 12, 20].map((step) => async (picture, random) => {
    const sigma = spreadBy(step, random)
    const kind = random.pick(['channels', 'channels', 'luma', 'light', 'specks'] as const)
    return { picture: await degrade.addNoise(picture, sigma, kind, random), severity: severityOf.noise(sigma) }
  }),
  compression: [60, 44, 32, 20, 11, 5].map((step) => async (picture, random) => {
    const quality = Math.round(spreadBy(step, random))
    const coded = await degrade.recode(picture, 'jpeg', quality, random.next() < 0.3)
    return { picture: await afterCoding(coded, random), severity: severityOf.jpeg(quality) }
  }),
  underexposed: [-0.7, -1, -1.5, -2, -3, -4].map((step) => async (picture, random) => {
    const stops = step * random.between(0.92, 1.08)
    return { picture: degrade.expose(picture, stops), severity: severityOf.stops(stops) }
  }),
  overexposed: [0.7, 1, 1.5, 2, 3].map((step) => async (picture, random) => {
    const stops = step * random.between(0.92, 1.08)
    return { picture: degrade.expose(picture, stops), severity: severityOf.stops(stops) }
  }),
  'low-contrast': [0.8, 0.6, 0.45, 0.28].map((step) => async (picture, random) => {
    const factor = step * random.between(0.9, 1.1)
    const isCentred = random.next() < 0.5
    const around = isCentred ? 128 : random.between(50, 205)
    const unsure: IssueKind[] = isCentred ? [] : ['underexposed', 'overexposed']
    return { picture: degrade.flatten(picture, factor, around), severity: severityOf.flat(factor), unsure }
  }),
  'color-cast': [0.4, 0.65, 1, 1.5].map((step) => async (picture, random) => {
    const size = step * random.between(0.9, 1.1)
    const hue = random.between(0, 2 * Math.PI)
    // Along the daylight axis more often than across it, as white balances fail.
    const [warm, green] = [Math.cos(hue), Math.sin(hue) * 0.7]
    const stops = [(warm * size) / 2, (green * size) / 2, (-warm * size) / 2]
    const strongest = Math.max(...stops)
    const turned = degrade.tint(
      picture,
      stops.map((stop) => stop - strongest * 0.5),
    )
    return { picture: turned, severity: severityOf.cast(Math.hypot(warm, green) * size) }
  }),
  banding: [40, 24, 14, 8].map((step) => async (picture, random) => {
    const levels = Math.round(spreadBy(step, random))
    return { picture: degrade.posterise(picture, levels), severity: severityOf.bands(levels) }
  }),
  'low-resolution': [1.5, 2.1, 3, 4.2, 6].map((step) => async (picture, random) => {
    const factor = spreadBy(step, random)
    const larger = await degrade.enlarge(picture, factor, random.pick(degrade.kernels))
    return { picture: larger, severity: severityOf.enlarge(factor) }
  }),
}

/** What happens to pictures after they were coded too sparsely: saved again, scaled, cropped, or nothing. */
async function afterCoding(picture: Rgb, random: Random): Promise<Rgb> {
  const draw = random.next()
  if (draw < 0.4) return picture
  const moved =
    draw < 0.6
      ? await degrade.cut(picture, random.integer(1, 7), random.integer(1, 7))
      : draw < 0.75
        ? await degrade.scale(
            picture,
            random.between(0.72, 1.25),
            random.pick(['cubic', 'lanczos3', 'linear'] as const),
          )
        : picture
  return finish(moved, random, 90)
}

const ladders: Recipe[] = (Object.keys(steps) as IssueKind[]).flatMap((kind) =>
  (steps[kind] ?? []).map(
    (step, index): Recipe => ({
      name: `${kind} ${index + 1}`,
      ladder: kind,
      level: index + 1,
      async make(original, random) {
        const { picture, severity, unsure } = await step(original, random)
        const isWhole = kind === 'compression' || (kind === 'banding' && random.next() < 0.5)
        const worst = kind === 'noise' || kind === 'banding' ? 92 : 86
        return made(isWhole ? picture : await finish(picture, random, worst), { [kind]: severity }, unsure)
      },
    }),
  ),
)

const otherCoders: Recipe[] = (
  [
    ['webp', 36],
    ['webp', 15],
    ['webp', 2],
    ['avif', 24],
    ['avif', 12],
  ] as const
).map(([format, quality]) => ({
  name: `${format} ${quality}`,
  async make(original, random) {
    const picture = await degrade.recode(original, format, quality)
    const finished = random.next() < 0.6 ? picture : await finish(picture, random, 92)
    return made(finished, { compression: severityOf[format](quality) }, ['blur'])
  },
}))

const flawless: Recipe[] = [
  { name: 'as it is', make: async (picture) => made(picture, {}) },
  ...[95, 88].map(
    (quality): Recipe => ({
      name: `good JPEG ${quality}`,
      make: async (picture, random) => made(await degrade.recode(picture, 'jpeg', quality, random.next() < 0.5), {}),
    }),
  ),
  ...[1, 2, 3, 4, 5, 6].map(
    (number): Recipe => ({
      name: `edited ${number}`,
      async make(original, random) {
        let picture = random.next() < 0.5 ? await degrade.mirror(original) : original
        const gamma = random.between(0.88, 1.14)
        if (random.next() < 0.6) picture = degrade.map(picture, (value) => 255 * (value / 255) ** gamma)
        if (random.next() < 0.4)
          picture = degrade.tint(
            picture,
            [0, 1, 2].map(() => random.between(-0.06, 0.06)),
          )
        if (random.next() < 0.5)
          picture = await degrade.sharpen(picture, random.between(0.5, 1.2), random.between(0.3, 1.5))
        return made(await finish(picture, random, 80), {})
      },
    }),
  ),
]

const traps: Recipe[] = (Object.keys(trapsOf) as (keyof typeof trapsOf)[]).map((name) => ({
  name,
  async make(original, random) {
    const picture = await trapsOf[name](original, random)
    return made(await finish(picture, random), {}, name === 'night' ? ['color-cast', 'banding'] : [])
  },
}))

/** Two or three flaws at once, in the order in which they come about. */
const mixtures: Recipe[] = Array.from({ length: 7 }, (_, number) => ({
  name: `mixture ${number + 1}`,
  async make(original, random) {
    const stages: readonly (readonly [IssueKind, ...IssueKind[]])[] = [
      ['underexposed', 'overexposed', 'low-contrast', 'color-cast'],
      ['blur', 'motion-blur', 'low-resolution'],
      ['noise'],
      ['compression'],
    ]
    const skipped = random.integer(0, 3)
    const alsoSkipped = random.next() < 0.75 ? (skipped + random.integer(1, 3)) % 4 : -1
    let picture = original
    const flaws: Partial<Record<IssueKind, number>> = {}
    const unsure: IssueKind[] = []
    for (const [index, kinds] of stages.entries()) {
      if (index === skipped || index === alsoSkipped) continue
      const kind = random.pick(kinds)
      const choices = steps[kind] ?? []
      const step = choices[random.integer(1, choices.length - 2)]
      if (!step) continue
      const done = await step(picture, random)
      picture = done.picture
      flaws[kind] = done.severity
      unsure.push(...(done.unsure ?? []))
    }
    // Blur and coding swallow each other, and noise hides both.
    if (flaws.noise !== undefined || flaws.compression !== undefined) {
      for (const kind of ['blur', 'motion-blur', 'low-resolution'] as const)
        if (flaws[kind] === undefined) unsure.push(kind)
    }
    if (flaws.compression !== undefined && flaws.noise !== undefined) unsure.push('noise')
    return made(picture, flaws, unsure)
  },
}))

/** Everything that is made of one picture. */
export const recipes: readonly Recipe[] = [...flawless, ...traps, ...ladders, ...otherCoders, ...mixtures]
