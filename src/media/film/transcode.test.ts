import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { corpus, hasCorpus } from '../../../test/support/corpus.ts'
import { type FilmRecipe, makeFilm } from '../../../test/support/films.ts'
import { MediaError } from '../../errors.ts'
import type { FilmIo } from '../film.ts'
import type { FormatName } from '../formats.ts'
import type { Probe } from '../probe.ts'
import { openFilm } from './open-film.ts'
import type { TranscodePlan, VideoPlan, WrittenFilm } from './transcode.ts'

let folder: string
let made = 0

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'transcode-'))
})
afterAll(() => rm(folder, { recursive: true }))

const quick: VideoPlan = {
  codec: 'h264',
  rate: { crf: 28 },
  speed: 'ultrafast',
  rotation: 'apply',
  range: 'keep',
  deinterlace: false,
}

const usual: TranscodePlan = {
  container: 'mp4',
  video: quick,
  audio: { codec: 'aac' },
  subtitles: 'keep',
  chapters: 'keep',
  metadata: 'keep',
}

const nobody: FilmIo = { signal: new AbortController().signal, progress: () => {} }

async function film(recipe: FilmRecipe, ending = 'mp4'): Promise<string> {
  const path = join(folder, `film${++made}.${ending}`)
  await makeFilm(path, { seconds: 1, ...recipe })
  return path
}

type Outcome = WrittenFilm & { probe: Probe; path: string }

async function transcoded(path: string, plan: Partial<TranscodePlan> = {}, io = nobody): Promise<Outcome> {
  const whole = { ...usual, ...plan }
  const to = join(folder, `out${++made}.${whole.container}`)
  const opened = await openFilm(path, path.slice(path.lastIndexOf('.') + 1).toLowerCase() as FormatName)
  try {
    const written = await opened.film.transcode(whole, to, io)
    return { ...written, path: to, probe: await probed(to, whole.container) }
  } finally {
    await opened.close()
  }
}

async function probed(path: string, format: FormatName): Promise<Probe> {
  const opened = await openFilm(path, format)
  await opened.close()
  return opened.film.probe
}

/** Names of the outer boxes of an MP4. */
async function boxes(path: string): Promise<string[]> {
  const bytes = await readFile(path)
  const names: string[] = []
  for (let at = 0; at + 8 <= bytes.length; at += bytes.readUInt32BE(at))
    names.push(bytes.toString('latin1', at + 4, at + 8))
  return names
}

const quarterTurn = [0, 1, 0, -1, 0, 0, 0, 0, 1]

