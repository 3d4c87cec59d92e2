import { deflateSync } from 'node:zlib'
import type { WriteOptions } from '../../picture.ts'
import { pngChunk, pngChunks, pngSignature } from '../png-chunks.ts'
import { packRows } from '../write-indexed-png.ts'
import { type Area, changedArea, cutOut } from './changes.ts'
import { type Drawn, shownTimes } from './drawn.ts'
import { openFrame } from './open-frame.ts'
import type { Survey } from './survey.ts'

/** How an APNG is written. */
export interface ApngOptions {
  readonly effort: NonNullable<WriteOptions['effort']>
  readonly icc?: Buffer
}

/**
 * Writes an animation as APNG, without loss. Of each frame after the first only the rectangle stands in it that has changed;
 * up to 256 colours in all go into one palette.
 */
export async function writeApng(drawn: Drawn, found: Survey, { effort, icc }: ApngOptions): Promise<Buffer> {
  const { width, height, delays, loop } = drawn
  const coder = found.colours
    ? new PaletteCoder(found.colours, effort)
    : new SampleCoder(drawn.depth > 8, found.isOpaque, effort)
  const control = Buffer.alloc(8)
  control.writeUInt32BE(delays.length)
  control.writeUInt32BE(loop, 4)
  const parts = [
    pngSignature,
    pngChunk('IHDR', headerOf(width, height, coder)),
    pngChunk('acTL', control),
    ...(icc ? [pngChunk('iCCP', Buffer.concat([Buffer.from('icc\0\0', 'latin1'), deflateSync(icc)]))] : []),
    ...coder.palette,
  ]
  const times = shownTimes(delays)
  let before: Buffer | undefined
  let [frame, sequence] = [0, 0]
  for await (const pixels of drawn.frames()) {
    const area = before ? changedArea(before, pixels, drawn) : { left: 0, top: 0, width, height }
    parts.push(pngChunk('fcTL', frameControl(sequence++, area, times[frame] ?? 100)))
    const coded = await coder.code(cutOut(pixels, drawn, area), area)
    if (!before) parts.push(pngChunk('IDAT', coded))
    else {
      const number = Buffer.alloc(4)
      number.writeUInt32BE(sequence++)
      parts.push(pngChunk('fdAT', Buffer.concat([number, coded])))
    }
    before = pixels
    frame++
  }
  return Buffer.concat([...parts, pngChunk('IEND', Buffer.alloc(0))])
}

/** What turns pixels into the data of a frame. */
interface Coder {
  readonly depth: number
  readonly type: number
  readonly palette: readonly Buffer[]
  code(pixels: Buffer, area: Area): Promise<Buffer>
}

function headerOf(width: number, height: number, { depth, type }: Coder): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width)
  header.writeUInt32BE(height, 4)
  header.set([depth, type], 8)
  return header
}

/** Every frame replaces what lies below, and stays. */
function frameControl(sequence: number, { left, top, width, height }: Area, ms: number): Buffer {
  const control = Buffer.alloc(26)
  for (const [at, value] of [sequence, width, height, left, top].entries()) control.writeUInt32BE(value, 4 * at)
  // Both parts of the fraction have 16 bits.
  const unit = [1000, 100, 10, 1].find((each) => (ms * each) / 1000 <= 65_535) ?? 1
  control.writeUInt16BE(Math.min(65_535, Math.round((ms * unit) / 1000)), 20)
  control.writeUInt16BE(unit, 22)
  return control
}

const levels = { fast: 3, usual: 6, best: 9 } as const

/** Each pixel by the number of its colour. */
class PaletteCoder implements Coder {
  readonly type = 3
  readonly depth: number
  readonly palette: readonly Buffer[]
  readonly #level: number
  readonly #numbers: ReadonlyMap<number, number>

  constructor(colours: readonly number[], effort: ApngOptions['effort']) {
    // Transparency ends with the last colour that has some, so those go first.
    const sorted = colours.toSorted((one, other) => (one & 255) - (other & 255))
    const clear = sorted.filter((colour) => (colour & 255) < 255)
    this.#numbers = new Map(sorted.map((colour, number) => [colour, number]))
    this.#level = levels[effort]
    this.depth = colours.length <= 2 ? 1 : colours.length <= 4 ? 2 : colours.length <= 16 ? 4 : 8
    const table = Buffer.from(sorted.flatMap((colour) => [colour >>> 24, (colour >>> 16) & 255, (colour >>> 8) & 255]))
    const alphas = Buffer.from(clear.map((colour) => colour & 255))
    this.palette = [pngChunk('PLTE', table), ...(clear.length > 0 ? [pngChunk('tRNS', alphas)] : [])]
  }

  async code(pixels: Buffer, { width, height }: Area): Promise<Buffer> {
    const numbers = Buffer.alloc(width * height)
    for (let at = 0; at < numbers.length; at++) numbers[at] = this.#numbers.get(pixels.readUInt32BE(4 * at)) ?? 0
    return deflateSync(packRows(numbers, width, height, this.depth), { level: this.#level, memLevel: 9 })
  }
}

/** Each pixel by its samples, of 8 or 16 bits, without alpha where none is seen. */
class SampleCoder implements Coder {
  readonly type: number
  readonly depth: number
  readonly palette: readonly Buffer[] = []
  readonly #isOpaque: boolean
  readonly #effort: ApngOptions['effort']

  constructor(isDeep: boolean, isOpaque: boolean, effort: ApngOptions['effort']) {
    this.type = isOpaque ? 2 : 6
    this.depth = isDeep ? 16 : 8
    this.#isOpaque = isOpaque
    this.#effort = effort
  }

  async code(pixels: Buffer, area: Area): Promise<Buffer> {
    const [first, ...others] = this.#effort === 'best' ? [true, false] : [true]
    let smallest = await this.#codeWith(pixels, area, first ?? true)
    for (const adaptiveFiltering of others) {
      const coded = await this.#codeWith(pixels, area, adaptiveFiltering)
      if (coded.length < smallest.length) smallest = coded
    }
    return smallest
  }

  async #codeWith(pixels: Buffer, { width, height }: Area, adaptiveFiltering: boolean): Promise<Buffer> {
    const image = openFrame(pixels, { width, height, depth: this.depth > 8 ? 16 : 8 })
    const seen = this.#isOpaque ? image.removeAlpha() : image
    const png = await seen.png({ compressionLevel: levels[this.#effort], adaptiveFiltering }).toBuffer()
    return Buffer.concat([...pngChunks(png)].filter(({ type }) => type === 'IDAT').map(({ data }) => data))
  }
}
