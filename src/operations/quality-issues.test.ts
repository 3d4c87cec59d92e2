import sharp, { type Sharp } from 'sharp'
import { describe, expect, it } from 'vitest'
import { noFiles } from '../../test/support/operation-io.ts'
import { fileOf, truncated } from '../../test/support/pictures.ts'
import { openMedia } from '../media/open.ts'
import type { OperationIo } from './operation.ts'
import { qualityIssues } from './quality-issues.ts'

const io: OperationIo = {
  signal: new AbortController().signal,
  artifact: async () => undefined,
  ...noFiles,
  progress: () => undefined,
}

async function judge(content: Buffer) {
  const media = await openMedia(fileOf('source', content))
  try {
    return qualityIssues.result.parse(await qualityIssues.run(media, {}, io))
  } finally {
    await media.close()
  }
}

const kinds = ({ issues }: Awaited<ReturnType<typeof judge>>): string[] => issues.map(({ kind }) => kind)

/** Things of many sizes, colours and shades, with sharp edges and no noise. */
function scene(width = 900, height = 600): Sharp {
  let seed = 5
  const random = (from: number, to: number): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
    return Math.round(from + ((to - from) * seed) / 2 ** 32)
  }
  const things = Array.from({ length: 500 }, () => {
    const size = random(3, 14) ** 2 / 2
    const colour = `hsl(${random(0, 360)} ${random(0, 60)}% ${random(3, 97)}%)`
    return `<ellipse cx="${random(0, width)}" cy="${random(0, height)}" rx="${size}" ry="${random(2, 60)}" fill="${colour}"/>`
  })
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="#777"/>${things.join('')}</svg>`
  return sharp(Buffer.from(svg)).flatten()
}

const jpeg = (image: Sharp, quality = 93): Promise<Buffer> => image.jpeg({ quality }).toBuffer()

describe('quality-issues', () => {
  it('finds a blurred copy blurred, and worse', async () => {
    const sharpOne = await judge(await jpeg(scene()))
    const blurred = await judge(await jpeg(scene().blur(3)))
    expect(kinds(sharpOne)).not.toContain('blur')
    expect(kinds(blurred)).toContain('blur')
    expect(blurred.score).toBeLessThan(sharpOne.score)
    expect(blurred.issues.find(({ kind }) => kind === 'blur')?.evidence.edgeWidthPx).toBeGreaterThan(3)
  })

  it('knows strong compression by the tables of a JPEG, and names its quality', async () => {
    const result = await judge(await jpeg(scene(), 12))
    const issue = result.issues.find(({ kind }) => kind === 'compression')
    expect(issue?.confidence).toBeGreaterThan(0.9)
    expect(issue?.evidence.jpegQuality).toBe(12)
  })

  it('sees what is too dark or too bright, with shares to check it by', async () => {
    const dark = await judge(await jpeg(scene().linear(0.25, 0)))
    const bright = await judge(await jpeg(scene().linear(2.6, 40)))
    expect(kinds(dark)).toContain('underexposed')
    expect(kinds(bright)).toContain('overexposed')
    expect(bright.issues.find(({ kind }) => kind === 'overexposed')?.evidence.clippedHighlights).toBeGreaterThan(0.1)
  })

  it('judges what could be decoded of a damaged file, and says that it is damaged', async () => {
    const result = await judge(truncated(await jpeg(scene()), 0.5))
    const corrupt = result.issues.find(({ kind }) => kind === 'corrupt')
    expect(corrupt?.confidence).toBe(1)
    expect(corrupt?.evidence.missingShare).toBeGreaterThan(0.2)
    expect(typeof corrupt?.evidence.damage).toBe('string')
  })

  it('calls thumbnails small, and says how small', async () => {
    const result = await judge(await jpeg(scene().resize(120)))
    const issue = result.issues.find(({ kind }) => kind === 'low-resolution')
    expect(issue?.evidence).toMatchObject({ width: 120, height: 80 })
  })

  it('judges large pictures at 1440 pixels, and tiny ones too', async () => {
    expect((await judge(await jpeg(scene().resize(3000)))).judgedAt).toEqual({ width: 1440, height: 960 })
    expect((await judge(await jpeg(scene().resize(9, 5)))).judgedAt).toEqual({ width: 9, height: 5 })
  })

  it('gives the same answer for the same picture', async () => {
    const content = await jpeg(scene().blur(1.2), 70)
    expect(await judge(content)).toEqual(await judge(content))
  })

  it('lists nothing below a confidence of one half, and the gravest first', async () => {
    const { issues, score } = await judge(await jpeg(scene().blur(4).linear(0.3, 0), 8))
    expect(issues.length).toBeGreaterThan(1)
    const weights = issues.map(({ severity, confidence }) => severity * confidence)
    expect(weights).toEqual([...weights].sort((a, b) => b - a))
    for (const { confidence, severity } of issues) {
      expect(confidence).toBeGreaterThanOrEqual(0.5)
      expect(severity).toBeGreaterThanOrEqual(0)
      expect(severity).toBeLessThanOrEqual(1)
    }
    expect(score).toBeLessThan(40)
  })
})
