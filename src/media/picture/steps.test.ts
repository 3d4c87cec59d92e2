import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { quarterColours, quarters, quartersSeen } from '../../../test/support/pictures.ts'
import type { MediaError } from '../../errors.ts'
import type { PictureStep, Pixels, WatermarkPlace } from '../picture.ts'
import { pictureOf } from './raster.ts'
import { applySteps } from './steps.ts'

/** Pixels by a formula: one value a channel. */
function drawn(width: number, height: number, color: (x: number, y: number) => readonly number[]): Pixels {
  const values = Array.from({ length: width * height }, (_, at) => color(at % width, Math.floor(at / width)))
  const channels = (values[0]?.length ?? 3) as Pixels['channels']
  return { data: Buffer.from(values.flat()), width, height, channels }
}

/** Each pixel tells where it lies: red its column, green its row. */
const numbered = (width: number, height: number) => drawn(width, height, (x, y) => [x, y, 7])
const plain = (width: number, height: number, ...color: number[]) => drawn(width, height, () => color)

const at = ({ data, width, channels }: Pixels, x: number, y: number): number[] => [
  ...data.subarray((y * width + x) * channels, (y * width + x + 1) * channels),
]

const one = (pixels: Pixels, step: PictureStep) => applySteps(pixels, [step])
const refusal = (pixels: Pixels, step: PictureStep): Promise<string> =>
  one(pixels, step).then(
    () => 'accepted',
    (error: MediaError) => `${error.code}: ${error.message}`,
  )
const sizeOf = ({ width, height, channels }: Pixels) => [width, height, channels]
const usual = { fit: 'inside', focus: 'centre', enlarge: false } as const

const pictureOfPixels = (pixels: Pixels) =>
  pictureOf({ ...pixels, intent: { orientation: 1, orientationFrom: 'none', profile: 'untagged' } })

describe('crop', () => {
  it('gives the pixels of the rectangle as they are', async () => {
    const cut = await one(numbered(20, 10), { kind: 'crop', left: 3, top: 4, width: 5, height: 2 })
    expect(sizeOf(cut)).toEqual([5, 2, 3])
    expect([at(cut, 0, 0), at(cut, 4, 1)]).toEqual([
      [3, 4, 7],
      [7, 5, 7],
    ])
  })

  it('refuses what does not lie inside, saying both sizes', async () => {
    const outside = { kind: 'crop', left: 16, top: 0, width: 5, height: 5 } as const
    expect(await refusal(numbered(20, 10), outside)).toBe(
      'PARAMS_INVALID: A piece of 5×5 at 16, 0 does not lie inside the picture of 20×10.',
    )
    expect(await refusal(numbered(20, 10), { ...outside, left: -1 })).toMatch('PARAMS_INVALID')
    expect(await refusal(numbered(20, 10), { ...outside, left: 0, width: 0 })).toMatch('PARAMS_INVALID')
  })
})

describe('rotate and flip', () => {
  it('turns clockwise by quarters, pixel by pixel', async () => {
    const right = await one(numbered(20, 10), { kind: 'rotate', degrees: 90 })
    expect(sizeOf(right)).toEqual([10, 20, 3])
    expect([at(right, 9, 0), at(right, 0, 0), at(right, 9, 19)]).toEqual([
      [0, 0, 7],
      [0, 9, 7],
      [19, 0, 7],
    ])
    expect(await one(numbered(20, 10), { kind: 'rotate', degrees: -270 })).toEqual(right)
    const left = await one(numbered(20, 10), { kind: 'rotate', degrees: -90 })
    expect(at(left, 0, 19)).toEqual([0, 0, 7])
    const half = await one(numbered(20, 10), { kind: 'rotate', degrees: 180 })
    expect(at(half, 0, 0)).toEqual([19, 9, 7])
  })

  it('swaps left and right, or top and bottom', async () => {
    const across = await one(numbered(20, 10), { kind: 'flip', direction: 'horizontal' })
    expect(at(across, 0, 3)).toEqual([19, 3, 7])
    const down = await one(numbered(20, 10), { kind: 'flip', direction: 'vertical' })
    expect(at(down, 3, 0)).toEqual([3, 9, 7])
  })

  it('turns by any angle clockwise, in a picture large enough to hold all', async () => {
    const turned = await one(plain(200, 100, 250, 0, 0), { kind: 'rotate', degrees: 30, background: '#0000ff' })
    const [cosine, sine] = [Math.cos(Math.PI / 6), 0.5]
    expect(Math.abs(turned.width - (200 * cosine + 100 * sine))).toBeLessThan(1.5)
    expect(Math.abs(turned.height - (200 * sine + 100 * cosine))).toBeLessThan(1.5)
    expect(turned.channels).toBe(3)
    expect(at(turned, 0, 0)).toEqual([0, 0, 255])
    // The upper left corner of the picture went up and right, the upper right one down to the right edge.
    expect(at(turned, 55, 5)).toEqual([250, 0, 0])
    expect(at(turned, turned.width - 8, 108)).toEqual([250, 0, 0])
    expect(at(turned, 8, 82)).toEqual([250, 0, 0])
  })

  it('leaves the corners transparent, without a dark seam, when no background is named', async () => {
    const turned = await one(plain(60, 40, 255, 255, 255), { kind: 'rotate', degrees: 17 })
    expect(at(turned, 0, 0)).toEqual([0, 0, 0, 0])
    const over = await one(turned, { kind: 'background', color: '#ffffff' })
    expect(Math.min(...over.data)).toBeGreaterThan(252)
  })
})

