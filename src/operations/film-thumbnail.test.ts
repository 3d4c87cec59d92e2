import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FilmRecipe, makeFilm } from '../../test/support/films.ts'
import { noFiles } from '../../test/support/operation-io.ts'
import { openMedia } from '../media/open.ts'
import { filmThumbnail } from './film-thumbnail.ts'
import type { ArtifactDraft } from './operation.ts'
import { probe } from './probe.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mediamill-thumbnail-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** Runs the operation once for each set of parameters, in one opening of a film that is made for it. */
async function thumbnails(recipe: FilmRecipe, ...wanted: Parameters<typeof filmThumbnail.params.parse>[0][]) {
  const path = join(folder, recipe.video === null ? 'sound.m4a' : `film.${recipe.muxer ? 'ts' : 'mp4'}`)
  await makeFilm(path, recipe)
  const media = await openMedia(path)
  const artifacts: { draft: ArtifactDraft; content: Uint8Array }[] = []
  const artifact = async (draft: ArtifactDraft, content: Uint8Array) => {
    artifacts.push({ draft, content })
  }
  const io = { signal: new AbortController().signal, artifact, ...noFiles, progress: () => {} }
  try {
    await probe.run(media, {}, io)
    const results = []
    for (const params of wanted) {
      const parsed = filmThumbnail.params.parse(params)
      results.push(filmThumbnail.result.parse(await filmThumbnail.run(media, parsed, io)))
    }
    return { results, artifacts, counts: { ...media.counts } }
  } finally {
    await media.close()
  }
}

describe('thumbnail of a film', () => {
  it('is its most telling frame, as a small WebP', async () => {
    const { results, artifacts } = await thumbnails({ width: 640, height: 360 }, {})
    expect(results).toMatchObject([{ width: 250, height: 141, format: 'webp', atMs: expect.any(Number) }])
    expect(artifacts).toMatchObject([{ draft: { role: 'thumbnail', format: 'webp', width: 250, height: 141 } }])
    expect(await sharp(artifacts[0]?.content).metadata()).toMatchObject({ format: 'webp', width: 250, height: 141 })
  })

  it('shows the frame of a moment when it is asked for', async () => {
    const { results } = await thumbnails({ seconds: 4 }, { at: 1.2 }, { at: '75%' })
    expect(results).toMatchObject([{ atMs: 1200 }, { atMs: 3000 }])
  })

  it('shows the nearest key frame for a part of the length, where one is near', async () => {
    const { results, counts } = await thumbnails({ seconds: 8, gop: 50 }, { at: '30%' }, { at: '21%' }, { at: '95%' })
    expect(results).toMatchObject([{ atMs: 2000 }, { atMs: 2000 }, { atMs: 7600 }])
    expect(counts.framesDecoded).toBeGreaterThan(3)
  })

  it('decodes nothing but the key frame that it shows', async () => {
    const { results, counts } = await thumbnails({ seconds: 8, gop: 50 }, { at: '45%' })
    expect(results).toMatchObject([{ atMs: 4000 }])
    expect(counts.framesDecoded).toBe(1)
  })

  it('shows a part exactly, or a time about, when it is asked to', async () => {
    const recipe = { seconds: 8, gop: 50 }
    const { results } = await thumbnails(recipe, { at: '30%', exact: true }, { at: 5.2, exact: false })
    expect(results).toMatchObject([{ atMs: 2400 }, { atMs: 6000 }])
  })

  it('shows the last key frame for a time after the end, also where no index leads there', async () => {
    const muxer = { mpegts_copyts: '0' }
    const { results } = await thumbnails({ seconds: 24, gop: 50, muxer }, { at: 30, exact: false })
    expect(results).toMatchObject([{ atMs: 22_000 }])
  })

  it('is never enlarged', async () => {
    const { results } = await thumbnails({}, { edge: 1440, format: 'jpeg', role: 'preview' })
    expect(results).toMatchObject([{ width: 160, height: 96, format: 'jpeg' }])
  })

  it('needs one opening for a probe and two sizes, and chooses the frame once', async () => {
    const one = await thumbnails({ seconds: 4 }, { edge: 100 })
    const two = await thumbnails({ seconds: 4 }, { edge: 100 }, { edge: 1440, format: 'jpeg', role: 'preview' })
    expect(two.counts).toEqual(one.counts)
    expect(two.counts).toMatchObject({ demuxes: 1, pictureDecodes: 0 })
    expect(two.results[0]?.atMs).toBe(two.results[1]?.atMs)
  })

  it('is the cover of a sound', async () => {
    const { results } = await thumbnails({ video: null, audio: 'aac', cover: [10, 200, 10] }, {})
    expect(results).toMatchObject([{ width: 120, height: 80, atMs: 0, intent: { source: 'cover' } }])
  })

  it('can not be made of a sound without a cover', async () => {
    await expect(thumbnails({ video: null, audio: 'aac' }, {})).rejects.toMatchObject({ code: 'NO_PICTURE' })
  })

  it.each([-1, '101%', '12', 'first', ''])('refuses the moment %j', (at) => {
    expect(filmThumbnail.params.safeParse({ at }).success).toBe(false)
  })

  it.each([0, 12.5, '0%', '33.3%', '100%', 'best'])('takes the moment %j', (at) => {
    expect(filmThumbnail.params.safeParse({ at }).success).toBe(true)
  })
})
