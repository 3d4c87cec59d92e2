import { describe, expect, it } from 'vitest'
import { corpus, hasCorpus } from '../../test/support/corpus.ts'
import { openMedia } from '../media/open.ts'
import { metadata } from './metadata.ts'

const io = { signal: new AbortController().signal, artifact: async () => {}, progress: () => {} }

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

  it('hangs on the content, as an edit of the words changes no pixel', () => {
    expect(metadata.dependsOn).toBe('content')
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
