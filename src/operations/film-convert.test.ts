import { spawnSync } from 'node:child_process'
import { hash } from 'node:crypto'
import { readdirSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { runOperation } from '../../src/executor/run.ts'
import { anApp, dataIn } from '../../test/support/app.ts'
import { corpus, hasCorpus } from '../../test/support/corpus.ts'
import { packetsOf } from '../../test/support/damage.ts'
import { colourBars, type FilmRecipe, makeFilm } from '../../test/support/films.ts'
import { aFolder } from '../../test/support/library.ts'
import { recordingIo } from '../../test/support/operation-io.ts'
import { openMedia } from '../media/open.ts'
import type { ConvertParams } from './film-convert/params.ts'
import { filmConvert } from './film-convert.ts'
import { parseParameters } from './parameters.ts'

const hasFfmpeg = spawnSync('ffprobe', ['-version']).status === 0
if (!hasFfmpeg) {
  const note = 'No ffprobe here: new films are not read by it. On Debian, "apt-get install ffmpeg".'
  if (process.env.CI === 'true') throw new Error(note)
  console.warn(note)
}

const folder = aFolder()
afterAll(() => folder[Symbol.dispose]())

let films = 0

/** Makes a film, or takes one, and gives its path. */
async function aFilm(recipe: string | FilmRecipe, ending = 'mp4'): Promise<string> {
  if (typeof recipe === 'string') return recipe
  const path = join(folder.path, `film-${films++}.${ending}`)
  await makeFilm(path, recipe)
  return path
}

/** Converts a film and opens what came of it. */
async function converted(film: string | FilmRecipe, params: Record<string, unknown> = {}, signal?: AbortSignal) {
  const media = await openMedia(await aFilm(film))
  const { io, kept, told, notes } = recordingIo(signal)
  try {
    const result = await filmConvert.run(media, parseParameters(filmConvert.params, params) as ConvertParams, io)
    expect(filmConvert.result.strict().parse(result)).toEqual(result)
    const [made] = kept
    if (made?.path === undefined) return { result, kept, told, notes, probe: undefined, path: '' }
    const opened = await openMedia(made.path)
    try {
      return { result, kept, told, notes, probe: (await opened.film()).probe, path: made.path }
    } finally {
      await opened.close()
    }
  } finally {
    await media.close()
  }
}

/** Moves so much that no encoder makes it small. */
const busy: FilmRecipe = {
  width: 320,
  height: 180,
  seconds: 1,
  paint: (x, y, second) => {
    const value = 127 + 127 * Math.sin(x * 90 + second * 40) * Math.cos(y * 70 - second * 30)
    return [value, 255 - value, (value * 3) % 256]
  },
}

describe('convert for films', () => {
  it('copies for the web what browsers play already, and tells so', async () => {
    const { result, probe, kept } = await converted({ audio: 'aac' })
    expect(result).toMatchObject({ gained: true, preset: 'web', container: 'mp4', hardware: 'not asked', notes: [] })
    expect(result.tracks.map(({ kind, done, to }) => [kind, done, to])).toEqual([
      ['video', 'copied', 'h264'],
      ['audio', 'copied', 'aac'],
    ])
    expect(result.verification).toMatchObject({ decoded: 'ends', quality: [] })
    expect(result.encoder).toBeUndefined()
    expect(probe?.video[0]).toMatchObject({ codec: 'h264', width: 160, height: 96 })
    expect(kept.map(({ role, format, width, height }) => [role, format, width, height])).toEqual([
      ['film', 'mp4', 160, 96],
    ])
  })

  it('makes an upright SDR H.264 of anything else, compared with the original', async () => {
    const quarter = [0, 1, 0, -1, 0, 0, 0, 0, 1]
    const hlg = { primaries: 9, transfer: 18, matrix: 9 }
    const { result, probe } = await converted({
      video: 'libx265',
      pixelFormat: 'yuv420p10le',
      colour: hlg,
      codedMatrix: 'bt2020',
      displayMatrix: quarter,
      seconds: 0.8,
    })
    expect(probe?.video[0]).toMatchObject({
      codec: 'h264',
      width: 96,
      height: 160,
      pixelFormat: 'yuv420p',
      hdr: 'none',
    })
    expect(probe?.video[0]?.rotation).toBeUndefined()
    expect(result.render).toMatchObject({ rotation: 'applied', toneMapped: true })
    expect([result.encoder, result.crf, result.frames]).toEqual(['libx264', 21, 20])
    expect(result.verification?.decoded).toBe('all')
    for (const { score } of result.verification?.quality ?? []) expect(score).toBeGreaterThan(25)
    expect(result.verification?.quality.length).toBeGreaterThan(0)
  })

  it('cuts, crops and resizes exactly, and compares even then', async () => {
    const asked = {
      fromMs: 600,
      toMs: 1400,
      crop: { left: 40, width: 80, height: 96 },
      width: 40,
      video: 'vp9',
      speed: '8',
    }
    const { result, probe } = await converted({ audio: 'aac' }, { ...asked, container: 'webm' })
    expect([result.width, result.height, result.frames]).toEqual([40, 48, 20])
    expect(probe?.container.durationMs).toBeCloseTo(800, -2)
    expect(probe?.audio.map(({ codec }) => codec)).toEqual(['opus'])
    expect(result.verification?.quality[0]?.score).toBeGreaterThan(20)
  })

  it('compares and foretells a film whose first frame is shown late where there are frames', async () => {
    const late: FilmRecipe = { width: 320, height: 180, seconds: 4, timeOf: (frame) => 8 + frame / 25 }
    const { result } = await converted(late, { crf: 30, speed: 'ultrafast', width: 160 })
    expect(result.verification?.quality.map(({ fromMs }) => fromMs)).toEqual([8000, 9760, 11_168])
    const { predicted } = (await converted(late, { crf: 30, width: 160, estimateOnly: true })).result
    expect(predicted?.bytes).toBeGreaterThan(0)
  })

  it('compares the same moments of a fast film that is brought to fewer frames a second', async () => {
    const bars: FilmRecipe['paint'] = (x, y, second) => colourBars((x + y / 4 + second * 3.25) % 1)
    const { result } = await converted({ width: 320, height: 180, seconds: 4, paint: bars }, { crf: 20, frameRate: 7 })
    expect(result.verification?.quality.length).toBe(3)
    for (const { score } of result.verification?.quality ?? []) expect(score).toBeGreaterThan(30)
  })

  it('finds the CRF of a quality, foretells the size, and comes near to it', async () => {
    const { result } = await converted(busy, { targetQuality: { score: 36 }, speed: 'veryfast' })
    const { search, crf, target, predicted, bytes = 0 } = result
    expect(target).toMatchObject({ metric: 'xpsnr', score: 36 })
    expect(target?.reached).toBeGreaterThanOrEqual(36)
    expect(search.length).toBeGreaterThan(1)
    expect(search.find((step) => step.crf === crf)?.score).toBe(target?.reached)
    expect(Math.abs((predicted?.bytes ?? 0) / bytes - 1)).toBeLessThan(0.15)
  })

  it('makes nothing where too little would be saved, and says so before the film is written', async () => {
    const { result, kept } = await converted({ ...busy, seconds: 0.4 }, { minSavedShare: 0.99, crf: 18 })
    expect(kept).toEqual([])
    expect(result).toMatchObject({ gained: false, tracks: [] })
    expect(result.reason).toMatch(/^Not worth it: .* at least 99 % shall be saved/)
    expect(result.predicted?.bytes).toBeGreaterThan(0)
  })

  it('makes nothing where a quality is not reached, and tells the best', async () => {
    const { result, kept } = await converted(
      { ...busy, seconds: 0.2 },
      { targetQuality: { score: 60 }, speed: 'ultrafast' },
    )
    expect([result.gained, kept.length]).toEqual([false, 0])
    expect(result.reason).toMatch(/^XPSNR 60\.0 dB is not reached: at CRF 10 it is XPSNR \d/)
    expect(result.crf).toBeUndefined()
  })

  it('only foretells when asked for an estimate', async () => {
    const { result, kept } = await converted({ seconds: 0.4 }, { estimateOnly: true, crf: 20 })
    expect([result.gained, kept.length, result.predicted?.encodeMs]).toEqual([false, 0, expect.any(Number)])
    expect(result.verification).toBeUndefined()
  })

  it.each([
    ['web', 'm4a', 'aac'],
    ['archive', 'mka', 'pcm_s16le'],
    ['small', 'webm', 'opus'],
  ])('writes sound for %s as %s', async (preset, format, codec) => {
    const path = await aFilm({ video: null, audio: 'pcm_s16le', seconds: 3 }, 'wav')
    const { result, probe } = await converted(path, { preset })
    expect([result.format, result.width, result.render]).toEqual([format, undefined, undefined])
    expect(probe?.audio.map((track) => track.codec)).toEqual([codec])
    expect(probe?.container.durationMs).toBeCloseTo(3000, -2)
  })

  it('foretells size and time before the film is made, and tells a progress that never goes back and ends at 1', async () => {
    const { told, notes } = await converted(
      { ...busy, seconds: 0.4 },
      { targetQuality: { score: 36 }, speed: 'ultrafast' },
    )
    expect(notes).toEqual([
      expect.stringMatching(/^Foretold: CRF \d+, about [\d.]+ \S*B \(-?\d+ % (saved|larger)\), in about .+\.$/),
    ])
    expect(told.at(-1)).toBe(1)
    expect(told).toEqual(told.toSorted((one, other) => one - other))
  })

  it('gives the same bytes again', async () => {
    const film = await aFilm({ video: 'mpeg4', audio: 'aac', seconds: 0.6 })
    const [one, other] = [await converted(film), await converted(film)]
    const bytes = ({ kept }: typeof one) => kept.map(({ content }) => hash('sha256', content))
    expect(bytes(one)).toEqual(bytes(other))
  })

  it('compares pictures that stand for many seconds, and those that end long before the sound', async () => {
    const slides: FilmRecipe = { seconds: 0.16, timeOf: (frame) => frame * 7 }
    const { result } = await converted(await aFilm(slides, 'mkv'), { crf: 30 })
    expect(result.verification?.quality.length).toBeGreaterThan(0)
    const short: FilmRecipe = { audio: 'aac', seconds: 6, timeOf: (frame) => frame / 250 }
    const { result: other } = await converted(short, { crf: 30 })
    expect(other.verification?.quality.length).toBeGreaterThan(0)
  })

  it('takes no frame of the original behind a part for one that is missing', async () => {
    const timeOf: FilmRecipe['timeOf'] = (frame) => (frame < 20 ? frame * 0.19 : 5.01 + (frame - 20) * 0.01)
    const path = await aFilm({ audio: 'aac', seconds: 6, timeOf }, 'mkv')
    const { result } = await converted(path, { toMs: 5000, crf: 30, container: 'mkv' })
    expect(result.verification?.quality.length).toBeGreaterThan(0)
  })

  it('does not judge pictures of a few pixels by how coarsely they were coded', async () => {
    const paint: FilmRecipe['paint'] = (x, y, second) => colourBars((x * 1.7 + y / 3 + second) % 1)
    const { result } = await converted({ width: 64, height: 4, seconds: 0.6, video: 'mpeg4', paint }, { crf: 51 })
    expect(result).toMatchObject({ gained: true, frames: 15 })
  })

  it.each([{}, { frameRate: 10 }, { container: 'mkv' }] as const)(
    'shows the last frame of a part up to its end, where the next one comes much later, with %j',
    async (params) => {
      const uneven = { seconds: 1, frameRate: 5, timeOf: (frame: number) => frame * 1.2 + (frame > 3 ? 3 : 0) }
      const path = await aFilm(uneven, 'mkv')
      const { probe } = await converted(path, { fromMs: 0, toMs: 5000, crf: 30, ...params })
      expect(probe?.container.durationMs).toBeCloseTo(5000, -2)
    },
  )

  describe.each([
    ['six pictures', [0, 1.2, 2.4, 3.6, 6.6, 8.6, 9.6]],
    ['two pictures', [0, 2, 7]],
    ['one picture', [0, 5]],
    ['a screen that moves now and then', [...Array.from({ length: 60 }, (_, at) => at / 30), 2, 3, 4, 5, 6.5]],
  ])('of %s that stand for long', (_, times) => {
    const recipe: FilmRecipe = {
      seconds: (times.length - 1) / 25,
      timeOf: (frame) => times[frame] ?? 0,
      lengthOf: (frame) => (times[frame + 1] ?? 0) - (times[frame] ?? 0),
      paint: (x, y, second) => colourBars((x + y / 3 + second * 4) % 1),
    }
    const lengthMs = (times.at(-1) ?? 0) * 1000
    const frames = times.length - 1

    it.each([
      ['mkv', { container: 'mp4' }, frames],
      ['mkv', { container: 'mov', video: 'copy' }, frames],
      ['mkv', { crf: 30 }, frames],
      ['mkv', { video: 'hevc', crf: 30 }, frames],
      ['mkv', { video: 'av1', crf: 40, container: 'mkv' }, frames],
      ['mkv', { crf: 30, frameRate: 10 }, lengthMs / 100],
      ['mp4', { container: 'mkv' }, frames],
      ['mp4', { container: 'webm', crf: 40 }, frames],
      ['mp4', { crf: 30, container: 'mov' }, frames],
    ] as const)('keeps length and frames from %s with %j', async (format, params, count) => {
      const { result, probe, path } = await converted(await aFilm(recipe, format), params)
      expect(result).toMatchObject({ gained: true, frames: count })
      expect(probe?.container.durationMs).toBeCloseTo(lengthMs, -2)
      const packets = await packetsOf(path)
      expect(packets.length).toBe(count)
      expect(Math.max(...packets.map(({ ms }) => ms))).toBeLessThan(lengthMs - 90)
    })

    it.each([{ crf: 30 }, { video: 'copy' }] as const)(
      'shows the last of a part up to its end with %j',
      async (params) => {
        const { probe } = await converted(await aFilm(recipe, 'mkv'), { ...params, fromMs: 0, toMs: lengthMs - 400 })
        expect(probe?.container.durationMs).toBeCloseTo(lengthMs - 400, -2)
      },
    )
  })

  it.each([
    { container: 'mkv', video: 'copy' },
    { container: 'mov', video: 'copy' },
    { crf: 30 },
    { crf: 30, frameRate: 10 },
  ] as const)('keeps the length of a slide show in MP4 whose last picture is short, with %j', async (params) => {
    const times = [0, 2, 5, 8.5, 15.5, 19.5]
    const slides: FilmRecipe = { seconds: 0.24, timeOf: (frame) => times[frame] ?? 0, lengthOf: () => 0.04 }
    const { result, probe } = await converted(slides, params)
    expect(result).toMatchObject({ gained: true, originalDurationMs: 19_540 })
    expect(probe?.container.durationMs).toBeCloseTo(19_540, -2)
  })

  it('says what of a sound can not be asked, and converts it', async () => {
    const sound = { video: null, audio: 'aac', seconds: 0.6 }
    const { result } = await converted(sound, { crf: 20, video: 'vp9', width: 320 })
    expect(result).toMatchObject({
      gained: true,
      notes: ['It has no picture, so "video", "crf", "width" changed nothing.'],
    })
  })

  it('says what is cut off of odd sides', async () => {
    const odd: FilmRecipe = { width: 97, height: 64, seconds: 0.4, video: 'qtrle', pixelFormat: 'rgb24' }
    const { result } = await converted(await aFilm(odd, 'mov'))
    expect(result.notes).toEqual(['The last column was cut off: colours are coded in halves.'])
    expect((await converted(await aFilm(odd, 'mov'), { width: 48 })).result.notes).toEqual([])
  })

  it('blames a damaged original for what can not be made of it', async () => {
    const path = await aFilm({ ...busy, seconds: 2, muxer: { movflags: '+faststart' } })
    truncateSync(path, 40_000)
    await expect(converted(path, { crf: 30 })).rejects.toMatchObject({ code: 'MEDIA_DAMAGED' })
  })

  it('refuses what this film can not be asked', async () => {
    const crop = { left: 100, width: 100, height: 50 }
    await expect(converted({ seconds: 0.2 }, { crop })).rejects.toThrow(/beyond the picture, which is seen as 160 × 96/)
    await expect(converted({ seconds: 0.2 }, { video: 'drop' })).rejects.toThrow(/Nothing of the file would stay/)
    await expect(converted({ seconds: 0.2 }, { fromMs: 500 })).rejects.toThrow(/is over after 200 ms/)
  })

  it('ends at once when nobody waits any more', async () => {
    const control = new AbortController()
    const reason = new Error('nobody waits')
    const run = converted({ ...busy, seconds: 2 }, { crf: 20, video: 'hevc', speed: 'veryslow' }, control.signal)
    setTimeout(() => control.abort(reason), 300)
    await expect(run).rejects.toBe(reason)
  })

  it('leaves nothing behind when it is cancelled, and remembers what was done', async () => {
    const path = await aFilm({ ...busy, seconds: 2 })
    const data = dataIn(folder.path)
    await using app = anApp(data)
    const control = new AbortController()
    const params = { preset: 'small', targetQuality: { score: 45 } }
    const onProgress = () => control.abort()
    const run = runOperation(app, { path, operation: 'convert', params, signal: control.signal, onProgress })
    await expect(run).rejects.toMatchObject({ code: 'CANCELLED' })
    // Of a worker that has to be ended by force the rest goes a moment later.
    await expect.poll(() => readdirSync(join(data, 'artifacts', 'tmp')), { timeout: 20_000 }).toEqual([])
    const request = { path, operation: 'convert', params: {} }
    const first = await runOperation(app, request)
    expect(first).toMatchObject({
      cached: false,
      artifacts: [{ role: 'film', format: 'mp4', width: 320, height: 180 }],
    })
    expect(await runOperation(app, request)).toMatchObject({ cached: true, result: first.result })
    expect(readdirSync(join(data, 'artifacts', 'tmp'))).toEqual([])
  })

  describe.skipIf(!hasCorpus || !hasFfmpeg)('of real films', () => {
    it.each([
      ['androidx-media/dolbyVision-hdr.MOV', 720, 1280],
      ['androidx-media/bear-vp9-odd-dimensions.webm', 160, 120],
      ['androidx-media/sample_h262_mpeg_audio.ts', 640, 426],
    ])('makes an SDR H.264 of %s, by ffprobe', async (name, width, height) => {
      const { path } = await converted(join(corpus, 'videos', name), { speed: 'ultrafast' })
      const entries = 'stream=codec_name,width,height,pix_fmt,color_transfer:stream_side_data=rotation'
      const args = ['-v', 'error', '-select_streams', 'v', '-show_entries', entries, '-of', 'json', path]
      const [stream] = JSON.parse(spawnSync('ffprobe', args, { encoding: 'utf8' }).stdout).streams
      expect(stream).toMatchObject({ codec_name: 'h264', width, height, pix_fmt: 'yuv420p' })
      expect(stream.side_data_list ?? []).toEqual([])
      expect(['bt709', undefined]).toContain(stream.color_transfer)
      const whole = spawnSync('ffmpeg', ['-v', 'error', '-xerror', '-i', path, '-f', 'null', '-'], { encoding: 'utf8' })
      expect(whole.stderr).toBe('')
    })
  })
})