describe('trim', () => {
  it('cuts a border of one colour, and nothing of what is inside', async () => {
    const framed = drawn(30, 20, (x, y) => (x >= 5 && x < 25 && y >= 3 && y < 18 ? [x, y, 0] : [250, 250, 250]))
    const trimmed = await one(framed, { kind: 'trim', threshold: 10 })
    expect(sizeOf(trimmed)).toEqual([20, 15, 3])
    expect([at(trimmed, 0, 0), at(trimmed, 19, 14)]).toEqual([
      [5, 3, 0],
      [24, 17, 0],
    ])
  })

  it('keeps a line of a single pixel', async () => {
    const line = drawn(30, 20, (x, y) => (y === 7 && x > 2 && x < 28 ? [0] : [255]))
    expect(sizeOf(await one(line, { kind: 'trim', threshold: 10 }))).toEqual([25, 1, 1])
  })

  it('takes colours that differ by no more than the threshold for border', async () => {
    const uneven = drawn(30, 20, (x, y) => (x === 15 && y === 10 ? [0, 0, 0] : [240 + ((x + y) % 8), 240, 240]))
    expect(sizeOf(await one(uneven, { kind: 'trim', threshold: 7 }))).toEqual([1, 1, 3])
    expect(sizeOf(await one(uneven, { kind: 'trim', threshold: 6 }))).toEqual([30, 20, 3])
  })

  it('takes transparent pixels for alike, whatever colour lies under them', async () => {
    const glass = drawn(30, 20, (x, y) => (x === 15 && y === 10 ? [0, 0, 0, 255] : [x * 8, y * 9, 3, 0]))
    expect(sizeOf(await one(glass, { kind: 'trim', threshold: 0 }))).toEqual([1, 1, 4])
  })

  it('leaves a picture as it is that is all border', async () => {
    expect(sizeOf(await one(plain(30, 20, 9, 9, 9), { kind: 'trim', threshold: 0 }))).toEqual([30, 20, 3])
  })
})

describe('pad', () => {
  it('puts borders of a colour around', async () => {
    const step = { kind: 'pad', top: 1, right: 2, bottom: 3, left: 4, background: '#0102ff' } as const
    const padded = await one(numbered(20, 10), step)
    expect(sizeOf(padded)).toEqual([26, 14, 3])
    expect([at(padded, 3, 5), at(padded, 4, 1), at(padded, 23, 10), at(padded, 24, 10)]).toEqual([
      [1, 2, 255],
      [0, 0, 7],
      [19, 9, 7],
      [1, 2, 255],
    ])
  })

  it('makes them transparent when no colour is named, and coloured around greys', async () => {
    const border = { kind: 'pad', top: 1, right: 1, bottom: 1, left: 1 } as const
    const glass = await one(plain(4, 4, 99), border)
    expect([at(glass, 0, 0), at(glass, 1, 1)]).toEqual([
      [0, 0, 0, 0],
      [99, 99, 99, 255],
    ])
    const red = await one(plain(4, 4, 99), { ...border, background: '#ff0000' })
    expect([at(red, 0, 0), at(red, 1, 1)]).toEqual([
      [255, 0, 0],
      [99, 99, 99],
    ])
  })
})