describe('a film that is written anew', () => {
  it('keeps its frames and its length, and tells what it is', async () => {
    const { probe, path, ...written } = await transcoded(await film({ audio: 'aac' }))
    expect(written).toMatchObject({ frames: 25, width: 160, height: 96, encoder: 'libx264', notes: [] })
    expect(written.bytes).toBe((await stat(path)).size)
    expect(written.durationMs).toBeGreaterThanOrEqual(1000)
    expect(written.durationMs).toBeLessThan(1060)
    expect(probe.video[0]).toMatchObject({ codec: 'h264', frames: 25, frameRate: 25 })
    expect(probe.audio[0]).toMatchObject({ codec: 'aac', channels: 1 })
  })

  it.each(['mp4', 'mov'] as const)('has its index before its content in %s', async (container) => {
    const { path } = await transcoded(await film({ audio: 'aac' }), { container })
    const names = (await boxes(path)).filter((name) => name !== 'free' && name !== 'wide')
    expect(names).toEqual(['ftyp', 'moov', 'mdat'])
  })

  it.each([
    { codec: 'hevc', speed: 'ultrafast', container: 'mp4', audio: 'aac', encoder: 'libx265' },
    { codec: 'av1', speed: '12', container: 'mp4', audio: 'opus', encoder: 'libsvtav1' },
    { codec: 'vp9', speed: '8', container: 'webm', audio: 'opus', encoder: 'libvpx-vp9' },
    { codec: 'h264', speed: 'ultrafast', container: 'mkv', audio: 'opus', encoder: 'libx264' },
  ] as const)('is coded in $codec and $audio in $container', async ({ codec, speed, container, audio, encoder }) => {
    const path = await film({ audio: 'aac', width: 320, height: 192 })
    const written = await transcoded(path, { container, video: { ...quick, codec, speed }, audio: { codec: audio } })
    expect(written).toMatchObject({ encoder, frames: 25, width: 320, height: 192 })
    expect(written.probe.video[0]?.codec).toBe(codec)
    expect(written.probe.audio[0]?.codec).toBe(audio)
  })

  // x264 takes AVX-512 for the first only, where the processor has it.
  it.each([128, 160])('becomes the same bytes each time at a width of %i', async (width) => {
    const path = await film({ audio: 'aac', width })
    const video = { ...quick, speed: 'veryfast' }
    const one = await transcoded(path, { video })
    const other = await transcoded(path, { video })
    expect(await readFile(other.path)).toEqual(await readFile(one.path))
  })

  it('can be held to a bit rate', async () => {
    const path = await film({ seconds: 2, width: 320, height: 192 })
    const { bytes } = await transcoded(path, { video: { ...quick, rate: { bitRate: 100_000 } } })
    expect((bytes * 8) / 2).toBeGreaterThan(50_000)
    expect((bytes * 8) / 2).toBeLessThan(160_000)
  })

  it('of sound alone has no picture', async () => {
    const { probe, frames, width } = await transcoded(await film({ video: null, audio: 'aac' }))
    expect({ frames, width }).toEqual({ frames: 0, width: undefined })
    expect(probe.video).toEqual([])
    expect(probe.audio).toHaveLength(1)
  })
})

