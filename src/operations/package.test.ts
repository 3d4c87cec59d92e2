import { spawnSync } from 'node:child_process'
import { hash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runOperation } from '../../src/executor/run.ts'
import { anApp, dataIn } from '../../test/support/app.ts'
import { corpus, hasCorpus } from '../../test/support/corpus.ts'
import { type FilmRecipe, makeFilm } from '../../test/support/films.ts'
import { readMasterPlaylist, readMediaPlaylist } from '../../test/support/hls.ts'
import { aFolder } from '../../test/support/library.ts'
import { recordingIo } from '../../test/support/operation-io.ts'
import { defaultLimits } from '../media/limits.ts'
import { openMedia } from '../media/open.ts'
import { packageFilm } from './package.ts'

const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0
if (!hasFfmpeg) {
  const note = 'No ffmpeg here: packages are not played by it. On Debian, "apt-get install ffmpeg".'
  if (process.env.CI === 'true') throw new Error(note)
  console.warn(note)
}

const folder = aFolder()
afterAll(() => folder[Symbol.dispose]())

let films = 0

/** Packages a file or a made film; its files lie below `path` under their names. */
async function packaged(
  film: string | FilmRecipe,
  params: Record<string, unknown> = {},
  { signal, onProgress }: { signal?: AbortSignal; onProgress?: (folder: string) => void } = {},
) {
  const file = typeof film === 'string' ? film : join(folder.path, `film-${films++}.mp4`)
  if (typeof film !== 'string') await makeFilm(file, film)
  const path = join(folder.path, `package-${films++}`)
  mkdirSync(path)
  const { io, kept } = recordingIo(signal)
  const media = await openMedia(file, defaultLimits)
  try {
    const own = { ...io, folder: async () => path, progress: () => onProgress?.(path) }
    const result = await packageFilm.run(media, packageFilm.params.parse(params), own)
    const text = (name: string) => readFileSync(join(path, name), 'utf8')
    return {
      path,
      result,
      kept,
      master: readMasterPlaylist(text('master.m3u8')),
      list: (name: string) => readMediaPlaylist(text(name)),
    }
  } finally {
    await media.close()
  }
}

type Package = Awaited<ReturnType<typeof packaged>>

/** Checks what must be true of every package; gives its playlists by name. */
function checked({ path, result, master, list, kept }: Package) {
  const names = readdirSync(path).filter((name) => name.endsWith('.m3u8') && name !== 'master.m3u8')
  const lists = new Map(names.map((name) => [name, list(name)]))
  const offered = [...master.variants, ...master.winding, ...master.sound].map(({ uri }) => uri)
  expect([...names].sort()).toEqual([...new Set(offered)].sort())
  expect(kept.map(({ name }) => name).sort()).toEqual(readdirSync(path).sort())
  for (const [name, playlist] of lists) {
    expect([name, playlist.type, playlist.isEnded]).toEqual([name, 'VOD', true])
    const content = readFileSync(join(path, playlist.head.uri))
    expect(content.toString('latin1', 4, 8)).toBe('ftyp')
    let at = playlist.head.bytes
    for (const { offset, bytes, seconds, uri } of playlist.entries) {
      expect(uri).toBe(playlist.head.uri)
      expect(content.toString('latin1', offset + 4, offset + 8)).toBe('moof')
      expect(offset + bytes).toBeLessThanOrEqual(content.length)
      expect(Math.round(seconds)).toBeLessThanOrEqual(playlist.targetSeconds)
      if (!playlist.isForWinding) expect(offset).toBe(at)
      at = offset + bytes
    }
    if (!playlist.isForWinding) expect(at).toBe(content.length)
    expect(Math.abs(playlist.seconds - result.durationMs / 1000)).toBeLessThan(0.11)
  }
  for (const variant of [...master.variants, ...master.winding]) {
    const { entries } = lists.get(variant.uri) ?? { entries: [] }
    const rates = entries.slice(0, Math.max(1, entries.length - 1)).map(({ bytes, seconds }) => (bytes * 8) / seconds)
    expect(Number(variant.BANDWIDTH)).toBeGreaterThanOrEqual(Math.floor(Math.max(...rates)))
    expect(Number(variant.BANDWIDTH)).toBeGreaterThanOrEqual(Number(variant['AVERAGE-BANDWIDTH']))
  }
  return lists
}

/** When ffprobe finds frames of the picture shown, in seconds. */
function shownAt(path: string): number[] {
  const args = ['-v', 'error', '-select_streams', 'v:0', '-show_entries', 'frame=pts_time', '-of', 'csv=p=0', path]
  const { stdout, stderr } = spawnSync('ffprobe', args, { encoding: 'utf8' })
  expect(stderr).toBe('')
  const lines = stdout.split('\n').filter((line) => /^\d/.test(line))
  return lines.map((line) => Number.parseFloat(line))
}

