import { describe, expect, it } from 'vitest'
import { corpus, hasCorpus } from '../../test/support/corpus.ts'
import { hasPerl } from '../../test/support/exiftool.ts'
import { aPhoto } from '../../test/support/library.ts'
import { noFiles } from '../../test/support/operation-io.ts'
import { fileOf } from '../../test/support/pictures.ts'
import { openMedia } from '../media/open.ts'
import { metadata } from './metadata.ts'
import type { ArtifactDraft } from './operation.ts'
import { parametersFromTexts, parseParameters } from './parameters.ts'

const io = { signal: new AbortController().signal, artifact: async () => {}, ...noFiles, progress: () => {} }

async function run(file: string) {
  const media = await openMedia(`${corpus}/${file}`)
  try {
    return {
      result: metadata.result.parse(await metadata.run(media, metadata.params.parse({}), io)),
      counts: media.counts,
    }
  } finally {
    await media.close()
  }
}

describe('metadata', () => {
  it('is quick unless a deep read is asked for', () => {
    expect(metadata.params.parse({})).toEqual({ deep: false })
  })

  it('takes what is to be set as nested flags', () => {
    const texts = { 'set.rating': '5', 'set.keywords': 'a,b', 'set.stripGps': 'true' }
    const given = parametersFromTexts(metadata.params, texts)
    expect(parseParameters(metadata.params, given)).toEqual({
      deep: false,
      set: { rating: 5, keywords: ['a', 'b'], stripGps: true },
    })
  })

  it.each([
    [{ rating: 6 }, /set\.rating/],
    [{ rating: 2.5 }, /set\.rating/],
    [{ keywords: [''] }, /set\.keywords/],
    [{ stars: 3 }, /stars/],
    [{}, /at least one field/],
    [{ title: 'a\0b' }, /a text without control characters for "set\.title"/],
    [{ description: 'half a \ud83d' }, /a text without control characters for "set\.description"/],
    [{ keywords: ['lake', 'a\u0007'] }, /a text without control characters for number 2 of "set\.keywords"/],
  ])('refuses to set %j', (set, message) => {
    expect(() => parseParameters(metadata.params, { set })).toThrow(message)
  })

  it('hangs on the content, as an edit of the words changes no pixel', () => {
    expect(metadata.dependsOn).toBe('content')
  })
})

describe.skipIf(!hasPerl)('metadata that is set', () => {
  it('gives the copy, and what the copy says', async () => {
    const path = fileOf('set.jpg', await aPhoto(1))
    const kept: { draft: ArtifactDraft; content: Uint8Array }[] = []
    const media = await openMedia(path)
    const artifact = async (draft: ArtifactDraft, content: Uint8Array) => void kept.push({ draft, content })
    const params = metadata.params.parse({ set: { rating: 5, title: 'A pond' } })
    const result = await metadata.run(media, params, { ...io, artifact })
    await media.close()
    expect(metadata.result.parse(result)).toMatchObject({ rating: 5, title: 'A pond', camera: { model: 'Test' } })
    expect(kept.map(({ draft }) => draft)).toEqual([{ role: 'copy', format: 'jpeg', width: 96, height: 72 }])
    const copy = await openMedia(fileOf('copy.jpg', kept[0]?.content ?? ''))
    expect(copy.identity.pixelId).toBe(media.identity.pixelId)
    expect(await copy.metadata()).toEqual(result)
    await copy.close()
  })

  it('makes none when nobody waits any more', async () => {
    const media = await openMedia(fileOf('set.jpg', await aPhoto(1)))
    const params = metadata.params.parse({ set: { rating: 5 } })
    await expect(metadata.run(media, params, { ...io, signal: AbortSignal.abort() })).rejects.toThrow(/abort/i)
    await media.close()
  })
})

describe.skipIf(!hasCorpus)('metadata of real files', () => {
  it('of a picture decodes nothing', async () => {
    const { result, counts } = await run('photos/immich/formats/heic/IMG_2682.heic')
    expect(result).toMatchObject({
      format: 'heic',
      camera: { make: 'Apple', model: 'iPhone 7' },
      takenAt: '2019-03-21T11:04:22.348',
    })
    expect(counts.pictureDecodes).toBe(0)
  })

  it('of a film comes from the one demuxer', async () => {
    const { result, counts } = await run('videos/androidx-media/dolbyVision-hdr.MOV')
    expect(result).toMatchObject({
      format: 'mov',
      camera: { make: 'Apple', model: 'iPhone 14 Pro' },
      takenAt: '2023-05-09T12:41:46+01:00',
      gps: { latitude: 51.5334, longitude: -0.1255 },
    })
    expect(counts.demuxes).toBe(1)
  })
})
