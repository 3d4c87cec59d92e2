import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { fileOfFrames, wandering } from '../../../../test/support/animations.ts'
import { numbersFrom } from '../../../../test/support/random.ts'
import { rewrite } from '../../../../test/support/rewriting.ts'
import { riffChunk, riffChunks } from '../riff-chunks.ts'
import { writeGif } from '../write-gif.ts'
import { drawApng, readApng } from './draw-apng.ts'
import { drawOwnParts } from './draw-own-parts.ts'
import { decodeFile } from './draw-parts.ts'

const [width, height] = [24, 20]

/** A whole number below `end`. */
type Dice = (end: number) => number

const diceOf = (seed: number): Dice => {
  const random = numbersFrom(seed)
  return (end) => Math.floor(random() * end)
}

/** A place on the canvas, at even numbers. */
function placeOf(dice: Dice) {
  const [w, h] = [1 + dice(width), 1 + dice(height)]
  return { w, h, left: 2 * dice((width - w + 2) >> 1), top: 2 * dice((height - h + 2) >> 1) }
}

/** A GIF whose frames have all sorts of places, palettes, transparency, order of lines and ends. */
function oddGif(seed: number): Buffer {
  const dice = diceOf(seed)
  const hasTable = dice(3) > 0
  const head = Buffer.from('GIF89a\0\0\0\0\0\0\0', 'latin1')
  head.writeUInt16LE(width, 6)
  head.writeUInt16LE(height, 8)
  head.set([hasTable ? 0xf2 : 0x70, dice(3) === 0 ? 200 : dice(8)], 10)
  const table = hasTable ? Buffer.from(Array.from({ length: 24 }, () => dice(256))) : Buffer.alloc(0)
  const frames = Array.from({ length: 8 }, () => oddFrame(dice, hasTable))
  return Buffer.concat([head, table, ...frames, Buffer.from([0x3b])])
}

function oddFrame(dice: Dice, hasTable: boolean): Buffer {
  const { w, h, left, top } = placeOf(dice)
  const colours = Array.from({ length: 8 }, () => [dice(256), dice(256), dice(256), 255] as const)
  const indices = Buffer.from(Array.from({ length: w * h }, () => dice(8)))
  const gif = writeGif([{ indexed: { width: w, height: h, indices, colours }, delayMs: 50 }], 1)
  // Behind the header of 13 bytes a control of 8, a place of 10, a palette of 24 and the data.
  const [place, table, data] = [Buffer.from(gif.subarray(21, 31)), gif.subarray(31, 55), gif.subarray(55, -1)]
  place.writeUInt16LE(left, 1)
  place.writeUInt16LE(top, 3)
  const isOwn = !hasTable || dice(2) > 0
  place[9] = (isOwn ? (place[9] ?? 0) : 0) | (dice(4) === 0 ? 0x40 : 0)
  const control = Buffer.from([0x21, 0xf9, 4, (dice(8) << 2) | dice(2), 5, 0, dice(8), 0])
  return Buffer.concat([...(dice(6) > 0 ? [control] : []), place, ...(isOwn ? [table] : []), data])
}

/** A WebP whose frames have all sorts of places, codings, alphas and ends. */
async function oddWebp(seed: number): Promise<Buffer> {
  const dice = diceOf(seed)
  const hasAlpha = dice(3) > 0
  const frames: Buffer[] = []
  for (let frame = 0; frame < 8; frame++) {
    const { w, h, left, top } = placeOf(dice)
    const channels = hasAlpha && dice(4) > 0 ? 4 : 3
    const data = Buffer.from(Array.from({ length: w * h * channels }, () => dice(256)))
    const coded = await sharp(data, { raw: { width: w, height: h, channels } })
      .webp({ lossless: dice(2) > 0 })
      .toBuffer()
    const head = Buffer.alloc(16)
    for (const [at, value] of [left / 2, top / 2, w - 1, h - 1, 50].entries()) head.writeUIntLE(value, 3 * at, 3)
    head[15] = dice(4)
    const parts = [...riffChunks(coded.subarray(12))].filter(({ type }) => type !== 'VP8X')
    frames.push(riffChunk('ANMF', Buffer.concat([head, ...parts.map(({ type, data }) => riffChunk(type, data))])))
  }
  const header = Buffer.alloc(10)
  header[0] = 2 | (hasAlpha ? 0x10 : 0)
  header.writeUIntLE(width - 1, 4, 3)
  header.writeUIntLE(height - 1, 7, 3)
  const control = riffChunk('ANIM', Buffer.from([9, 99, 199, 255, 0, 0]))
  return riffChunk('RIFF', Buffer.concat([Buffer.from('WEBP'), riffChunk('VP8X', header), control, ...frames]))
}

/** The largest difference of a sample between frames drawn one by one and by libvips all at once; what is clear has no colour. */
async function differenceOf(format: 'gif' | 'webp', whole: Buffer): Promise<number | undefined> {
  const found = await drawOwnParts({ path: '', bytes: whole.length, format, head: whole, whole }, true)
  if (!found) return undefined
  const parts: Buffer[] = []
  for await (const frame of found.drawn.frames()) parts.push(frame)
  const expected = await sharp(whole, { pages: -1 }).toColourspace('srgb').ensureAlpha().raw().toBuffer()
  const drawn = Buffer.concat(parts)
  expect(drawn.length).toBe(expected.length)
  let most = 0
  for (let at = 0; at < drawn.length; at++) {
    const isClear = drawn[at | 3] === 0 && expected[at | 3] === 0
    if (!isClear) most = Math.max(most, Math.abs((drawn[at] ?? 0) - (expected[at] ?? 0)))
  }
  return most
}

describe('frames of GIF and WebP, each decoded once', () => {
  it('are those that libvips draws of a GIF', async () => {
    for (let seed = 1; seed <= 40; seed++) expect(await differenceOf('gif', oddGif(seed)), `seed ${seed}`).toBe(0)
  })

  it('are those that libvips draws of a WebP, up to how it rounds what shines through', async () => {
    for (let seed = 1; seed <= 40; seed++)
      expect(await differenceOf('webp', await oddWebp(seed)), `seed ${seed}`).toBeLessThan(5)
  })

  it.each(['gif', 'webp'] as const)('go to other formats as they are, when there are many in a %s', async (from) => {
    const made = wandering({ width: 600, height: 600, times: Array(50).fill(40) })
    const { data, frames } = await rewrite(await fileOfFrames(made, from), { format: 'png', effort: 'fast' })
    expect(frames).toBe(50)
    const apng = readApng(data)
    if (!apng) throw new Error('no APNG came out')
    let at = 0
    for await (const frame of drawApng(apng, { isDeep: false, isStrict: true }).frames()) {
      expect(frame.equals(made.data.subarray(at, at + frame.length))).toBe(true)
      at += frame.length
    }
    expect(at).toBe(made.data.length)
  })

  it('may not be larger than what was said of them', async () => {
    const part = { left: 0, top: 0, width: 10, height: 10, end: 'stays', isOver: false } as const
    for (const side of [10, 9, 11]) {
      const image = sharp({ create: { width: side, height: side, channels: 3, background: '#123456' } })
      const decoded = decodeFile(await image.webp().toBuffer(), part, { depth: 8, isStrict: false })
      if (side === 10) expect(await decoded).toHaveLength(400)
      else await expect(decoded).rejects.toThrow()
    }
  })
})