describe('resize', () => {
  const sized = async (options: object, width = 200, height = 100) =>
    sizeOf(await one(plain(width, height, 5, 6, 7), { kind: 'resize', ...usual, ...options })).slice(0, 2)

  it('keeps the aspect when one side is named, or the box', async () => {
    expect(await sized({ width: 50 })).toEqual([50, 25])
    expect(await sized({ height: 50 })).toEqual([100, 50])
    expect(await sized({ width: 50, height: 50 })).toEqual([50, 25])
    expect(await sized({ width: 50, height: 50, fit: 'outside' })).toEqual([100, 50])
  })

  it('brings to the box by cutting, padding or distorting', async () => {
    for (const fit of ['cover', 'contain', 'fill'])
      expect(await sized({ width: 60, height: 50, fit })).toEqual([60, 50])
  })

  it('makes larger only when that is asked', async () => {
    expect(await sized({ width: 400 })).toEqual([200, 100])
    expect(await sized({ width: 400, enlarge: true })).toEqual([400, 200])
    expect(await sized({ width: 400, height: 400, fit: 'cover' })).toEqual([100, 100])
    expect(await sized({ width: 400, height: 50, fit: 'fill' })).toEqual([200, 50])
    expect(await sized({ width: 400, height: 400, fit: 'contain' })).toEqual([400, 400])
  })

  it('never makes less than a pixel', async () => {
    expect(await sized({ width: 1 }, 5000, 3)).toEqual([1, 1])
  })

  it('shows every quarter where it was', async () => {
    const { data, info } = await quarters(200, 100).raw().toBuffer({ resolveWithObject: true })
    const pixels: Pixels = { data, width: info.width, height: info.height, channels: 3 }
    const small = await one(pixels, { kind: 'resize', ...usual, width: 50 })
    expect(quartersSeen(small)).toEqual(quarterColours)
  })

  it('pads with the colour that is named', async () => {
    const box = { kind: 'resize', ...usual, fit: 'contain', width: 50, height: 50, background: '#00ff00' } as const
    const padded = await one(plain(200, 100, 5, 6, 7), box)
    expect([at(padded, 25, 0), at(padded, 25, 25), at(padded, 25, 49)]).toEqual([
      [0, 255, 0],
      [5, 6, 7],
      [0, 255, 0],
    ])
  })
})

describe('absurd sizes', () => {
  it.each<[string, PictureStep]>([
    ['a side too long', { kind: 'resize', ...usual, width: 65_536, enlarge: true }],
    ['too many pixels', { kind: 'resize', ...usual, width: 60_000, height: 60_000, fit: 'fill', enlarge: true }],
    ['a border too wide', { kind: 'pad', top: 0, right: 0, bottom: 70_000, left: 0 }],
  ])('are refused before anything is made: %s', async (_, step) => {
    expect(await refusal(plain(100, 100, 1, 2, 3), step)).toMatch(/^PARAMS_INVALID: The picture would become \d+×\d+/)
  })

  it('may be made smaller, or left as they are', async () => {
    const long = { data: Buffer.alloc(70_000), width: 70_000, height: 1, channels: 1 } as const
    expect(sizeOf(await one(long, { kind: 'resize', ...usual, width: 100_000 }))).toEqual([70_000, 1, 1])
    expect(sizeOf(await one(long, { kind: 'resize', ...usual, width: 69_000 }))).toEqual([69_000, 1, 1])
    expect(await refusal(long, { kind: 'pad', top: 0, right: 1, bottom: 0, left: 0 })).toMatch(/would become 70001×1/)
  })
})

/** The normal distribution's share below a value, by Abramowitz and Stegun 26.2.17. */
function normal(value: number): number {
  if (value < 0) return 1 - normal(-value)
  const t = 1 / (1 + 0.2316419 * value)
  const series = [0.31938153, -0.356563782, 1.781477937, -1.821255978, 1.330274429]
  const sum = series.reduce((total, factor, index) => total + factor * t ** (index + 1), 0)
  return 1 - (Math.exp((-value * value) / 2) / Math.sqrt(2 * Math.PI)) * sum
}

