import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { corpus, hasCorpus } from '../../../test/support/corpus.ts'
import { fileOf, truncated } from '../../../test/support/pictures.ts'
import { pngChunk } from '../../../test/support/pixel-formats.ts'
import { rewrite } from '../../../test/support/rewriting.ts'
import { openMedia } from '../open.ts'

const [width, height] = [48, 32]
const times = [50, 120, 300, 1000]

/** Frames below each other, each of one colour with a square that wanders. */
function wandering(count = times.length): Buffer {
  const data = Buffer.alloc(width * height * count * 4)
  for (let frame = 0; frame < count; frame++) {
    for (let at = 0; at < width * height; at++) {
      const [x, y] = [at % width, Math.floor(at / width)]
      const isInside = x >= frame * 10 && x < frame * 10 + 8 && y >= 8 && y < 20
      const colour = isInside ? [250, 250 - frame * 40, 10, 255] : [20 + frame * 50, 60, 200 - frame * 30, 255]
      data.set(colour, (frame * width * height + at) * 4)
    }
  }
  return data
}

const animation = (format: 'gif' | 'webp', loop = 0): Promise<Buffer> => {
  const raw = { width, height: height * times.length, channels: 4, pageHeight: height } as const
  const image = sharp(wandering(), { raw })
  const moving = { delay: times, loop }
  return (format === 'gif' ? image.gif({ ...moving, dither: 0 }) : image.webp({ ...moving, lossless: true })).toBuffer()
}

/** All frames below each other, as RGBA; what is clear has no colour. */
const framesOf = async (content: Buffer | string): Promise<Buffer> => {
  const data = await sharp(content, { pages: -1 }).ensureAlpha().raw().toBuffer()
  for (let at = 0; at < data.length; at += 4) if (data[at + 3] === 0) data.fill(0, at, at + 3)
  return data
}

describe('rewriting animations', () => {
  const ways = (['gif', 'webp'] as const).flatMap((from) => (['gif', 'webp'] as const).map((to) => [from, to] as const))

  it.each(ways)('keeps frames, delays and repeats from %s to %s', async (from, to) => {
    for (const loop of [0, 1, 5]) {
      const original = await animation(from, loop)
      const written = await rewrite(original, { format: to, lossless: true })
      expect(written).toMatchObject({ width, height, frames: 4 })
      expect(written.intent).not.toHaveProperty('source')
      expect(await sharp(written.data).metadata()).toMatchObject({ pages: 4, delay: times, loop })
      expect((await framesOf(written.data)).equals(await framesOf(original))).toBe(true)
    }
  })

  it.each(ways)('sizes every frame from %s to %s', async (from, to) => {
    const original = await animation(from)
    const resize = { width: 24, fit: 'inside', focus: 'centre', enlarge: false } as const
    const written = await rewrite(original, { format: to, resize, quality: 95 })
    expect(written).toMatchObject({ width: 24, height: 16, frames: 4 })
    expect(await sharp(written.data).metadata()).toMatchObject({ delay: times, width: 24 })
    const [data, expected] = [await framesOf(written.data), wandering()]
    for (let frame = 0; frame < 4; frame++) {
      const seen = data.subarray(frame * 24 * 16 * 4, frame * 24 * 16 * 4 + 3)
      const known = expected.subarray(frame * width * height * 4, frame * width * height * 4 + 3)
      expect(Math.max(...seen.map((value, at) => Math.abs(value - (known[at] ?? 999))))).toBeLessThan(12)
    }
  })

  it('cuts all frames at one place, where the first has most to show', async () => {
    const raw = { width: 200, height: 100, channels: 3, pageHeight: 50 } as const
    const data = Buffer.alloc(200 * 100 * 3, 128)
    // A pattern at the right in both frames.
    for (let at = 0; at < 200 * 100; at++) if (at % 200 >= 150) data.fill((at * 7919) & 255, at * 3, at * 3 + 3)
    const original = await sharp(data, { raw })
      .webp({ lossless: true, delay: [100, 100] })
      .toBuffer()
    data.fill(0)
    const cover = { width: 50, height: 50, fit: 'cover', enlarge: false } as const
    const [entropy, centre] = [
      await rewrite(original, { format: 'webp', lossless: true, resize: { ...cover, focus: 'entropy' } }),
      await rewrite(original, { format: 'webp', lossless: true, resize: { ...cover, focus: 'centre' } }),
    ]
    expect(new Set((await framesOf(centre.data)).filter((_, at) => at % 4 < 3)).size).toBeLessThan(3)
    expect(new Set((await framesOf(entropy.data)).filter((_, at) => at % 4 < 3)).size).toBeGreaterThan(100)
    expect(entropy).toMatchObject({ width: 50, height: 50 })
  })

  it.each(['jpeg', 'tiff'] as const)('gives the first frame as %s, and says so', async (format) => {
    const written = await rewrite(await animation('gif'), { format })
    expect(written).toMatchObject({ width, height, frames: 1, intent: { source: 'frame 1 of 4' } })
  })

  it('gives the first frame alone when that is asked', async () => {
    for (const format of ['gif', 'webp'] as const) {
      for (const lossless of [true, false]) {
        const written = await rewrite(await animation('gif'), { format, lossless, frames: 'first' })
        expect(written).toMatchObject({ width, height, frames: 1 })
        expect((await sharp(written.data).metadata()).pages ?? 1).toBe(1)
      }
    }
  })

  it('keeps a GIF whose frames build on each other without loss, its comments not', async () => {
    const original = await animation('gif')
    const comment = Buffer.from('!\xfe\x05hello\0', 'latin1')
    const spoken = Buffer.concat([original.subarray(0, -1), comment, original.subarray(-1), Buffer.from('rest')])
    const written = await rewrite(spoken, { format: 'gif', lossless: true })
    expect(written.data.equals(original)).toBe(true)
  })

  it('reads an animation that is cut as far as it goes, and says so', async () => {
    const original = await animation('gif')
    const written = await rewrite(truncated(original, 0.7), { format: 'webp' })
    expect(written.damage).toMatch(/ends early/)
    expect(written.frames).toBeGreaterThan(1)
  })
})

