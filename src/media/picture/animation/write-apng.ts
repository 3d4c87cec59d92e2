import { deflateSync } from 'node:zlib'
import type { WriteOptions } from '../../picture.ts'
import { pngChunk, pngSignature } from '../png-chunks.ts'
import { type Coder, coderFor } from './apng-coders.ts'
import { type Area, changedArea, cutOut, onlyChanges } from './changes.ts'
import { type Drawn, shownTimes } from './drawn.ts'
import type { Survey } from './survey.ts'

/** How an APNG is written. */
export interface ApngOptions {
  readonly effort: NonNullable<WriteOptions['effort']>
  readonly icc?: Buffer
}

/**
 * Writes an animation as APNG, without loss. Of each frame after the first only the rectangle stands in it that has changed, with
 * gaps for what has not where that is smaller; up to 256 colours in all go into one palette.
 */
export async function writeApng(drawn: Drawn, found: Survey, { effort, icc }: ApngOptions): Promise<Buffer> {
  const { width, height, delays } = drawn
  const coder = coderFor(drawn, found, effort)
  const times = shownTimes(delays)
  const parts: Buffer[] = []
  let hasGaps = false
  let before: Buffer | undefined
  let [frame, sequence] = [0, 0]
  for await (const pixels of drawn.frames()) {
    const area = before ? changedArea(before, pixels, drawn) : { left: 0, top: 0, width, height }
    const whole = await coder.code(cutOut(pixels, drawn, area), area)
    const changes =
      before && effort !== 'fast' && coder.gap !== undefined
        ? onlyChanges(before, pixels, drawn, area, coder.gap)
        : undefined
    const over = changes && (await coder.code(changes, area))
    const isOver = over !== undefined && over.length < whole.length
    hasGaps ||= isOver
    const coded = isOver ? over : whole
    parts.push(pngChunk('fcTL', frameControl(sequence++, area, { ms: times[frame] ?? 100, isOver })))
    if (!before) parts.push(pngChunk('IDAT', coded))
    else {
      const number = Buffer.alloc(4)
      number.writeUInt32BE(sequence++)
      parts.push(pngChunk('fdAT', Buffer.concat([number, coded])))
    }
    before = pixels
    frame++
  }
  return Buffer.concat([
    pngSignature,
    pngChunk('IHDR', headerOf(width, height, coder)),
    pngChunk('acTL', animationControl(drawn)),
    ...(icc ? [pngChunk('iCCP', Buffer.concat([Buffer.from('icc\0\0', 'latin1'), deflateSync(icc)]))] : []),
    ...coder.palette(hasGaps),
    ...parts,
    pngChunk('IEND', Buffer.alloc(0)),
  ])
}

function animationControl({ delays, loop }: Drawn): Buffer {
  const control = Buffer.alloc(8)
  control.writeUInt32BE(delays.length)
  control.writeUInt32BE(loop, 4)
  return control
}

function headerOf(width: number, height: number, { depth, type }: Coder): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width)
  header.writeUInt32BE(height, 4)
  header.set([depth, type], 8)
  return header
}

/** Every frame stays; it replaces what lies below, or lets it show through. */
function frameControl(
  sequence: number,
  { left, top, width, height }: Area,
  { ms, isOver }: { ms: number; isOver: boolean },
): Buffer {
  const control = Buffer.alloc(26)
  for (const [at, value] of [sequence, width, height, left, top].entries()) control.writeUInt32BE(value, 4 * at)
  // Both parts of the fraction have 16 bits.
  const unit = [1000, 100, 10, 1].find((each) => (ms * each) / 1000 <= 65_535) ?? 1
  control.writeUInt16BE(Math.min(65_535, Math.round((ms * unit) / 1000)), 20)
  control.writeUInt16BE(unit, 22)
  control[25] = isOver ? 1 : 0
  return control
}
