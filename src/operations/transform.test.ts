import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { noFiles } from '../../test/support/operation-io.ts'
import {
  fileOf,
  photo,
  quarterColours,
  quarters,
  quartersSeen,
  truncated,
  withExif,
} from '../../test/support/pictures.ts'
import { MediaError } from '../errors.ts'
import { defaultLimits } from '../media/limits.ts'
import { openMedia } from '../media/open.ts'
import type { OperationIo } from './operation.ts'
import { parseParameters } from './parameters.ts'
import { transform } from './transform.ts'

let count = 0

async function run(content: Buffer, params: { steps: object[]; [name: string]: unknown }, signal?: AbortSignal) {
  const media = await openMedia(fileOf(`source-${count++}`, content), defaultLimits)
  const kept: { role: string; format: string; width?: number; height?: number; content: Buffer }[] = []
  const told: number[] = []
  const io: OperationIo = {
    signal: signal ?? new AbortController().signal,
    artifact: async (draft, bytes) => void kept.push({ ...draft, content: Buffer.from(bytes) }),
    ...noFiles,
    progress: (fraction) => void told.push(fraction),
  }
  const asked = transform.params.parse({ format: 'png', ...params })
  if (transform.edge) media.expect(transform.edge(asked))
  const result = await transform.run(media, asked, io)
  await media.close()
  const made = kept[0]?.content ?? Buffer.alloc(0)
  return { result: transform.result.strict().parse(result), kept, made, told, counts: media.counts }
}

const seen = async (picture: Buffer) => {
  const { data, info } = await sharp(picture).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  return { data, width: info.width, height: info.height }
}
const sizeAfter = async (content: Buffer, ...steps: object[]) => {
  const { result } = await run(content, { steps })
  return [result.width, result.height]
}
const [topLeft, topRight, bottomLeft, bottomRight] = quarterColours

describe('transforming a picture', () => {
  it('does the steps in their order and tells of the new picture', async () => {
    const { result, kept, made, told } = await run(await quarters(80, 40).png().toBuffer(), {
      steps: [
        { kind: 'crop', width: '50%' },
        { kind: 'rotate', degrees: 90 },
        { kind: 'flip', direction: 'vertical' },
      ],
    })
    expect(result).toMatchObject({ width: 40, height: 40, format: 'png', bytes: made.length })
    expect(kept).toMatchObject([{ role: 'picture', format: 'png', width: 40, height: 40 }])
    // Turned, what was left lies above; mirrored, below.
    expect(quartersSeen(await seen(made))).toEqual([bottomRight, topRight, bottomLeft, topLeft])
    expect(told.at(-1)).toBe(0.75)
  })

  it('begins with the upright picture, and says how it was turned', async () => {
    const stored = await quarters(80, 40).jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer()
    const { result } = await run(withExif(stored, [[274, 6]]), { steps: [{ kind: 'crop', height: 20, place: 'top' }] })
    expect(result).toMatchObject({ width: 40, height: 20, intent: { orientation: 6, orientationFrom: 'exif' } })
  })

  it.each([
    ['webp', 'webp'],
    ['jpeg', 'jpeg'],
    ['avif', 'heif'],
    ['tiff', 'tiff'],
    ['gif', 'gif'],
  ])('writes greys with transparent corners as %s too', async (format, found) => {
    const steps = [{ kind: 'grey' }, { kind: 'rotate', degrees: 10 }]
    const { result, made } = await run(await photo(80, 40).png().toBuffer(), { steps, format })
    const { width, height } = result
    expect(await sharp(made).metadata()).toMatchObject({ format: found, width, height, hasAlpha: format !== 'jpeg' })
  })

  it('keeps every pixel when it writes without loss', async () => {
    const source = await photo(80, 40).png().toBuffer()
    const { made } = await run(source, {
      steps: [{ kind: 'crop', left: 8, top: 2, width: 50, height: 30 }],
      format: 'webp',
      lossless: true,
    })
    const expected = await sharp(source).extract({ left: 8, top: 2, width: 50, height: 30 }).raw().toBuffer()
    expect((await seen(made)).data.equals(expected)).toBe(true)
  })

  it('tells of damage and uses what is there', async () => {
    const { result } = await run(truncated(await photo(400, 300).jpeg().toBuffer(), 0.6), { steps: [{ kind: 'grey' }] })
    expect(result).toMatchObject({ width: 400, height: 300, damaged: 'the picture data ends early' })
  })

  it('gives the same bytes again', async () => {
    const source = await photo(200, 100).jpeg().toBuffer()
    const steps = [
      { kind: 'rotate', degrees: 3 },
      { kind: 'watermark', text: 'Same' },
      { kind: 'sharpen' },
      { kind: 'blur' },
    ]
    const [first, second] = [await run(source, { steps, format: 'webp' }), await run(source, { steps, format: 'webp' })]
    expect(second.made.equals(first.made)).toBe(true)
  })

  it('stops between the steps when nobody waits any more', async () => {
    const steps = [{ kind: 'grey' }]
    await expect(
      run(await photo(80, 40).png().toBuffer(), { steps }, AbortSignal.abort(new MediaError('CANCELLED'))),
    ).rejects.toMatchObject({
      code: 'CANCELLED',
    })
  })

  it('says in which step something does not fit, with both sizes', async () => {
    const steps = [{ kind: 'grey' }, { kind: 'resize', width: 40 }, { kind: 'crop', left: 30, width: 20 }]
    await expect(run(await photo(80, 40).png().toBuffer(), { steps })).rejects.toMatchObject({
      code: 'PARAMS_INVALID',
      message: 'Step 3 (crop): A piece of 20×20 at 30, 0 does not lie inside the picture of 40×20.',
    })
  })
})

