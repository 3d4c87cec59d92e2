import type { Picture, Pixels } from '../../media/picture.ts'
import type { Call, CorrectionName } from './corrections.ts'
import { type Curve, darkenCurve, gainCurve, stretchCurve, tableOf } from './curves.ts'
import { measureNoise } from './noise-level.ts'
import type { Sharpening } from './sharpen.ts'
import type { Smoothing } from './smooth.ts'
import { measureTones } from './tones.ts'
import { measureBalance } from './white-balance.ts'

/** A correction as it is made, with numbers by which a person can follow it. */
export interface Correction {
  readonly name: CorrectionName
  /** 0–1, how much of the full correction was made. */
  readonly strength: number
  readonly details: Readonly<Record<string, number>>
}

/** What is to be done with the samples of a picture. */
export interface Plan {
  readonly smoothing?: Smoothing
  /** A new value for each value of red, green and blue. */
  readonly tables?: readonly [Uint8Array, Uint8Array, Uint8Array]
  readonly sharpening?: Sharpening
  readonly corrections: readonly Correction[]
}

/** What a plan is made from. */
export interface Findings {
  readonly calls: readonly Call[]
  /** 0–1: how much of each full correction is made. */
  readonly amount: number
  /** Of a JPEG, by its quantisation tables. */
  readonly jpegQuality?: number
}

/** The tones of a picture are those of one of this size. */
const measuredEdge = 512

/** Measures how far each correction has to go. What would change nothing is left out. */
export async function planFor(picture: Picture, full: Pixels, { calls, amount, jpegQuality }: Findings): Promise<Plan> {
  const small = await picture.pixels({ width: measuredEdge, height: measuredEdge, fit: 'inside', as: 'rgb' })
  const noise = calls.length > 0 ? measureNoise(full) : { luma: 0, colour: 0 }
  const corrections: Correction[] = []
  const note = (name: CorrectionName, details: Record<string, number>): void => {
    const rounded = Object.entries(details).map(([key, value]) => [key, Math.round(value * 1000) / 1000])
    corrections.push({ name, strength: Math.round(amount * 1000) / 1000, details: Object.fromEntries(rounded) })
  }
  const severityOf = (name: CorrectionName): number => calls.find((call) => call.name === name)?.issue.severity ?? 0
  const has = (name: CorrectionName): boolean => calls.some((call) => call.name === name)

  const block = has('deblock') ? blockThreshold(severityOf('deblock'), jpegQuality) : 0
  const grain = has('denoise') ? Math.min(mostNoise, noise.luma) * noiseFactor : 0
  const colourGrain = has('denoise') ? Math.min(mostNoise, noise.colour) * noiseFactor : 0
  const smoothing: Smoothing = { luma: Math.max(block, grain), colour: Math.max(1.2 * block, colourGrain), amount }
  if (block > 0) note('deblock', { threshold: block })
  if (grain > leastThreshold) note('denoise', { noiseSigma: noise.luma, colorNoiseSigma: noise.colour })
  const isSmoothed = block > 0 || grain > leastThreshold

  const curves = toneCurves(small, calls, amount, note)
  const sharpening: Sharpening = {
    sigma: blurOf(severityOf('sharpen'), Math.max(full.width, full.height)),
    amount: 1.5 * amount,
    noise: 2 * noise.luma,
  }
  if (has('sharpen')) note('sharpen', { sigma: sharpening.sigma, amount: sharpening.amount })
  return {
    corrections,
    ...(isSmoothed ? { smoothing } : {}),
    ...(curves ? { tables: [tableOf(curves[0]), tableOf(curves[1]), tableOf(curves[2])] as const } : {}),
    ...(has('sharpen') ? { sharpening } : {}),
  }
}

// Measured on the corpus: from 2.2 to 3.2 all is well, more takes the texture of grass and fur away.
const noiseFactor = 2.9
const mostNoise = 20
const leastThreshold = 0.5

/** Steps of the usual quantisation table grow so as quality falls; beyond 0.4 of a step edges suffer more than blocks. */
function blockThreshold(severity: number, jpegQuality: number | undefined): number {
  if (jpegQuality === undefined) return 2 + 16 * severity
  const quality = Math.max(3, jpegQuality)
  const scale = quality < 50 ? 50 / quality : 2 - quality / 50
  return 0.4 * 16 * scale
}