describe('blur, sharpen, median', () => {
  it.each([1, 5, 11, 12, 40])('blurs an edge as the Gaussian of sigma %d says', async (sigma) => {
    const edge = drawn(400, 60, (x) => (x < 200 ? [0] : [200]))
    const blurred = await one(edge, { kind: 'blur', sigma })
    expect(sizeOf(blurred)).toEqual([400, 60, 1])
    for (const x of [180, 195, 199, 200, 202, 210, 240]) {
      const expected = 200 * normal((x - 199.5) / sigma)
      expect(Math.abs((at(blurred, x, 30)[0] ?? 0) - expected), `${x}`).toBeLessThan(6)
    }
  })

  it('leaves flat pictures flat, with and without alpha', async () => {
    for (const pixels of [plain(50, 40, 90, 120, 30), plain(50, 40, 90, 120, 30, 255), plain(50, 40, 77)]) {
      for (const step of [
        { kind: 'blur', sigma: 2 },
        { kind: 'blur', sigma: 30 },
        { kind: 'sharpen', sigma: 1, amount: 2 },
        { kind: 'median', size: 5 },
      ] as const) {
        const result = await one(pixels, step)
        expect(sizeOf(result), step.kind).toEqual(sizeOf(pixels))
        for (const [channel, value] of at(result, 25, 20).entries())
          expect(Math.abs(value - (at(pixels, 0, 0)[channel] ?? 0)), step.kind).toBeLessThan(2)
      }
    }
  })

  it('sharpens: an edge becomes steeper, and the more so the larger the amount', async () => {
    const soft = await one(
      drawn(60, 20, (x) => (x < 30 ? [60, 60, 60] : [190, 190, 190])),
      { kind: 'blur', sigma: 2 },
    )
    const spread = (pixels: Pixels) => (at(pixels, 32, 10)[0] ?? 0) - (at(pixels, 27, 10)[0] ?? 0)
    const weak = await one(soft, { kind: 'sharpen', sigma: 2, amount: 0.5 })
    const strong = await one(soft, { kind: 'sharpen', sigma: 2, amount: 2 })
    expect(spread(weak)).toBeGreaterThan(spread(soft))
    expect(spread(strong)).toBeGreaterThan(spread(weak))
  })

  it('takes specks away by the median', async () => {
    const speck = drawn(20, 20, (x, y) => (x === 9 && y === 9 ? [255, 255, 255] : [40, 50, 60]))
    expect(at(await one(speck, { kind: 'median', size: 3 }), 9, 9)).toEqual([40, 50, 60])
  })

  it('refuses a square larger than the picture, and a sigma that is none', async () => {
    expect(await refusal(plain(20, 4, 1), { kind: 'median', size: 5 })).toBe(
      'PARAMS_INVALID: A median over 5×5 does not fit into the picture of 20×4.',
    )
    expect(await refusal(plain(20, 4, 1), { kind: 'blur', sigma: 0 })).toMatch('PARAMS_INVALID')
    expect(await refusal(plain(20, 4, 1), { kind: 'sharpen', sigma: Number.NaN, amount: 1 })).toMatch('PARAMS_INVALID')
  })
})

describe('grey and background', () => {
  it('keeps the luma of BT.601, in one channel', async () => {
    const grey = await one(plain(3, 3, 200, 100, 50), { kind: 'grey' })
    expect(sizeOf(grey)).toEqual([3, 3, 1])
    expect(at(grey, 1, 1)).toEqual([Math.round(0.299 * 200 + 0.587 * 100 + 0.114 * 50)])
  })

  it('keeps transparency while it takes the colours', async () => {
    expect(at(await one(plain(2, 2, 200, 100, 50, 60), { kind: 'grey' }), 0, 0)).toEqual([124, 124, 124, 60])
  })

  it('lays what is transparent over the colour', async () => {
    const glass = drawn(2, 1, (x) => [200, 100, 0, x === 0 ? 0 : 51])
    const laid = await one(glass, { kind: 'background', color: '#0000ff' })
    expect([at(laid, 0, 0), at(laid, 1, 0)]).toEqual([
      [0, 0, 255],
      [40, 20, 204],
    ])
  })

  it('refuses what is no colour', async () => {
    expect(await refusal(plain(2, 2, 1, 2, 3, 4), { kind: 'background', color: 'red' })).toMatch(
      'PARAMS_INVALID: Expected a colour such as #ff8800, but it was "red".',
    )
  })
})

