import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeFilm } from '../../../test/support/films.ts'
import { MediaError } from '../../errors.ts'
import { type FormatName, formats } from '../formats.ts'
import { openInput } from './ffmpeg.ts'

let folder = ''
let film = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mediamill-ffmpeg-'))
  film = join(folder, 'film.ts')
  await makeFilm(film, { seconds: 0.4 })
})
afterAll(() => rm(folder, { recursive: true }))

const moving = (Object.keys(formats) as FormatName[]).filter((format) => formats[format].kind !== 'picture')

describe('opening a file with FFmpeg', () => {
  it('reads what the file is said to be', async () => {
    const context = await openInput(film, 'ts')
    expect(context.iformat?.name).toBe('mpegts')
    expect(context.nbStreams).toBe(1)
    await context.closeInput()
  })

  it.each([
    ['an HLS playlist', () => `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:0.4,\n${film}\n#EXT-X-ENDLIST\n`],
    ['a concat script', () => `ffconcat version 1.0\nfile '${film}'\n`],
    [
      'a DASH manifest',
      () =>
        `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><AdaptationSet><Representation><BaseURL>${film}</BaseURL></Representation></AdaptationSet></Period></MPD>`,
    ],
    ['a session description', () => 'v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n'],
  ])('follows %s to nothing, whatever format it is taken for', async (_, content) => {
    const path = join(folder, 'list.mp4')
    await writeFile(path, content())
    const opened: string[] = []
    for (const format of moving) {
      try {
        const context = await openInput(path, format)
        // Some sound formats take any bytes for sound; none may have found the picture of the film that is named.
        opened.push(...context.streams.filter(({ codecpar }) => codecpar.width > 0).map(() => format))
        await context.closeInput()
      } catch (error) {
        expect(error).toBeInstanceOf(MediaError)
      }
    }
    expect(opened).toEqual([])
  })

  it('reads a name that looks like a protocol as a name', async () => {
    await expect(openInput('concat:film.ts', 'ts')).rejects.toMatchObject({ code: 'FILE_MISSING' })
    await expect(openInput('http://127.0.0.1:9/film.ts', 'ts')).rejects.toMatchObject({ code: 'FILE_MISSING' })
  })

  it('refuses the formats of pictures', async () => {
    await expect(openInput(film, 'jpeg')).rejects.toMatchObject({ code: 'UNSUPPORTED_CONTENT' })
  })

  it('says of a beginning that can not be read that the file is damaged, and keeps what FFmpeg said', async () => {
    const path = join(folder, 'noise.mkv')
    await writeFile(path, Buffer.alloc(5000, 'noise'))
    const error = await openInput(path, 'mkv').catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'MEDIA_DAMAGED', cause: expect.any(Error) })
    expect(String(error)).not.toContain(folder)
  })
})