/** The chunks of an APNG around frames that are given as PNGs with their control. */
async function apngOf(
  frames: readonly {
    data: Buffer
    width: number
    height: number
    left?: number
    top?: number
    dispose?: number
    over?: boolean
  }[],
  { plays = 0, hasCover = false } = {},
): Promise<Buffer> {
  let sequence = 0
  const parts: Buffer[] = []
  for (const [index, frame] of frames.entries()) {
    const raw = { width: frame.width, height: frame.height, channels: 4 } as const
    const png = await sharp(frame.data, { raw }).png().toBuffer()
    const from = png.indexOf('IDAT', 0, 'latin1')
    const coded = png.subarray(from + 4, from + 4 + png.readUInt32BE(from - 4))
    if (index === 0) {
      const control = Buffer.alloc(8)
      control.writeUInt32BE(frames.length - (hasCover ? 1 : 0))
      control.writeUInt32BE(plays, 4)
      parts.push(png.subarray(0, 33), pngChunk('acTL', control))
    }
    if (index > 0 || !hasCover) {
      const control = Buffer.alloc(26)
      control.writeUInt32BE(sequence++)
      for (const [at, value] of [frame.width, frame.height, frame.left ?? 0, frame.top ?? 0].entries()) {
        control.writeUInt32BE(value, 4 + 4 * at)
      }
      control.writeUInt16BE(index + 1, 20)
      control.writeUInt16BE(10, 22)
      control.set([frame.dispose ?? 0, frame.over ? 1 : 0], 24)
      parts.push(pngChunk('fcTL', control))
    }
    const number = Buffer.alloc(4)
    if (index > 0) number.writeUInt32BE(sequence++)
    parts.push(index === 0 ? pngChunk('IDAT', coded) : pngChunk('fdAT', Buffer.concat([number, coded])))
  }
  return Buffer.concat([...parts, pngChunk('IEND', Buffer.alloc(0))])
}