describe('pieces', () => {
  const source = () => quarters(80, 40).png().toBuffer()
  const mean = async (step: object) => {
    const { made } = await run(await source(), { steps: [{ kind: 'crop', ...step }] })
    return quartersSeen(await seen(made))[0]
  }

  it.each([
    ['top-left', topLeft],
    ['top-right', topRight],
    ['bottom-left', bottomLeft],
    ['bottom-right', bottomRight],
  ])('lie at the %s', async (place, color) => {
    expect(await mean({ width: 20, height: '25%', place })).toEqual(color)
  })

  it('are in pixels or shares, and as large as the picture where nothing is said', async () => {
    expect(await sizeAfter(await source(), { kind: 'crop', width: '25%', height: 30 })).toEqual([20, 30])
    expect(await sizeAfter(await source(), { kind: 'crop', height: 10 })).toEqual([80, 10])
  })

  it('have an aspect: the largest of it', async () => {
    expect(await sizeAfter(await source(), { kind: 'crop', aspect: '1:1' })).toEqual([40, 40])
    expect(await sizeAfter(await source(), { kind: 'crop', aspect: '4:1' })).toEqual([80, 20])
    expect(await sizeAfter(await source(), { kind: 'crop', aspect: '2.39:1', width: '50%' })).toEqual([40, 17])
  })

  it('are cut where something is to be seen', async () => {
    const plain = sharp({ create: { width: 300, height: 100, channels: 3, background: '#808080' } })
    const busy = await photo(60, 60).png().toBuffer()
    const source = await plain
      .composite([{ input: busy, left: 230, top: 20 }])
      .png()
      .toBuffer()
    for (const focus of ['attention', 'entropy']) {
      const { result, made } = await run(source, { steps: [{ kind: 'crop', aspect: '1:1', focus }] })
      expect([result.width, result.height]).toEqual([100, 100])
      const { entropy } = await sharp(made).stats()
      expect(entropy, focus).toBeGreaterThan(2)
    }
  })
})

describe('a resize as the first step', () => {
  it('decodes no more than is needed, and gives the size of the full picture to the pixel', async () => {
    const source = await photo(1333, 997).jpeg().toBuffer()
    for (const step of [
      { width: 100 },
      { height: 71 },
      { width: 100, height: 100 },
      { width: 100, height: 90, fit: 'outside' },
      { width: 101, height: 90, fit: 'cover' },
      { width: 101, height: 90, fit: 'contain' },
      { width: 101, height: 90, fit: 'fill' },
      { width: '10%' },
      { width: 4000, height: 4000 },
    ]) {
      const first = await run(source, { steps: [{ kind: 'resize', ...step }] })
      const later = await run(source, {
        steps: [
          { kind: 'flip', direction: 'vertical' },
          { kind: 'resize', ...step },
        ],
      })
      expect([first.result.width, first.result.height], JSON.stringify(step)).toEqual([
        later.result.width,
        later.result.height,
      ])
      expect(first.counts.pictureDecodes).toBe(1)
    }
  })

  it('looks like a resize of the whole', async () => {
    const source = await quarters(1600, 800).jpeg().toBuffer()
    const { made } = await run(source, {
      steps: [{ kind: 'resize', width: 100, height: 100, fit: 'contain', background: '#ff00ff' }],
    })
    const { data } = await seen(made)
    expect([...data.subarray(0, 3)]).toEqual([255, 0, 255])
    expect(await sharp(made).metadata()).toMatchObject({ width: 100, height: 100 })
  })
})