describe('watermark', () => {
  const red = pictureOfPixels(plain(10, 5, 200, 0, 0, 255))
  const marked = (place: WatermarkPlace, more: object = {}, base = plain(100, 50, 0, 0, 0)) =>
    one(base, { kind: 'watermark', picture: red, place, opacity: 1, share: 0.2, ...more })

  /** The rectangle of all pixels that are not as the background was. */
  function boxOf(pixels: Pixels): number[] {
    const found = Array.from({ length: pixels.width * pixels.height }, (_, index) => index).filter(
      (index) => (at(pixels, index % pixels.width, Math.floor(index / pixels.width))[0] ?? 0) > 40,
    )
    const columns = found.map((index) => index % pixels.width)
    const rows = found.map((index) => Math.floor(index / pixels.width))
    const [left, top] = [Math.min(...columns), Math.min(...rows)]
    return [left, top, Math.max(...columns) - left + 1, Math.max(...rows) - top + 1]
  }

  it.each<[WatermarkPlace, number, number]>([
    ['top-left', 1, 1],
    ['top', 40, 1],
    ['right', 79, 20],
    ['centre', 40, 20],
    ['bottom-right', 79, 39],
  ])('lies at the %s, a fifth as wide as the picture', async (place, left, top) => {
    expect(boxOf(await marked(place))).toEqual([left, top, 20, 10])
  })

  it('is never wider or higher than the picture', async () => {
    expect(boxOf(await marked('bottom-right', { share: 1 }))).toEqual([0, 0, 100, 50])
    const flat = await marked('top-left', { share: 1 }, plain(100, 20, 0, 0, 0))
    expect(boxOf(flat)).toEqual([0, 0, 40, 20])
  })

  it('mixes by its opacity and its own alpha, and leaves all else untouched', async () => {
    const half = pictureOfPixels(plain(10, 5, 200, 0, 0, 128))
    const base = drawn(100, 50, (x, y) => [x, y, 100])
    const mixed = await marked('top-left', { picture: half, opacity: 0.5, share: 0.1 }, base)
    const share = (128 / 255) * 0.5
    expect(at(mixed, 8, 4)).toEqual([
      Math.round(200 * share + 8 * (1 - share)),
      Math.round(4 * (1 - share)),
      Math.round(100 * (1 - share)),
    ])
    expect(at(mixed, 60, 30)).toEqual([60, 30, 100])
    expect(at(base, 10, 5)).toEqual([10, 5, 100])
  })

  it('can be seen on what is transparent', async () => {
    const onGlass = await marked('top-left', { opacity: 0.5 }, plain(100, 50, 0, 255, 0, 0))
    expect([at(onGlass, 5, 5), at(onGlass, 60, 30)]).toEqual([
      [200, 0, 0, 128],
      [0, 255, 0, 0],
    ])
  })

  it('is coloured on a grey picture', async () => {
    expect(at(await marked('top-left', {}, plain(100, 50, 0)), 5, 5)).toEqual([200, 0, 0])
  })

  it('is repeated all over as tiles, without touching', async () => {
    const tiled = await marked('tile', { share: 0.1 })
    const share = tiled.data.filter((value, index) => index % 3 === 0 && value > 0).length / (100 * 50)
    expect(share).toBeGreaterThan(0.2)
    expect(share).toBeLessThan(0.5)
  })

  it('is a picture or a text, one of both', async () => {
    expect(await refusal(plain(9, 9, 0), { kind: 'watermark', place: 'top', opacity: 1, share: 1 })).toMatch(
      'either a picture or a text',
    )
  })
})

