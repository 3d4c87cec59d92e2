import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { noFiles } from '../../test/support/operation-io.ts'
import { fileOf, photo, quarters, rawWith, truncated, withExif } from '../../test/support/pictures.ts'
import { openMedia } from '../media/open.ts'
import type { ArtifactDraft, OperationIo } from './operation.ts'
import { parseParameters } from './parameters.ts'
import { resize } from './resize.ts'

interface Kept extends ArtifactDraft {
  readonly content: Uint8Array
}

async function run(content: Buffer | string, params: object) {
  const media = await openMedia(fileOf('original', content))
  const kept: Kept[] = []
  const io: OperationIo = {
    signal: new AbortController().signal,
    artifact: async (draft, bytes) => void kept.push({ ...draft, content: bytes }),
    ...noFiles,
    progress: () => undefined,
  }
  try {
    const result = await resize.run(media, resize.params.parse(params), io)
    resize.result.strict().parse(result)
    return { result, kept, counts: media.counts }
  } finally {
    await media.close()
  }
}

describe('resize', () => {
  it.each([
    [{ width: 100 }, 100, 75],
    [{ height: 60 }, 80, 60],
    [{ width: 100, height: 100, fit: 'cover', focus: 'entropy' }, 100, 100],
    [{ width: 100, height: 100, fit: 'contain' }, 100, 100],
    [{ width: 1000 }, 400, 300],
    [{ width: 800, enlarge: true }, 800, 600],
  ])('brings 400×300 by %j to %i×%i in its own format', async (params, width, height) => {
    const { result, kept } = await run(await photo(400, 300).jpeg().toBuffer(), params)
    expect(result).toMatchObject({ format: 'jpeg', width, height })
    expect(result).not.toHaveProperty('instead')
    expect(kept).toMatchObject([{ role: 'picture', format: 'jpeg', width, height }])
    expect(await sharp(kept[0]?.content).metadata()).toMatchObject({ format: 'jpeg', width, height })
  })

  it('takes sides as they are seen', async () => {
    const turned = withExif(await quarters(400, 200).jpeg().toBuffer(), [[274, 6]])
    expect((await run(turned, { width: 50 })).result).toMatchObject({
      width: 50,
      height: 100,
      intent: { orientation: 6 },
    })
  })

  it('keeps an animation moving', async () => {
    const raw = { width: 40, height: 60, channels: 3, pageHeight: 20 } as const
    const data = Buffer.from(Array.from({ length: 40 * 60 * 3 }, (_, at) => at >> 6))
    const gif = await sharp(data, { raw })
      .gif({ delay: [100, 200, 300] })
      .toBuffer()
    const { result, kept } = await run(gif, { width: 20 })
    expect(result).toMatchObject({ format: 'gif', width: 20, height: 10, frames: 3 })
    expect((await sharp(kept[0]?.content).metadata()).delay).toEqual([100, 200, 300])
  })

  it('takes another format when that is asked', async () => {
    expect((await run(await photo(400, 300).jpeg().toBuffer(), { width: 40, format: 'avif' })).result.format).toBe(
      'avif',
    )
  })

  it('makes a JPEG of what can not be written, with one decode, and says so', async () => {
    const { result, counts } = await run(rawWith(await photo(400, 300).jpeg().toBuffer(), 1), { width: 40 })
    expect(result).toMatchObject({ format: 'jpeg', width: 40, instead: 'raw can not be written, so it became jpeg' })
    expect(counts.pictureDecodes).toBe(1)
  })

  it('makes a WebP of it when parts are clear', async () => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="9" height="9"/></svg>'
    const { result } = await run(svg, { width: 20 })
    expect(result).toMatchObject({
      format: 'webp',
      width: 20,
      height: 10,
      instead: 'svg can not be written, so it became webp',
    })
  })

  it('shows what is left of a damaged file, and says so', async () => {
    const { result } = await run(truncated(await photo().jpeg().toBuffer(), 0.6), { width: 100 })
    expect(result.damaged).toBe('the picture data ends early')
  })

  it('refuses to work without a width and a height', () => {
    expect(() => parseParameters(resize.params, { fit: 'cover' })).toThrow(
      'Expected a width, a height or both for "width", but it is missing.',
    )
  })

  it.each([
    { width: 0 },
    { width: 1.5 },
    { width: 70_000 },
    { width: 9, fit: 'crop' },
    { width: 9, background: '#12' },
  ])('refuses %j before anything is opened', (params) => {
    expect(resize.params.safeParse(params).success).toBe(false)
  })
})