describe('a border', () => {
  it('is the same on all sides, but where a side is named', async () => {
    const source = await quarters(80, 40).png().toBuffer()
    expect(await sizeAfter(source, { kind: 'pad', all: 5 })).toEqual([90, 50])
    expect(await sizeAfter(source, { kind: 'pad', all: '10%', left: 0 })).toEqual([88, 48])
    const { made } = await run(source, { steps: [{ kind: 'pad', top: 10, background: '#0a0b0c' }] })
    expect([...(await seen(made)).data.subarray(0, 3)]).toEqual([10, 11, 12])
  })
})

describe('a watermark', () => {
  const logo = async () =>
    fileOf(
      `logo-${count++}.png`,
      await sharp({ create: { width: 40, height: 20, channels: 4, background: '#ff0000ff' } })
        .png()
        .toBuffer(),
    )
  const black = () =>
    sharp({ create: { width: 200, height: 100, channels: 3, background: '#000' } })
      .png()
      .toBuffer()

  it('is a picture of another file', async () => {
    const steps = [{ kind: 'watermark', image: await logo(), place: 'centre', share: 0.5, opacity: 1 }]
    const { made } = await run(await black(), { steps })
    const { data } = await seen(made)
    const at = (x: number, y: number) => [...data.subarray((y * 200 + x) * 3, (y * 200 + x) * 3 + 3)]
    expect([at(100, 50), at(52, 27), at(48, 50), at(100, 22)]).toEqual([
      [255, 0, 0],
      [255, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
    ])
  })

  it('names its file to whoever runs the operation', () => {
    const params = transform.params.parse({
      steps: [
        { kind: 'watermark', image: 'a.png' },
        { kind: 'watermark', text: 'a.png' },
      ],
    })
    expect(transform.mapFiles?.(params, (name) => `/full/${name}`).steps).toMatchObject([
      { image: '/full/a.png' },
      { text: 'a.png' },
    ])
  })

  it('says of a bad file that it is the one of the watermark', async () => {
    const text = fileOf('logo.txt', 'no picture at all')
    const steps = [{ kind: 'watermark', image: text }]
    await expect(run(await black(), { steps })).rejects.toMatchObject({
      code: 'UNSUPPORTED_CONTENT',
      message: 'The content is no picture, film or sound that can be read (the watermark: text).',
    })
    const empty = [{ kind: 'watermark', image: fileOf('logo.empty', '') }]
    await expect(run(await black(), { steps: empty })).rejects.toThrow('the watermark is empty')
  })
})

describe('parameters of steps', () => {
  const refusal = (...steps: unknown[]) => {
    try {
      parseParameters(transform.params, { steps })
      return 'accepted'
    } catch (error) {
      return (error as Error).message
    }
  }

  it.each<[string, unknown, string]>([
    ['an unknown kind', { kind: 'zoom' }, '"kind" in number 1 of "steps"'],
    ['an unknown name', { kind: 'grey', strength: 1 }, 'There is no parameter "strength" in number 1 of "steps"'],
    ['a length that is none', { kind: 'crop', width: 'half' }, 'Expected pixels such as 300, or a share such as "25%"'],
    ['no length at all', { kind: 'resize' }, 'Expected a width or a height for number 1 of "steps" (kind: resize)'],
    ['an even square', { kind: 'median', size: 4 }, 'Expected an odd number for "size"'],
    ['both a picture and a text', { kind: 'watermark', image: 'a', text: 'b' }, 'Expected either "image" or "text"'],
    ['neither', { kind: 'watermark' }, 'Expected either "image" or "text"'],
    ['a text of nothing', { kind: 'watermark', text: ' \n ' }, 'Expected a text that can be seen'],
    ['control characters', { kind: 'watermark', text: 'a\u0000b' }, 'Expected a text without control characters'],
    ['a colour by name', { kind: 'rotate', degrees: 5, background: 'red' }, 'Expected a colour such as #ff8800'],
    ['a background that is none', { kind: 'background', color: '#ffffff80' }, 'Expected a colour such as #ffffff for'],
    ['an aspect of nothing', { kind: 'crop', aspect: '0:1' }, 'Expected an aspect such as 16:9'],
    ['a focus beside a size', { kind: 'crop', focus: 'attention', width: 5 }, 'Expected "aspect" and no other size'],
  ])('are refused in words: %s', (_, step, words) => {
    expect(refusal(step)).toContain(words)
  })

  it('are not begun when the result could not be written', () => {
    const params = { steps: [{ kind: 'grey' }], format: 'jpeg', lossless: true }
    expect(() => parseParameters(transform.params, params)).toThrow(
      'Expected a format that can be written without loss',
    )
  })

  it('hold between one and fifty steps', () => {
    expect(refusal()).toContain('for "steps"')
    expect(refusal(...Array.from({ length: 51 }, () => ({ kind: 'grey' })))).toContain('for "steps"')
    expect(refusal(...Array.from({ length: 50 }, () => ({ kind: 'grey' })))).toBe('accepted')
  })
})