describe('package', () => {
  describe('of a film of nine seconds with sound', () => {
    let made: Package
    const grown: { entries: number; type: string | undefined }[] = []

    beforeAll(async () => {
      const film = { width: 320, height: 240, seconds: 9, gop: 250, audio: 'aac' }
      made = await packaged(
        film,
        { ladder: [240, 120] },
        {
          onProgress: (path) => {
            if (!existsSync(join(path, 'master.m3u8'))) return
            const list = readMediaPlaylist(readFileSync(join(path, '120p.m3u8'), 'utf8'))
            const { size } = statSync(join(path, list.head.uri))
            // Whatever is named is there.
            expect(list.entries.every(({ offset, bytes }) => offset + bytes <= size)).toBe(true)
            grown.push({ entries: list.entries.length, type: list.type })
          },
        },
      )
    })

    it('names byte ranges that lie in their files, follow each other, begin with a fragment, and add up to the film', () => {
      const lists = checked(made)
      expect(made.result.durationMs).toBeCloseTo(9000, -2)
      expect([...lists.keys()].sort()).toEqual([
        '120p-iframes.m3u8',
        '120p.m3u8',
        '240p-iframes.m3u8',
        '240p.m3u8',
        'sound.m3u8',
      ])
    })

    it('is cut at the same moments in all qualities, and has a key frame for each two seconds', () => {
      const lengths = (name: string) => made.list(name).entries.map(({ seconds }) => seconds)
      expect(lengths('240p.m3u8')).toEqual([4, 4, 1])
      expect(lengths('120p.m3u8')).toEqual([4, 4, 1])
      expect(lengths('240p-iframes.m3u8')).toEqual([2, 2, 2, 2, 1])
    })

    it('tells players what they will get', () => {
      const { variants, winding, sound } = made.master
      expect(variants.map(({ RESOLUTION }) => RESOLUTION)).toEqual(['320x240', '160x120'])
      expect(variants.map((variant) => variant['FRAME-RATE'])).toEqual(['25.000', '25.000'])
      for (const { CODECS, AUDIO } of variants) {
        expect(CODECS).toMatch(/^avc1\.6400[0-9a-f]{2},mp4a\.40\.2$/)
        expect(AUDIO).toBe(sound[0]?.['GROUP-ID'])
      }
      expect([winding.length, sound.length, sound[0]?.CHANNELS]).toEqual([2, 1, '1'])
    })

    it('keeps each file under the name by which the others refer to it', () => {
      expect(made.kept.map(({ role, name }) => `${role} ${name}`)).toEqual([
        'master master.m3u8',
        'media 240p.mp4',
        'playlist 240p.m3u8',
        'iframes 240p-iframes.m3u8',
        'media 120p.mp4',
        'playlist 120p.m3u8',
        'iframes 120p-iframes.m3u8',
        'media sound.mp4',
        'playlist sound.m3u8',
      ])
    })

    it('names only what is on disk while it grows', () => {
      for (const { type, entries } of grown.slice(0, -1)) expect([type, entries > 0]).toEqual(['EVENT', true])
    })

    it.skipIf(!hasFfmpeg)('plays in ffmpeg, every frame at its time, from zero on', () => {
      const shown = shownAt(join(made.path, 'master.m3u8'))
      expect(shown.length).toBe(225)
      expect(shown.map((seconds) => Math.round(seconds * 25))).toEqual(shown.map((_, at) => at))
      const args = ['-v', 'warning', '-xerror', '-i', join(made.path, 'master.m3u8'), '-map', '0', '-f', 'null', '-']
      expect(spawnSync('ffmpeg', args, { encoding: 'utf8' }).stderr).toBe('')
    })

    it.skipIf(!hasFfmpeg)('has ranges for winding that are one key frame each, and nothing else', () => {
      const list = made.list('120p-iframes.m3u8')
      const content = readFileSync(join(made.path, list.head.uri))
      for (const [at, { offset, bytes }] of list.entries.entries()) {
        const one = join(folder.path, `key-${at}.mp4`)
        // A last frame that is cut off is no frame.
        writeFileSync(
          one,
          Buffer.concat([content.subarray(0, list.head.bytes), content.subarray(offset, offset + bytes)]),
        )
        const args = ['-v', 'quiet', '-show_entries', 'frame=key_frame,pict_type,pts_time', '-of', 'csv=p=0', one]
        const { stdout } = spawnSync('ffprobe', args, { encoding: 'utf8' })
        expect(stdout.trim().replace(/,$/, '')).toBe(`1,${(at * 2).toFixed(6)},I`)
      }
    })

    it('gives the same bytes again', async () => {
      const again = await packaged(join(folder.path, 'film-0.mp4'), { ladder: [240, 120] })
      const bytes = ({ kept }: Package) => kept.map(({ name, content }) => [name, hash('sha256', content)])
      expect(bytes(again)).toEqual(bytes(made))
    })
  })

  it('chooses the qualities by the film, and enlarges nothing', async () => {
    const { result, list, master } = await packaged({ width: 864, height: 486, seconds: 0.2 })
    expect(result.rungs.map(({ width, height }) => [width, height])).toEqual([
      [864, 486],
      [426, 240],
    ])
    expect(list('240p.m3u8').entries.length).toBe(1)
    expect([master.sound, result.audioBitRate]).toEqual([[], 0])
    const larger = await packaged({ width: 160, height: 96, seconds: 0.2 }, { ladder: [1080, 720, 64] })
    expect(larger.result.rungs.map(({ width, height }) => [width, height])).toEqual([
      [160, 96],
      [106, 64],
    ])
  })

  it('holds the bits to those of the film', async () => {
    const { result } = await packaged({ width: 640, height: 360, seconds: 1, paint: () => [90, 90, 90] })
    for (const { maxBitRate } of result.rungs) expect(maxBitRate).toBeLessThanOrEqual(100_000)
  })

  it('turns upright and squares pixels', async () => {
    const quarter = [0, 1, 0, -1, 0, 0, 0, 0, 1]
    const turned = await packaged({ width: 160, height: 96, seconds: 0.4, displayMatrix: quarter, sar: [2, 1] })
    expect(turned.master.variants.map(({ RESOLUTION }) => RESOLUTION)).toEqual(['96x320'])
    checked(turned)
  })

  it('makes uneven films even, and fills long gaps so that segments keep their length', async () => {
    const uneven = await packaged({
      seconds: 1,
      frameRate: 10,
      timeOf: (frame) => (frame < 5 ? frame / 25 : frame * 1.5),
    })
    const lists = checked(uneven)
    const lengths = lists.get('96p.m3u8')?.entries.map(({ seconds }) => seconds) ?? []
    expect(lengths.slice(0, 3)).toEqual([4, 4, 4])
    expect(uneven.result.durationMs).toBeGreaterThan(13_500)
  })

  it('packages a single frame', async () => {
    const { result, list } = await packaged({ seconds: 0.04 })
    expect([result.frames, list('96p.m3u8').entries.length]).toEqual([1, 1])
  })

  it('packages sound without a picture', async () => {
    const made = await packaged({ video: null, audio: 'aac', seconds: 5 })
    const lists = checked(made)
    expect([...lists.keys()]).toEqual(['sound.m3u8'])
    expect(made.master.variants.map(({ CODECS, uri }) => [CODECS, uri])).toEqual([['mp4a.40.2', 'sound.m3u8']])
    expect(made.result.rungs).toEqual([])
  })

  it('shows the last frame for as long as the sound goes on', async () => {
    const film = join(folder.path, 'longer-sound.mp4')
    await makeFilm(film, { seconds: 3, timeOf: (frame) => frame / 75, audio: 'aac' })
    const made = await packaged(film)
    checked(made)
    expect(made.list('96p.m3u8').seconds).toBeCloseTo(3, 1)
  })

  it('ends at once when nobody waits any more', async () => {
    const control = new AbortController()
    const reason = new Error('nobody waits')
    const run = packaged({ seconds: 8 }, {}, { signal: control.signal, onProgress: () => control.abort(reason) })
    await expect(run).rejects.toBe(reason)
  })

  it('leaves no file and no folder behind when it is cancelled', async () => {
    const film = join(folder.path, 'cancelled.mp4')
    await makeFilm(film, { width: 640, height: 360, frameRate: 1, seconds: 10, timeOf: (frame) => frame * 30 })
    const data = dataIn(folder.path)
    await using app = anApp(data)
    const control = new AbortController()
    const told: string[] = []
    const onProgress = ({ folder: growing = '' }) => {
      told.push(growing)
      control.abort()
    }
    const run = runOperation(app, { path: film, operation: 'package', params: {}, signal: control.signal, onProgress })
    await expect(run).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(told[0]).toContain('.part')
    expect(readdirSync(join(data, 'artifacts', 'tmp'))).toEqual([])
  })

  it.each([{ ladder: [] }, { ladder: [20] }, { segmentMs: 100 }])('refuses %j', (params) => {
    expect(packageFilm.params.safeParse(params).success).toBe(false)
  })

  describe.skipIf(!hasCorpus)('of real films', () => {
    const video = (name: string) => join(corpus, 'videos', name)

    it.each([
      ['androidx-media/sample_portrait.mp4', '720x1080'],
      ['mediabunny/sar_2x1.mp4', undefined],
      ['androidx-media/hlg10-color-test.mp4', '1920x1080'],
      ['androidx-media/sample_h262_mpeg_audio.ts', undefined],
      ['androidx-media/sample_shorter_audio.mp4', undefined],
    ])('packages %s', async (name, size) => {
      const made = await packaged(video(name), { ladder: [2160, 120] })
      checked(made)
      if (size !== undefined) expect(made.master.variants[0]?.RESOLUTION).toBe(size)
      expect(made.result.notes.some((note) => note.includes('SDR'))).toBe(name.includes('hlg'))
    })
  })
})