describe('the picture of a film that is written anew', () => {
  it.each([
    { rotation: 'apply', width: 96, height: 160, turn: undefined },
    { rotation: 'keep', width: 160, height: 96, turn: 90 },
  ] as const)('is turned by its pixels or by the player ($rotation)', async ({ rotation, width, height, turn }) => {
    const path = await film({ displayMatrix: quarterTurn })
    const written = await transcoded(path, { video: { ...quick, rotation } })
    expect(written).toMatchObject({ width: 96, height: 160 })
    expect(written.probe.video[0]).toMatchObject({ width, height })
    expect(written.probe.video[0]?.rotation).toBe(turn)
  })

  it('gets square pixels with a size, and keeps their shape without', async () => {
    const path = await film({ sar: [2, 1] })
    const kept = await transcoded(path)
    expect(kept.probe.video[0]).toMatchObject({ width: 160, height: 96, sar: '2:1', displayWidth: 320 })
    const sized = await transcoded(path, { video: { ...quick, width: 240 } })
    expect(sized.probe.video[0]).toMatchObject({ width: 240, height: 72, sar: '1:1' })
  })

  it('loses a line or column where its size is odd', async () => {
    const path = await film({ width: 161, height: 97, pixelFormat: 'yuv444p' })
    expect(await transcoded(path)).toMatchObject({ width: 160, height: 96 })
  })

  it('is told to lose its transparency', async () => {
    const clear: FilmRecipe = {
      seconds: 0.2,
      video: 'qtrle',
      pixelFormat: 'argb',
      paint: (x) => [200, 80, 40, x * 255],
    }
    expect((await transcoded(await film(clear, 'mov'))).notes).toEqual(['Its transparency is not kept.'])
    expect((await transcoded(await film({ seconds: 0.2 }))).notes).toEqual([])
  })

  it('is cut where it is seen', async () => {
    const path = await film({ displayMatrix: quarterTurn, paint: (x) => (x < 0.5 ? [255, 0, 0] : [0, 0, 255]) })
    // Turned by a quarter, the left half is the upper one.
    const crop = { left: 0, top: 80, width: 96, height: 80 }
    const written = await transcoded(path, { video: { ...quick, crop } })
    expect(written).toMatchObject({ width: 96, height: 80 })
    const opened = await openFilm(written.path, 'mp4')
    const { picture } = await opened.film.frame({ ms: 0 })
    const { data } = await picture.pixels({ width: 2, height: 2, fit: 'fill', as: 'rgb' })
    await opened.close()
    for (const at of [0, 3, 6, 9]) expect((data[at + 2] ?? 0) - (data[at] ?? 0)).toBeGreaterThan(150)
  })

  it('keeps uneven times', async () => {
    const times = [0, 0.04, 0.3, 0.31, 0.32, 0.8, 0.81, 0.9]
    const recipe = { seconds: 8 / 25, timeOf: (frame: number) => times[frame] ?? 1 }
    const written = await transcoded(await film(recipe, 'mkv'), { container: 'mkv' })
    expect(written.frames).toBe(8)
    expect(written.probe.video[0]?.variableFrameRate).toBe(true)
  })

  it('becomes even at a frame rate that is asked for', async () => {
    const written = await transcoded(await film({ frameRate: 25 }), { video: { ...quick, frameRate: 10 } })
    expect(written.probe.video[0]).toMatchObject({ frames: 10, frameRate: 10, variableFrameRate: false })
  })

  it('has key frames as often as is asked for', async () => {
    const { path } = await transcoded(await film({ seconds: 2 }), { video: { ...quick, keyFrameMs: 400 } })
    const opened = await openFilm(path, 'mp4')
    const shots = await opened.film.shots([450, 850, 1250], { edge: 64 }, nobody)
    await opened.close()
    expect(shots.map(({ ms }) => Math.round(ms))).toEqual([400, 800, 1200])
  })

  it('keeps high dynamic range, or is brought to SDR', async () => {
    const pq = { primaries: 9, transfer: 16, matrix: 9 }
    const path = await film({ video: 'libx265', pixelFormat: 'yuv420p10le', colour: pq, codedMatrix: 'bt2020' })
    const hevc = { ...quick, codec: 'hevc' as const }
    const kept = await transcoded(path, { video: hevc })
    expect(kept.probe.video[0]).toMatchObject({ bitDepth: 10, colorTransfer: 'smpte2084', colorPrimaries: 'bt2020' })
    const sdr = await transcoded(path, { video: { ...hevc, range: 'sdr' } })
    expect(sdr.probe.video[0]).toMatchObject({ bitDepth: 8, colorTransfer: 'bt709', colorPrimaries: 'bt709' })
    expect(sdr.notes).toEqual(['High dynamic range was brought to SDR.'])
  })
})

describe('a part of a film', () => {
  it('is exact to the frame when it is encoded', async () => {
    const path = await film({ seconds: 3, audio: 'aac', gop: 50 })
    const { frames, durationMs } = await transcoded(path, { stretch: { fromMs: 1000, toMs: 2000 } })
    expect(frames).toBe(25)
    expect(durationMs).toBeCloseTo(1000, -2)
  })

  it('is refused when it is over before anything is shown', async () => {
    const path = await film({ audio: 'aac', timeOf: (frame) => 3 + frame / 25 }, 'mkv')
    const run = transcoded(path, { stretch: { fromMs: 0, toMs: 2000 } })
    await expect(run).rejects.toThrow(/shows its first picture after 3000 ms, behind "toMs"/)
    await expect(run).rejects.toMatchObject({ code: 'PARAMS_INVALID' })
  })

  it('begins at a key frame when it is copied, and says so', async () => {
    const path = await film({ seconds: 3, gop: 25 })
    const { frames, notes } = await transcoded(path, { video: 'copy', stretch: { fromMs: 1500, toMs: 2000 } })
    expect(frames).toBe(25)
    expect(notes).toEqual(['The part begins 0.50 s earlier, at a key frame: what is copied can not begin elsewhere.'])
  })
})

