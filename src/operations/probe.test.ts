import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FilmRecipe, makeFilm } from '../../test/support/films.ts'
import { noFiles } from '../../test/support/operation-io.ts'
import { openMedia } from '../media/open.ts'
import { probe } from './probe.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mediamill-probe-'))
})
afterAll(() => rm(folder, { recursive: true }))

const io = { signal: new AbortController().signal, artifact: async () => {}, ...noFiles, progress: () => {} }

async function probed(name: string, recipe: FilmRecipe) {
  const path = join(folder, name)
  await makeFilm(path, { seconds: 1, ...recipe })
  const media = await openMedia(path)
  try {
    return {
      result: probe.result.parse(await probe.run(media, {}, io)),
      kind: media.identity.kind,
      counts: { ...media.counts },
    }
  } finally {
    await media.close()
  }
}

describe('probe', () => {
  it('tells what a film is made of without decoding anything', async () => {
    const { result, counts } = await probed('film.mkv', { audio: 'aac' })
    expect(result).toMatchObject({
      container: { format: 'mkv' },
      video: [{ codec: 'h264', width: 160, height: 96 }],
      audio: [{ codec: 'aac' }],
    })
    expect(counts).toEqual({ pictureDecodes: 0, demuxes: 1, framesDecoded: 0 })
  })

  it('tells what a sound is made of, in a film container too', async () => {
    const { result, kind } = await probed('sound.mp4', { video: null, audio: 'aac' })
    expect(result).toMatchObject({ video: [], audio: [{ codec: 'aac', sampleRate: 48_000 }] })
    expect(kind).toBe('sound')
  })

  it('hangs on the content, since it gives the tags', () => {
    expect(probe.dependsOn).toBe('content')
  })
})