describe('rewriting animated PNGs', () => {
  const of = (colour: readonly number[], width = 4, height = 4) => ({
    data: Buffer.concat(Array(width * height).fill(Buffer.from(colour))),
    width,
    height,
  })
  const [red, green, blue, haze] = [
    [255, 0, 0, 255],
    [0, 255, 0, 255],
    [0, 0, 255, 255],
    [255, 255, 255, 128],
  ]
  const [none, wiped, before] = [0, 1, 2]

  /** The pixels at the upper left and the lower right of each frame. */
  const corners = async (content: Buffer) => {
    const data = await framesOf(content)
    return Array.from({ length: data.length / 64 }, (_, frame) => [
      [...data.subarray(frame * 64, frame * 64 + 4)],
      [...data.subarray(frame * 64 + 60, frame * 64 + 64)],
    ])
  }

  it('draws frames over, beside and instead of those before', async () => {
    const apng = await apngOf(
      [
        of(red),
        { ...of(green, 2, 2), left: 2, top: 2, dispose: none },
        { ...of(haze), over: true, dispose: before },
        { ...of(blue, 2, 2), dispose: wiped },
        { ...of(blue, 1, 1), left: 1, top: 1 },
      ],
      { plays: 3 },
    )
    const written = await rewrite(apng, { format: 'webp', lossless: true })
    expect(await corners(written.data)).toEqual([
      [red, red],
      [red, green],
      [
        [255, 128, 128, 255],
        [128, 255, 128, 255],
      ],
      [blue, green],
      [[0, 0, 0, 0], green],
    ])
    expect(written).toMatchObject({ frames: 5, width: 4, height: 4 })
    expect(await sharp(written.data).metadata()).toMatchObject({ delay: [100, 200, 300, 400, 500], loop: 3 })
  })

  it('leaves out the picture that is only for readers without animation, and gives that to still formats', async () => {
    const apng = await apngOf([of(red), of(green), of(blue)], { hasCover: true })
    expect(await corners((await rewrite(apng, { format: 'gif' })).data)).toEqual([
      [green, green],
      [blue, blue],
    ])
    expect(await corners((await rewrite(apng, { format: 'tiff' })).data)).toEqual([[red, red]])
    expect(await rewrite(apng, { format: 'webp', frames: 'first' })).toMatchObject({ frames: 1 })
  })

  it('sizes its frames too', async () => {
    const apng = await apngOf([of(red), of(green)])
    const resize = { width: 2, fit: 'inside', focus: 'centre', enlarge: false } as const
    expect(await rewrite(apng, { format: 'gif', resize })).toMatchObject({ width: 2, height: 2, frames: 2 })
  })

  it('gives the still picture when the frames contradict the canvas', async () => {
    const apng = await apngOf([of(red), { ...of(green), left: 2 }])
    expect(await rewrite(apng, { format: 'webp' })).toMatchObject({ frames: 1 })
  })
})

/** A TIFF of pages of these sizes that all lie on their side. */
async function pagesOf(
  sizes: readonly (readonly [width: number, height: number])[],
  orientation: number,
): Promise<Buffer> {
  const parts: Buffer[] = [Buffer.from('II*\0\0\0\0\0', 'latin1')]
  let [at, link] = [8, { buffer: parts[0] as Buffer, at: 4 }]
  for (const [index, [width, height]] of sizes.entries()) {
    const data = Buffer.from(Array.from({ length: width * height * 3 }, (_, sample) => (sample * (31 + index)) & 255))
    const rows: readonly (readonly [tag: number, type: number, value: number])[] = [
      [256, 4, width],
      [257, 4, height],
      [259, 3, 1],
      [262, 3, 2],
      [273, 4, at],
      [274, 3, orientation],
      [277, 3, 3],
      [278, 4, height],
      [279, 4, data.length],
    ]
    const bits = Buffer.from([8, 0, 8, 0, 8, 0])
    const table = Buffer.alloc(2 + 12 * (rows.length + 1) + 4)
    table.writeUInt16LE(rows.length + 1)
    const entries = [...rows.slice(0, 2), [258, 3, at + data.length] as const, ...rows.slice(2)]
    for (const [number, [tag, type, value]] of entries.entries()) {
      table.writeUInt16LE(tag, 2 + 12 * number)
      table.writeUInt16LE(type, 4 + 12 * number)
      table.writeUInt32LE(tag === 258 ? 3 : 1, 6 + 12 * number)
      table.writeUInt32LE(value, 10 + 12 * number)
    }
    link.buffer.writeUInt32LE(at + data.length + bits.length, link.at)
    link = { buffer: table, at: table.length - 4 }
    parts.push(data, bits, table)
    at += data.length + bits.length + table.length
  }
  return Buffer.concat(parts)
}