describe('what goes with a film that is written anew', () => {
  it('is its cover', async () => {
    const path = await film({ cover: [200, 30, 30] })
    for (const container of ['mp4', 'mkv'] as const) {
      const { probe, notes } = await transcoded(path, { container })
      expect(probe.attachedPictures).toHaveLength(1)
      expect(notes).toEqual([])
    }
    const webm = { container: 'webm', video: { ...quick, codec: 'vp9', speed: '8' }, audio: 'drop' } as const
    expect((await transcoded(path, webm)).notes).toEqual(['A cover (png) was left out: WebM does not take it.'])
  })

  it('is what it says of itself, with or without where it was taken, or nothing', async () => {
    const tags = { title: 'Harbour', location: '+53.5413+009.9841/', creation_time: '2024-05-01T10:00:00.000000Z' }
    const path = await film({ tags })
    const kept = await transcoded(path)
    expect(kept.probe.tags).toMatchObject({ title: 'Harbour', creation_time: tags.creation_time })
    expect(kept.probe.tags.location).toContain('+53.5413')
    const withoutPlace = await transcoded(path, { metadata: 'strip-gps' })
    expect(withoutPlace.probe.tags).toMatchObject({ title: 'Harbour' })
    expect(JSON.stringify(withoutPlace.probe.tags)).not.toContain('53.54')
    const stripped = await transcoded(path, { metadata: 'strip' })
    expect(stripped.probe.tags).not.toHaveProperty('title')
    expect(stripped.probe.tags).not.toHaveProperty('creation_time')
  })
})

describe.skipIf(!hasCorpus)('a real film that is written anew', () => {
  const real = (name: string) => join(corpus, 'videos', name)
  const web = { video: { ...quick, width: 160, range: 'sdr' as const } }

  it('keeps its subtitles as its container has them', async () => {
    const path = real('androidx-media/sample_with_srt.mkv')
    for (const [container, codec] of [
      ['mp4', 'mov_text'],
      ['mkv', 'subrip'],
    ] as const) {
      const { probe } = await transcoded(path, { ...web, container })
      expect(probe.subtitles).toMatchObject([{ codec, language: 'eng' }])
    }
    const webm = { container: 'webm', video: 'drop', audio: { codec: 'opus' } } as const
    expect((await transcoded(path, webm)).probe.subtitles).toMatchObject([{ codec: 'webvtt', title: 'Subs Label' }])
    expect((await transcoded(path, { ...web, subtitles: 'drop' })).probe.subtitles).toEqual([])
  })

  it('keeps its chapters, cut with the film', async () => {
    const path = real('androidx-media/sample_with_chapters.mkv')
    for (const container of ['mp4', 'mkv'] as const) {
      const { probe } = await transcoded(path, { ...web, container, stretch: { fromMs: 1000, toMs: 4000 } })
      expect(probe.chapters.map(({ startMs, title }) => [startMs, title])).toEqual([
        [0, 'Chapter 1'],
        [1000, 'Chapter 2'],
      ])
      expect(probe.chapters.at(-1)?.endMs).toBeCloseTo(3000, -2)
    }
    expect((await transcoded(path, { ...web, chapters: 'drop' })).probe.chapters).toEqual([])
  })

  it('keeps what its camera says, but not where it was', async () => {
    const path = real('androidx-media/dolbyVision-hdr.MOV')
    const { probe, notes } = await transcoded(path, { ...web, metadata: 'strip-gps' })
    expect(probe.tags).toMatchObject({ 'com.apple.quicktime.model': 'iPhone 14 Pro' })
    expect(JSON.stringify(probe.tags)).not.toMatch(/51\.5334/)
    expect(notes).toEqual(['A track of data (mebx) was left out.', 'High dynamic range was brought to SDR.'])
  })

  it('keeps the light that it was made for', async () => {
    const path = real('androidx-media/sample_with_colr_mdcv_and_clli.mp4')
    const video = { ...quick, codec: 'av1', speed: '13', width: 320, rotation: 'keep' } as const
    const { probe, path: to } = await transcoded(path, { video, stretch: { fromMs: 0, toMs: 200 } })
    expect(probe.video[0]).toMatchObject({ hdr: 'hdr10', bitDepth: 10 })
    const bytes = await readFile(to)
    for (const box of ['mdcv', 'clli', 'colr']) expect(bytes.includes(box)).toBe(true)
  })

  it('keeps all its sound tracks', async () => {
    const { probe } = await transcoded(real('mediabunny/multiple-aac-tracks.mp4'))
    expect(probe.audio).toHaveLength(2)
  })

  it('is copied from a stream without an index, and begins at zero', async () => {
    const { probe, encoder } = await transcoded(real('mediabunny/hevc.ts'), { video: 'copy', audio: 'copy' })
    expect(encoder).toBeUndefined()
    expect(probe.container.startMs).toBeUndefined()
    expect(probe.video[0]).toMatchObject({ codec: 'hevc', frames: 120 })
    expect(probe.audio[0]).toMatchObject({ codec: 'aac' })
  })

  it.each([
    'broken/made/truncated-50.mp4',
    'broken/made/truncated-50.ts',
    'broken/made/truncated-50.mkv',
    'broken/androidx-media/sample_with_invalid_nalu.mp4',
    'broken/androidx-media/invalid-bitstream.webm',
  ])('of which parts are broken is written as far as it goes, or not at all: %s', async (name) => {
    const before = await readdir(folder)
    const [error, written] = await transcoded(join(corpus, name), web).then(
      (done) => [undefined, done] as const,
      (thrown: unknown) => [thrown, undefined] as const,
    )
    if (written) expect(written.probe.video[0]?.frames).toBe(written.frames)
    else expect(error).toBeInstanceOf(MediaError)
    if (error) expect(await readdir(folder)).toEqual(before)
  })
})

