import { createHash } from 'node:crypto'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import sharp, { type Sharp } from 'sharp'
import { describe, expect, it } from 'vitest'
import { corpus, hasCorpus } from '../../test/support/corpus.ts'
import { clipped, psnr, qualitySets, rendered } from '../../test/support/enhance.ts'
import { noFiles } from '../../test/support/operation-io.ts'
import { fileOf, photo, truncated, withExif } from '../../test/support/pictures.ts'
import { render } from '../../test/support/rendering.ts'
import { openMedia } from '../media/open.ts'
import { enhance } from './enhance.ts'
import type { ArtifactDraft, OperationIo } from './operation.ts'

async function run(file: string | Buffer, params: object = {}, signal = new AbortController().signal) {
  const media = await openMedia(typeof file === 'string' ? file : fileOf('enhanced', file))
  const kept: (ArtifactDraft & { readonly content: Buffer })[] = []
  const io: OperationIo = {
    signal,
    artifact: async (draft, bytes) => void kept.push({ ...draft, content: Buffer.from(bytes) }),
    ...noFiles,
    progress: (fraction) => expect(fraction).toBeLessThanOrEqual(1),
  }
  const result = enhance.result.parse(await enhance.run(media, enhance.params.parse(params), io))
  await media.close()
  return { result, kept, picture: kept[0] ? await render(kept[0].content) : undefined }
}

const spoiled = (defect: string, levels: readonly number[]): { file: string; pristine: string }[] =>
  hasCorpus
    ? qualitySets().flatMap(({ pristine, degraded }) =>
        degraded
          .filter((each) => each.defect === defect && levels.includes(each.level))
          .map(({ file }) => ({ file, pristine })),
      )
    : []

describe.skipIf(!hasCorpus)('enhance, on spoiled photos', () => {
  it.each([
    { defect: 'underexposed', levels: [2, 3], least: 0.9 },
    // What was clipped is lost: often no correction makes it better.
    { defect: 'overexposed', levels: [2, 3], least: 0 },
    { defect: 'low-contrast', levels: [2], least: 0.9 },
    { defect: 'noise', levels: [2, 3], least: 0.9 },
  ])('mends $defect: a better score, nearer to the original, nothing clipped', async ({ defect, levels, least }) => {
    const files = spoiled(defect, levels)
    let mended = 0
    for (const { file, pristine } of files) {
      const { result, picture } = await run(join(corpus, file), { format: 'png' })
      if (!picture) continue
      mended++
      const { before, after = 0 } = result.score
      expect(after, file).toBeGreaterThan(before)
      const [bad, good] = [await rendered(file), await rendered(pristine)]
      expect(await psnr(picture, good), file).toBeGreaterThanOrEqual(await psnr(bad, good))
      const [clips, more] = [await clipped(bad), await clipped(picture)]
      for (const [index, count] of more.entries()) expect(count, file).toBeLessThanOrEqual(clips[index] ?? 0)
    }
    expect(mended / files.length).toBeGreaterThanOrEqual(least)
  })

  it('leaves good photos as they are, and says why', { timeout: 240_000 }, async () => {
    const others = globSync('photos/{gps/DSCN,immich/albums/nature/,large/[a-j]}*', { cwd: corpus })
    const good = [...qualitySets().map(({ pristine }) => pristine), ...others]
    const changed: string[] = []
    for (const file of good) {
      const { result, kept } = await run(join(corpus, file))
      expect(kept, file).toHaveLength(result.changed ? 1 : 0)
      expect(typeof result.reason, file).toBe(result.changed ? 'undefined' : 'string')
      if (result.changed) changed.push(file)
    }
    expect(good.length).toBeGreaterThan(24)
    expect(changed.length / good.length).toBeLessThanOrEqual(0.05)
  })

  it('gives the same bytes for the same file and parameters', async () => {
    const [{ file } = { file: '' }] = spoiled('underexposed', [3])
    const digests = new Set<string>()
    for (let time = 0; time < 2; time++) {
      const { kept } = await run(join(corpus, file), { quality: 90 })
      digests.add(
        createHash('sha256')
          .update(kept[0]?.content ?? '')
          .digest('hex'),
      )
      expect(kept).toHaveLength(1)
    }
    expect(digests.size).toBe(1)
  })

  it('makes only the corrections that are allowed, and none at strength 0', async () => {
    const [{ file } = { file: '' }] = spoiled('underexposed', [3])
    const all = await run(join(corpus, file))
    expect(all.result.corrections.map(({ name }) => name)).toContain('exposure')
    const others = await run(join(corpus, file), { only: ['denoise', 'deblock'] })
    expect(others.result.corrections.map(({ name }) => name)).not.toContain('exposure')
    expect((await run(join(corpus, file), { strength: 0 })).result.changed).toBe(false)
  })

  it('goes farther the stronger it may', async () => {
    const [{ file } = { file: '' }] = spoiled('underexposed', [3])
    const stops = async (strength: number): Promise<number> => {
      const { result } = await run(join(corpus, file), { strength, only: ['exposure'] })
      return result.corrections[0]?.details.stops ?? 0
    }
    const [little, much] = [await stops(0.2), await stops(1)]
    expect(little).toBeGreaterThan(0)
    expect(much).toBeGreaterThan(little)
  })
})

/** A picture that is far too dark. */
const dark = (): Sharp => photo(400, 300).linear(0.25, 0)

describe('enhance', () => {
  it.each(['#7a8a70', '#102030', '#000000', '#ffffff'])(
    'has nothing to mend in a plain area of %s',
    async (background) => {
      const plain = sharp({ create: { width: 200, height: 150, channels: 3, background } })
      const { result, kept } = await run(await plain.png().toBuffer())
      expect(result).toMatchObject({ changed: false, corrections: [] })
      expect(kept).toEqual([])
    },
  )

  it('leaves a damaged file as it is, and says so', async () => {
    const { result, kept } = await run(truncated(await photo(600, 400).jpeg().toBuffer(), 0.6))
    expect(result).toMatchObject({ changed: false, reason: expect.stringContaining('damaged') })
    expect(result.damaged).toBeTypeOf('string')
    expect(kept).toEqual([])
  })

  it('writes the format it found, upright and without metadata, or the one that is asked', async () => {
    const content = withExif(await dark().jpeg().toBuffer(), [[274, 6]])
    for (const [params, format] of [
      [{}, 'jpeg'],
      [{ format: 'webp' }, 'webp'],
    ] as const) {
      const { result, kept } = await run(content, { ...params, strength: 1 })
      expect(result.changed).toBe(true)
      expect(result).toMatchObject({ format, width: 300, height: 400, bytes: kept[0]?.content.length })
      const found = await sharp(kept[0]?.content).metadata()
      expect(found).toMatchObject({ format, width: 300, height: 400 })
      expect(found.exif).toBeUndefined()
    }
  })

  it('stops when nobody waits any more', async () => {
    const content = await dark().png().toBuffer()
    await expect(run(content, { only: ['denoise'] }, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('refuses what makes no sense', () => {
    for (const params of [
      { strength: 2 },
      { strength: -1 },
      { only: [] },
      { only: ['magic'] },
      { format: 'bmp' },
      { quality: 0 },
    ]) {
      expect(enhance.params.safeParse(params).success).toBe(false)
    }
  })
})