describe('watermark of text', () => {
  const text = (text: string, more: object = {}, base = plain(600, 200, 0, 0, 0)) =>
    one(base, { kind: 'watermark', text, place: 'centre', opacity: 1, share: 0.8, ...more })
  const ink = (pixels: Pixels): number => pixels.data.reduce((sum, value) => sum + value, 0)
  const widthOf = ({ data, width }: Pixels): number => {
    const columns = new Set<number>()
    for (let index = 0; index < data.length; index += 3) if ((data[index] ?? 0) > 30) columns.add((index / 3) % width)
    return Math.max(...columns) - Math.min(...columns) + 1
  }

  it('is as wide as it shall be, in its colour', async () => {
    const written = await text('Photographer', { color: '#ff0000' })
    expect(Math.abs(widthOf(written) - 480)).toBeLessThan(5)
    const [reds, greens] = [0, 1].map((channel) =>
      ink({ ...written, data: Buffer.from(written.data.filter((_, index) => index % 3 === channel)) }),
    )
    expect([reds ?? 0, greens]).toEqual([expect.any(Number), 0])
    expect(reds).toBeGreaterThan(100_000)
  })

  it('shows markup letter by letter', async () => {
    const [marked, bare] = [await text('<b>x</b>&'), await text('x&')]
    // More letters in the same width are smaller ones.
    const heightOf = ({ data, width }: Pixels) =>
      new Set([...data].flatMap((value, index) => (value > 30 ? [Math.floor(index / 3 / width)] : []))).size
    expect(heightOf(marked)).toBeLessThan(heightOf(bare) / 2)
    expect(ink(await text('&amp;'))).not.toBe(ink(await text('&')))
    expect(ink(await text('</span><i>"\'&#0;'))).toBeGreaterThan(0)
  })

  it.each(['Ελληνικά', 'Русский', 'العربية', 'ქართული'])(
    'shows letters of other scripts as themselves: %s',
    async (word) => {
      // A missing letter is drawn as a box with its number, the same for letters whose number looks alike.
      const missing = await text('\u{10fffe}'.repeat(word.length))
      expect(ink(await text(word))).toBeGreaterThan(10_000)
      expect((await text(word)).data.equals(missing.data)).toBe(false)
    },
  )

  it('needs no fonts of the system', () => {
    const folder = mkdtempSync(join(tmpdir(), 'mediamill-fonts-'))
    const file = join(folder, 'fonts.conf')
    writeFileSync(file, `<?xml version="1.0"?><fontconfig><cachedir>${folder}</cachedir></fontconfig>`)
    const script = `
      const { drawText } = await import(${JSON.stringify(new URL('text.ts', import.meta.url).href)})
      const room = { width: 400, height: 4000 }
      const [thin, wide] = [await drawText('iiii', undefined, room), await drawText('WWWW', undefined, room)]
      console.log(JSON.stringify([thin.height, wide.height]))`
    const env = { ...process.env, FONTCONFIG_FILE: file }
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { env, encoding: 'utf8' })
    rmSync(folder, { recursive: true })
    // Boxes, which stand for letters that no font has, are all of one shape.
    const [thin, wide] = JSON.parse(stdout)
    expect(thin).toBeGreaterThan(2 * wide)
  })

  it('gives the same pixels again', async () => {
    expect((await text('Same')).data.equals((await text('Same')).data)).toBe(true)
  })

  it('refuses a text of which nothing can be seen', async () => {
    const step = { kind: 'watermark', text: ' ', place: 'centre', opacity: 1, share: 0.8 } as const
    expect(await refusal(plain(60, 20, 0), step)).toBe('PARAMS_INVALID: Nothing can be seen of the text " ".')
  })

  it('fits into tiny and into narrow pictures', async () => {
    expect(sizeOf(await text('A rather long text', {}, plain(1, 1, 0, 0, 0)))).toEqual([1, 1, 3])
    expect(sizeOf(await text('Many\nlines\nof\ntext', {}, plain(600, 9, 0, 0, 0)))).toEqual([600, 9, 3])
    // As wide as asked, the letters would be higher than anything that can be drawn.
    const column = await text('i\n'.repeat(99), { share: 1 }, plain(3000, 400, 0, 0, 0))
    expect(ink(column)).toBeGreaterThan(0)
  })
})

describe('several steps', () => {
  it('are done one after the other, each on what the one before left', async () => {
    const result = await applySteps(numbered(20, 10), [
      { kind: 'rotate', degrees: 90 },
      { kind: 'crop', left: 0, top: 0, width: 2, height: 2 },
      { kind: 'flip', direction: 'horizontal' },
    ])
    expect([at(result, 0, 0), at(result, 1, 0)]).toEqual([
      [0, 8, 7],
      [0, 9, 7],
    ])
  })

  it('can be encoded in the end', async () => {
    const picture = await pictureOfPixels(numbered(20, 10)).apply([{ kind: 'grey' }, { kind: 'rotate', degrees: 5 }])
    const { data, width, height } = await picture.write({ format: 'png' })
    expect(await sharp(data).metadata()).toMatchObject({ format: 'png', width, height, hasAlpha: true })
  })
})