/** A guess, as blur of more than a few pixels can not be undone anyway. */
const blurOf = (severity: number, longest: number): number =>
  (0.8 + 1.2 * severity) * Math.min(2.5, Math.max(1, longest / 1440))

type Note = (name: CorrectionName, details: Record<string, number>) => void
type Curves = readonly [red: readonly Curve[], green: readonly Curve[], blue: readonly Curve[]]

/** Curves for the three channels, each correction measured on what those before it left; undefined when none is needed. */
function toneCurves(small: Pixels, calls: readonly Call[], amount: number, note: Note): Curves | undefined {
  const curves: [Curve[], Curve[], Curve[]] = [[], [], []]
  let now = small
  const add = (added: readonly [Curve, Curve, Curve]): void => {
    for (const [channel, curve] of added.entries()) curves[channel]?.push(curve)
    now = withTables(small, [tableOf(curves[0]), tableOf(curves[1]), tableOf(curves[2])])
  }
  for (const { name, issue } of calls) {
    const tones = measureTones(now)
    // What is nearly one tone is a plain area: nothing in it tells how bright it should be.
    if (tones.brightest - tones.darkest < plainRange) break
    if (name === 'white-balance') {
      const [red, green, blue] = measureBalance(now).map((gain) => gain ** amount) as [number, number, number]
      if (Math.max(red, green, blue) / Math.min(red, green, blue) < leastChange) continue
      add([gainCurve(red, tones.whites[0]), gainCurve(green, tones.whites[1]), gainCurve(blue, tones.whites[2])])
      note(name, { red, green, blue })
    } else if (name === 'exposure') {
      const isDark = issue.kind === 'underexposed'
      const gain = (isDark ? brightening(tones.white, tones.middle) : darkening(tones.middle)) ** amount
      if (Math.max(gain, 1 / gain) < leastChange) continue
      const curve = isDark ? gainCurve(gain, tones.white) : darkenCurve(gain)
      add([curve, curve, curve])
      note(name, { stops: Math.log2(gain) })
    } else if (name === 'contrast') {
      const { darkest, brightest } = tones
      const toLow = darkest + (Math.min(darkest, blackTo) - darkest) * amount
      const toHigh = brightest + (Math.max(brightest, whiteTo) - brightest) * amount
      const gain = (toHigh - toLow) / (brightest - darkest)
      if (gain < leastChange) continue
      const curve = stretchCurve(darkest, brightest, toLow, toHigh)
      add([curve, curve, curve])
      note(name, { gain })
    }
  }
  return curves[0].length > 0 ? curves : undefined
}

const plainRange = 8
/** Gains below this are not seen. */
const leastChange = 1.02
const [blackTo, whiteTo] = [15, 242]

/** Well exposed pictures reach about this light; those that do, but are dark, are brightened by their middle, with care. */
const fullWhite = 0.85
const usualMiddle = 0.15

function brightening(white: number, middle: number): number {
  const byWhite = fullWhite / Math.max(white, 0.01)
  return byWhite >= 1.3 ? Math.min(16, byWhite) : Math.min(2.2, Math.max(1, Math.sqrt(usualMiddle / middle)))
}

/** Beyond white nothing is known, so it is the middle that tells, down to two stops. */
const darkening = (middle: number): number => Math.min(1, Math.max(0.25, 0.11 / middle))

/** Pixels with their values replaced; alpha stays. */
function withTables(pixels: Pixels, tables: readonly [Uint8Array, Uint8Array, Uint8Array]): Pixels {
  const data = Buffer.from(pixels.data)
  replaceIn(data, pixels.channels, tables)
  return { ...pixels, data }
}

/** Replaces the values of red, green and blue in place. */
export function replaceIn(
  data: Buffer,
  channels: number,
  [red, green, blue]: readonly [Uint8Array, Uint8Array, Uint8Array],
): void {
  for (let at = 0; at + 2 < data.length; at += channels) {
    data[at] = red[data[at] as number] as number
    data[at + 1] = green[data[at + 1] as number] as number
    data[at + 2] = blue[data[at + 2] as number] as number
  }
}
