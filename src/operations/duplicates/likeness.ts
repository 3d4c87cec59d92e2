import { orientPixels } from '../../media/picture/orient.ts'
import { chromaSide, type Look, lumaSide } from '../look.ts'

const cells = lumaSide ** 2
const colours = 2 * chromaSide ** 2

/** Variance, in steps of 0–255, that is put down to rounding and compression: it keeps flat pictures from being alike. */
const noise = 1

/**
 * Standard deviation of luma, its gradient taken away, from which on a picture shows enough to be told by its look. Blank
 * pages, black frames and skies lie below, low-contrast photos above.
 */
const leastDetail = 2.5

/** A letter of a watermark or a stamp fills a few cells; what is left must still agree. */
const ignored = Math.floor(cells * 0.06)

/** Below this a colour is what grey pictures have by compression; twice as much is surely seen. */
const faintColour = 4

/** A look that shows enough to be compared. */
export interface Prepared {
  readonly look: Look
  /** Sum of squares of its luma without mean and gradient. */
  readonly energy: number
}

/** Makes a look ready for comparing; undefined when it shows too little to tell it from others. */
export function prepare(look: Look): Prepared | undefined {
  const energy = subtractPlane(look.luma, scratch)
  return energy < leastDetail ** 2 * cells ? undefined : { look, energy }
}

/** The look of the picture turned by an EXIF orientation 1–8. */
export function turned(look: Look, orientation: number): Look {
  const half = colours / 2
  const cb = turnedPlane(look.chroma.subarray(0, half), chromaSide, orientation)
  const cr = turnedPlane(look.chroma.subarray(half), chromaSide, orientation)
  return { luma: turnedPlane(look.luma, lumaSide, orientation), chroma: Buffer.concat([cb, cr]) }
}

/**
 * How alike pictures look to this one, 0–1, or 0 where that is below `atLeast`. It is the correlation of luma without mean
 * and gradient, so that brightness, contrast and a common gradient say nothing; half of it over all cells and half over
 * those that agree best, for watermarks. Pictures that both have colours must agree in them; one of them may be grey.
 */
export function likenessTo({ look, energy }: Prepared): (other: Prepared, atLeast: number) => number {
  const rest = new Float32Array(cells)
  subtractPlane(look.luma, rest)
  return (other, atLeast) => {
    // What `rest` lacks, mean and gradient, is at right angles to it: the other one's need not be taken away.
    const whole = correlationOf(dot(rest, other.look.luma), energy, other.energy, cells)
    // Even if all that is ignored below were to blame.
    if ((whole + 1) / 2 < atLeast) return 0
    subtractPlane(other.look.luma, scratch)
    const best = Math.max(whole, withoutWorst(rest, energy, scratch, other.energy))
    const value = ((whole + best) / 2) * colourAgreement(look.chroma, other.look.chroma)
    return value < atLeast ? 0 : value
  }
}

/** Reused for each comparison: it is filled and read before anything else runs. */
const scratch = new Float32Array(cells)

const turnedPlane = (plane: Uint8Array, side: number, orientation: number): Uint8Array =>
  orientPixels({ data: Buffer.from(plane), width: side, height: side, channels: 1 }, orientation).data

/** Centred places of cells along a side, for the gradient. */
const places = Float32Array.from({ length: lumaSide }, (_, at) => at - (lumaSide - 1) / 2)
const placesEnergy = lumaSide * places.reduce((sum, place) => sum + place * place, 0)

/** Writes luma without mean and gradient into `rest` and gives the sum of its squares. */
function subtractPlane(luma: Uint8Array, rest: Float32Array): number {
  let [sum, across, down] = [0, 0, 0]
  for (let at = 0; at < cells; at++) {
    // In bounds by the loops; here and below.
    const value = luma[at] as number
    sum += value
    across += value * (places[at % lumaSide] as number)
    down += value * (places[Math.floor(at / lumaSide)] as number)
  }
  const mean = sum / cells
  const [slopeAcross, slopeDown] = [across / placesEnergy, down / placesEnergy]
  let energy = 0
  for (let at = 0; at < cells; at++) {
    const plane =
      mean + slopeAcross * (places[at % lumaSide] as number) + slopeDown * (places[Math.floor(at / lumaSide)] as number)
    const value = (luma[at] as number) - plane
    rest[at] = value
    energy += value * value
  }
  return energy
}

function dot(one: Float32Array, other: Uint8Array): number {
  let sum = 0
  for (let at = 0; at < cells; at++) sum += (one[at] as number) * (other[at] as number)
  return sum
}

const correlationOf = (product: number, energy: number, otherEnergy: number, count: number): number =>
  product / Math.sqrt((energy + noise * count) * (otherEnergy + noise * count))

const differences = new Float32Array(cells)
const sorted = new Float32Array(cells)

/** The correlation over the cells that agree best when both have the same contrast. */
function withoutWorst(one: Float32Array, wholeEnergy: number, other: Float32Array, otherWholeEnergy: number): number {
  const [scale, otherScale] = [1 / Math.sqrt(wholeEnergy), 1 / Math.sqrt(otherWholeEnergy)]
  for (let at = 0; at < cells; at++) {
    differences[at] = Math.abs((one[at] as number) * scale - (other[at] as number) * otherScale)
  }
  sorted.set(differences)
  sorted.sort()
  const limit = sorted[cells - 1 - ignored] as number
  let [count, sum, otherSum, product, energy, otherEnergy] = [0, 0, 0, 0, 0, 0]
  for (let at = 0; at < cells; at++) {
    if ((differences[at] as number) > limit) continue
    const [value, otherValue] = [one[at] as number, other[at] as number]
    count++
    sum += value
    otherSum += otherValue
    product += value * otherValue
    energy += value * value
    otherEnergy += otherValue * otherValue
  }
  return correlationOf(
    product - (sum * otherSum) / count,
    energy - (sum * sum) / count,
    otherEnergy - (otherSum * otherSum) / count,
    count,
  )
}

/** 1 where hues agree or one picture has none, down to 0 where they have nothing in common. Paler or stronger says nothing. */
function colourAgreement(one: Uint8Array, other: Uint8Array): number {
  let [energy, otherEnergy, product] = [0, 0, 0]
  for (let at = 0; at < colours; at++) {
    const [value, otherValue] = [(one[at] as number) - 128, (other[at] as number) - 128]
    energy += value * value
    otherEnergy += otherValue * otherValue
    product += value * otherValue
  }
  const fainter = Math.sqrt(Math.min(energy, otherEnergy) / colours)
  if (fainter <= faintColour) return 1
  const apart = 1 - product / Math.sqrt(energy * otherEnergy)
  // Another white balance turns all hues a little; red for magenta is 0.5 apart.
  const disagreement = Math.min(1, Math.max(0, (apart - 0.2) / 0.4))
  return 1 - disagreement * Math.min(1, fainter / faintColour - 1)
}
