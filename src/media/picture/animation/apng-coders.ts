import { deflateSync } from 'node:zlib'
import type { WriteOptions } from '../../picture.ts'
import { pngChunk, pngChunks } from '../png-chunks.ts'
import { packRows } from '../write-indexed-png.ts'
import type { Area } from './changes.ts'
import type { Drawn } from './drawn.ts'
import { openFrame } from './open-frame.ts'
import type { Survey } from './survey.ts'

type Effort = NonNullable<WriteOptions['effort']>

/** What turns pixels into the data of a frame. */
export interface Coder {
  readonly depth: number
  readonly type: number
  /** Chunks that count for all frames; with gaps in some they tell what stands for one. */
  palette(hasGaps: boolean): readonly Buffer[]
  /** What stands for a pixel through which the one below is seen, as RGBA in one number; absent where there is none. */
  readonly gap?: number
  code(pixels: Buffer, area: Area): Promise<Buffer>
}

/** The coder that suits frames of which so much is known. */
export const coderFor = (drawn: Drawn, found: Survey, effort: Effort): Coder =>
  found.colours
    ? new PaletteCoder(found.colours, found.isOpaque, effort)
    : new SampleCoder(drawn.depth > 8, found, effort)

const levels = { fast: 3, usual: 6, best: 9 } as const

const depthFor = (colours: number): number => (colours <= 2 ? 1 : colours <= 4 ? 2 : colours <= 16 ? 4 : 8)

/** Each pixel by the number of its colour. */
class PaletteCoder implements Coder {
  readonly type = 3
  readonly depth: number
  readonly gap?: number
  readonly #isOpaque: boolean
  readonly #sorted: readonly number[]
  readonly #level: number
  readonly #numbers: ReadonlyMap<number, number>

  constructor(colours: readonly number[], isOpaque: boolean, effort: Effort) {
    this.depth = depthFor(colours.length)
    this.#isOpaque = isOpaque
    const clear = colours.find((colour) => (colour & 255) === 0)
    const hasRoom = colours.length < 256 && depthFor(colours.length + 1) === this.depth
    if (clear !== undefined || hasRoom) this.gap = clear ?? 0
    // Transparency ends with the last colour that has some, so those go first.
    const all = clear === undefined && hasRoom ? [0, ...colours] : colours
    this.#sorted = all.toSorted((one, other) => (one & 255) - (other & 255))
    this.#numbers = new Map(this.#sorted.map((colour, number) => [colour, number]))
    this.#level = levels[effort]
  }

  palette(hasGaps: boolean): readonly Buffer[] {
    const isClear = hasGaps || !this.#isOpaque
    const alphas = Buffer.from(isClear ? this.#sorted.map((colour) => colour & 255).filter((alpha) => alpha < 255) : [])
    const bytes = this.#sorted.flatMap((colour) => [colour >>> 24, (colour >>> 16) & 255, (colour >>> 8) & 255])
    return [pngChunk('PLTE', Buffer.from(bytes)), ...(alphas.length > 0 ? [pngChunk('tRNS', alphas)] : [])]
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
  readonly gap?: number
  readonly #found: Survey
  readonly #effort: Effort

  constructor(isDeep: boolean, found: Survey, effort: Effort) {
    this.type = found.isOpaque ? 2 : 6
    this.depth = isDeep ? 16 : 8
    this.#found = found
    this.#effort = effort
    const { isOpaque, spare } = found
    const gap = isDeep ? undefined : !isOpaque ? 0 : spare === undefined ? undefined : spare * 256 + 255
    if (gap !== undefined) this.gap = gap
  }

  palette(hasGaps: boolean): readonly Buffer[] {
    const { isOpaque, spare = 0 } = this.#found
    if (!hasGaps || !isOpaque) return []
    return [pngChunk('tRNS', Buffer.from([0, spare >>> 16, 0, (spare >>> 8) & 255, 0, spare & 255]))]
  }

  async code(pixels: Buffer, area: Area): Promise<Buffer> {
    const filtered = await this.#codeWith(pixels, area, true)
    if (this.#effort !== 'best') return filtered
    const plain = await this.#codeWith(pixels, area, false)
    return plain.length < filtered.length ? plain : filtered
  }

  async #codeWith(pixels: Buffer, { width, height }: Area, adaptiveFiltering: boolean): Promise<Buffer> {
    const image = openFrame(pixels, { width, height, depth: this.depth > 8 ? 16 : 8 })
    const seen = this.#found.isOpaque ? image.removeAlpha() : image
    const png = await seen.png({ compressionLevel: levels[this.#effort], adaptiveFiltering }).toBuffer()
    return Buffer.concat([...pngChunks(png)].filter(({ type }) => type === 'IDAT').map(({ data }) => data))
  }
}