describe('rewriting pages', () => {
  const pages = async (depth: 8 | 16) => {
    const raw = { width: 20, height: 30, channels: 3, pageHeight: 10 } as const
    const data = Buffer.from(Array.from({ length: 20 * 30 * 3 }, (_, at) => (at * 31) & 255))
    const image = sharp(data, { raw })
    return (depth === 16 ? image.toColourspace('rgb16') : image).tiff({ compression: 'lzw' }).toBuffer()
  }

  it.each([8, 16] as const)(
    'keeps the pages of a TIFF of %i bits in TIFF, and gives the first to others',
    async (depth) => {
      const original = await pages(depth)
      const written = await rewrite(original, { format: 'tiff' })
      expect(written).toMatchObject({ width: 20, height: 10, frames: 3, bitDepth: depth })
      expect((await framesOf(written.data)).equals(await framesOf(original))).toBe(true)
      for (const format of ['png', 'webp', 'gif'] as const) {
        expect(await rewrite(original, { format })).toMatchObject({ width: 20, height: 10, frames: 1 })
      }
    },
  )

  it('refuses a page of too many pixels, though the first has few', async () => {
    const sizes = [
      [10, 10],
      [60, 60],
    ] as const
    const media = await openMedia(fileOf('pages', await pagesOf(sizes, 1)), { maxPixels: 3000 })
    const options = { format: 'tiff', color: 'keep', metadata: 'strip' } as const
    await expect(media.rewrite({ ...options, frames: 'all' })).rejects.toMatchObject({ code: 'INPUT_TOO_LARGE' })
    expect(await media.rewrite({ ...options, frames: 'first' })).toMatchObject({ width: 10, frames: 1 })
    await media.close()
  })

  it('turns and sizes each page by itself, whatever its size', async () => {
    const sizes = [
      [40, 20],
      [30, 60],
      [10, 10],
    ] as const
    const original = await pagesOf(sizes, 6)
    const written = await rewrite(original, { format: 'tiff' })
    expect(written).toMatchObject({ width: 20, height: 40, frames: 3 })
    const resize = { height: 20, fit: 'inside', focus: 'centre', enlarge: false } as const
    const small = await rewrite(original, { format: 'tiff', resize })
    for (const [page, [width, height]] of sizes.entries()) {
      // Upright they stand on their side.
      expect(await sharp(written.data, { page }).metadata()).toMatchObject({ width: height, height: width })
      const expected = await sharp(original, { page, autoOrient: true }).raw().toBuffer()
      expect((await sharp(written.data, { page }).raw().toBuffer()).equals(expected)).toBe(true)
      expect((await sharp(small.data, { page }).metadata()).height).toBe(Math.min(20, width))
    }
  })
})

describe.skipIf(!hasCorpus)('rewriting real animations', () => {
  const files = globSync('**/*.{gif,webp}', { cwd: join(corpus, 'photos') })

  it('shows the same at every moment, from GIF and WebP to both', { timeout: 120_000 }, async () => {
    let count = 0
    for (const file of files) {
      const path = join(corpus, 'photos', file)
      const { pages = 1, delay = [] } = await sharp(path).metadata()
      if (pages < 2) continue
      count++
      for (const format of ['gif', 'webp'] as const) {
        const isPossible = format === 'webp' || file.endsWith('.gif')
        const written = await rewrite(path, { format, lossless: isPossible })
        const found = await sharp(written.data).metadata()
        // Frames that look alike are joined, and what is shown for no time is shown for a tenth of a second.
        const shown = (delays: readonly number[]) => delays.reduce((sum, ms) => sum + (ms < 20 ? 100 : ms), 0)
        expect(shown(found.delay ?? []), file).toBe(shown(delay))
        if (!isPossible || written.frames !== pages) continue
        expect((await framesOf(written.data)).equals(await framesOf(path)), `${file} ${format}`).toBe(true)
      }
    }
    expect(count).toBeGreaterThan(8)
  })

  it('draws the animated PNGs of the test suite to the colours that it names', async () => {
    const cwd = join(corpus, 'photos/pillow/apng')
    // The suite's own pages say: at the end each of these is a solid green, or nothing at all.
    const ends: Record<string, readonly number[]> = {
      'blend_op_over.png': [0, 255, 0, 255],
      'blend_op_over_near_transparent.png': [0, 255, 0, 255],
      'blend_op_source_solid.png': [0, 255, 0, 255],
      'blend_op_source_near_transparent.png': [0, 255, 0, 2],
      'blend_op_source_transparent.png': [0, 0, 0, 0],
      'dispose_op_none.png': [0, 255, 0, 255],
      'dispose_op_background.png': [0, 0, 0, 0],
      'dispose_op_background_final.png': [0, 255, 0, 255],
      'dispose_op_previous.png': [0, 255, 0, 255],
      'dispose_op_previous_final.png': [0, 255, 0, 255],
      'dispose_op_previous_first.png': [0, 0, 0, 0],
    }
    for (const [file, colour] of Object.entries(ends)) {
      const written = await rewrite(readFileSync(join(cwd, file)), { format: 'webp', lossless: true })
      expect([...(await framesOf(written.data)).subarray(-4)], file).toEqual(colour)
    }
  })
})
