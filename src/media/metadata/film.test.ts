import { describe, expect, it } from 'vitest'
import type { Probe } from '../probe.ts'
import { readMetadata } from './read-metadata.ts'

const film = (probe: Partial<Probe>): Probe => ({
  container: { format: 'mov' },
  video: [],
  audio: [],
  subtitles: [],
  chapters: [],
  attachedPictures: [],
  tags: {},
  ...probe,
})

describe('metadata of a film', () => {
  it('comes from the probe alone, so that the file is not opened again', async () => {
    const probe = film({
      container: { format: 'mov', durationMs: 4000 },
      video: [
        { width: 1920, height: 1080, displayWidth: 1080, displayHeight: 1920, bitDepth: 10, colorPrimaries: 'bt2020' },
      ],
      tags: {
        creation_time: '2023-05-09T11:48:30.000000Z',
        'com.apple.quicktime.make': 'Apple',
        'com.apple.quicktime.model': 'iPhone 14 Pro',
        'com.apple.quicktime.software': '16.4.1',
        'com.apple.quicktime.creationdate': '2023-05-09T12:41:46+0100',
        'com.apple.quicktime.location.ISO6709': '+51.5334-000.1255+026.756/',
      },
    })
    const { tags, ...metadata } = await readMetadata('/nowhere/film.mov', { format: 'mov', probe })
    expect(metadata).toEqual({
      format: 'mov',
      width: 1080,
      height: 1920,
      colorSpace: 'rec2020',
      bitDepth: 10,
      durationMs: 4000,
      takenAt: '2023-05-09T12:41:46+01:00',
      camera: { make: 'Apple', model: 'iPhone 14 Pro' },
      gps: { latitude: 51.5334, longitude: -0.1255, altitude: 26.756 },
      software: '16.4.1',
    })
    expect(tags.quicktime?.model).toBe('iPhone 14 Pro')
  })

  it('takes the creation time of the container as UTC, and none that was never set', async () => {
    const read = async (creation_time: string) =>
      (await readMetadata('/nowhere/film.mp4', { format: 'mp4', probe: film({ tags: { creation_time } }) })).takenAt
    expect(await read('2016-05-31T17:01:35.000000Z')).toBe('2016-05-31T17:01:35Z')
    expect(await read('1904-01-01T00:00:00.000000Z')).toBeUndefined()
  })

  it('of a sound has its words and no size', async () => {
    const probe = film({
      container: { format: 'mp3', durationMs: 1000 },
      tags: { TITLE: 'Song', artist: 'Someone', copyright: '©' },
    })
    const metadata = await readMetadata('/nowhere/song.mp3', { format: 'mp3', probe })
    expect(metadata).toMatchObject({ title: 'Song', creator: 'Someone', copyright: '©', durationMs: 1000 })
    expect(metadata).not.toHaveProperty('width')
  })
})