describe('writing a film anew', () => {
  let long: Promise<string>
  beforeAll(() => {
    long = film({ seconds: 6, width: 320, height: 192 })
  })

  it('tells how far it is by frames that were really encoded', async () => {
    const told: { fraction: number; frames: number }[] = []
    const progress: FilmIo['progress'] = (fraction, pace) => told.push({ fraction, frames: pace?.frames ?? 0 })
    const path = await film({ seconds: 2 })
    await transcoded(path, {}, { ...nobody, progress })
    expect(told.at(-1)).toEqual({ fraction: 1, frames: 50 })
    expect(told.map(({ fraction }) => fraction)).toEqual(told.map(({ fraction }) => fraction).toSorted((a, b) => a - b))
  })

  it.each([
    { codec: 'h264', speed: 'veryslow' },
    { codec: 'hevc', speed: 'veryslow' },
    { codec: 'av1', speed: '2' },
    { codec: 'vp9', speed: '0' },
  ] as const)('ends with its reason when nobody waits any more ($codec)', async ({ codec, speed }) => {
    const path = await long
    const before = await readdir(folder)
    const control = new AbortController()
    const reason = new Error('nobody waits')
    const progress = () => control.abort(reason)
    const plan = { container: 'mkv', video: { ...quick, codec, speed } } as const
    await expect(transcoded(path, plan, { signal: control.signal, progress })).rejects.toBe(reason)
    expect(await readdir(folder)).toEqual(before)
  })

  it('refuses what a container does not take, and what leaves nothing', async () => {
    const path = await film({})
    await expect(transcoded(path, { container: 'webm', video: 'copy' })).rejects.toMatchObject({
      code: 'PARAMS_INVALID',
    })
    await expect(transcoded(path, { video: 'drop' })).rejects.toMatchObject({ code: 'PARAMS_INVALID' })
  })
})
