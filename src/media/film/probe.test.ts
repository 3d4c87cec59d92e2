import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { corpus, hasCorpus } from '../../../test/support/corpus.ts'
import { type FilmRecipe, makeFilm } from '../../../test/support/films.ts'
import { type FormatName, formats } from '../formats.ts'
import { type Probe, probeSchema } from '../probe.ts'
import { openFilm } from './open-film.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mediamill-probe-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function probeFile(path: string, format: FormatName): Promise<Probe> {
  const opened = await openFilm(path, format)
  await opened.close()
  return probeSchema.strict().parse(opened.film.probe)
}

async function probeOf(name: string, format: FormatName, recipe: FilmRecipe): Promise<Probe> {
  const path = join(folder, name)
  await makeFilm(path, { seconds: 1, ...recipe })
  return probeFile(path, format)
}

describe('probing a film', () => {
  it('tells what it is made of, and leaves out what the file does not tell', async () => {
    const probe = await probeOf('plain.mp4', 'mp4', { audio: 'aac' })
    expect(probe.container).toMatchObject({ format: 'mp4', bitRate: expect.any(Number) })
    expect(probe.container.durationMs).toBeCloseTo(1000, -2)
    expect(probe.video).toEqual([
      {
        codec: 'h264',
        profile: 'High',
        width: 160,
        height: 96,
        displayWidth: 160,
        displayHeight: 96,
        frameRate: 25,
        frameRateFraction: '25/1',
        variableFrameRate: false,
        pixelFormat: 'yuv420p',
        bitDepth: 8,
        hdr: 'none',
        frames: 25,
        interlaced: false,
        bitRate: expect.any(Number),
      },
    ])
    expect(probe.audio).toMatchObject([
      { codec: 'aac', profile: 'LC', channels: 1, layout: 'mono', sampleRate: 48_000 },
    ])
    expect(probe).toMatchObject({ subtitles: [], chapters: [], attachedPictures: [] })
  })

  it('gives the size as seen: upright and with square pixels', async () => {
    const { video } = await probeOf('turned.mp4', 'mp4', { displayMatrix: [0, 1, 0, -1, 0, 0, 0, 0, 1], sar: [2, 1] })
    expect(video).toMatchObject([
      { rotation: 90, sar: '2:1', width: 160, height: 96, displayWidth: 96, displayHeight: 320 },
    ])
    expect(video[0]).not.toHaveProperty('flipped')
  })

  it('notes that a picture is mirrored', async () => {
    const { video } = await probeOf('mirrored.mp4', 'mp4', { displayMatrix: [1, 0, 0, 0, -1, 0, 0, 0, 1] })
    expect(video).toMatchObject([{ flipped: true }])
    expect(video[0]).not.toHaveProperty('rotation')
  })

  it('tells uneven frames from even ones', async () => {
    const timeOf = (frame: number) => frame * 0.04 + (frame % 3 === 0 ? 0.015 : 0)
    expect((await probeOf('uneven.mp4', 'mp4', { timeOf })).video).toMatchObject([{ variableFrameRate: true }])
    expect((await probeOf('even.mkv', 'mkv', { frameRate: 30 })).video).toMatchObject([{ variableFrameRate: false }])
  })

  it.each([
    { hdr: 'hdr10', transfer: 16 },
    { hdr: 'hlg', transfer: 18 },
  ])('knows $hdr by its transfer function', async ({ hdr, transfer }) => {
    const recipe = { video: 'libx265', pixelFormat: 'yuv420p10le', colour: { primaries: 9, transfer, matrix: 9 } }
    const { video } = await probeOf(`${hdr}.mp4`, 'mp4', recipe)
    expect(video).toMatchObject([{ hdr, bitDepth: 10, profile: 'Main 10', colorPrimaries: 'bt2020' }])
  })

  it('keeps a cover apart from moving pictures', async () => {
    const { video, attachedPictures } = await probeOf('cover.m4a', 'm4a', {
      video: null,
      audio: 'aac',
      cover: [9, 9, 9],
    })
    expect(video).toEqual([])
    expect(attachedPictures).toEqual([{ codec: 'png', width: 120, height: 80 }])
  })

  it('measures the length of a recording that does not tell it', async () => {
    const probe = await probeOf('live.mkv', 'mkv', { seconds: 3, muxer: { live: '1' } })
    expect(probe.container.durationMs).toBeCloseTo(3000, -2)
    expect(probe.video).toMatchObject([{ variableFrameRate: false }])
  })

  it('gives the tags of the container by their own names', async () => {
    const { tags } = await probeOf('tags.mkv', 'mkv', { tags: { title: 'Harbour', artist: 'Ann' } })
    expect(tags).toMatchObject({ title: 'Harbour', ARTIST: 'Ann' })
  })
})

interface Expected {
  readonly file: string
  readonly duration: number
  readonly streams: readonly Record<string, unknown>[]
}

const formatOf = (path: string): FormatName => {
  const ending = extname(path).slice(1).toLowerCase()
  const found = (Object.keys(formats) as FormatName[]).find((name) =>
    (formats[name].extensions as readonly string[]).includes(ending),
  )
  if (found === undefined) throw new Error(`no format of ${path}`)
  return found
}

/** Facts of ffprobe beside ours, by a name for the field. */
function* pairs(
  probe: Probe,
  { duration, streams }: Expected,
): Generator<[field: string, ours: unknown, theirs: unknown]> {
  yield ['duration', Math.abs((probe.container.durationMs ?? 0) / 1000 - duration) < 0.05, true]
  const ofType = (type: string) => streams.filter((stream) => stream.type === type)
  yield ['video tracks', probe.video.length, ofType('video').length]
  yield ['audio tracks', probe.audio.length, ofType('audio').length]
  yield ['subtitles', probe.subtitles.length, ofType('subtitle').length]
  for (const [at, theirs] of ofType('video').entries()) {
    const ours = probe.video[at]
    yield ['codec', ours?.codec, theirs.codec]
    yield ['profile', ours?.profile, theirs.profile]
    yield ['width', ours?.width, theirs.width]
    yield ['height', ours?.height, theirs.height]
    yield ['pixel format', ours?.pixelFormat, theirs.pix_fmt]
    yield ['frame rate', ours?.frameRateFraction, theirs.avg_frame_rate]
    yield ['sar', ours?.sar, theirs.sample_aspect_ratio]
    yield ['colour space', ours?.colorSpace, theirs.color_space]
    yield ['colour transfer', ours?.colorTransfer, theirs.color_transfer]
    yield ['colour primaries', ours?.colorPrimaries, theirs.color_primaries]
    yield [
      'interlaced',
      ours?.interlaced,
      theirs.field_order === undefined ? undefined : theirs.field_order !== 'progressive',
    ]
    // ffprobe counts against the clock.
    yield ['rotation', ours?.rotation ?? 0, (360 - Number(theirs.rotation ?? 0)) % 360]
    yield ['language', ours?.language, theirs.language]
  }
  for (const [at, theirs] of ofType('audio').entries()) {
    const ours = probe.audio[at]
    yield ['audio codec', ours?.codec, theirs.codec]
    yield ['channels', ours?.channels, theirs.channels]
    yield ['sample rate', String(ours?.sampleRate), theirs.sample_rate]
    yield ['audio language', ours?.language, theirs.language]
  }
}

/** Where ffprobe is wrong, and we differ on purpose. */
const ffprobeErrs: Readonly<Record<string, readonly string[]>> = {
  // Forty hours for a second of film, by a wrapped time stamp.
  'sample_fragmented.mp4': ['duration'],
  // Milliseconds taken for frames: 1000 and 60 frames a second where there are 30.
  'sample.flv': ['frame rate'],
  'sample.mkv': ['frame rate'],
  'sample_with_srt.mkv': ['frame rate'],
  'sample_with_htc_rotation_track_name.mkv': ['frame rate'],
  'sample_with_vorbis_audio.mkv': ['frame rate'],
}

describe.skipIf(!hasCorpus)('probing real films', () => {
  it('agrees with ffprobe in every field of every file, but for its known errors', async () => {
    const { files } = JSON.parse(readFileSync(`${corpus}/videos/expected.json`, 'utf8')) as { files: Expected[] }
    const counts = new Map<string, [same: number, all: number]>()
    const differences: string[] = []
    for (const expected of files) {
      const name = expected.file.split('/').at(-1) ?? ''
      for (const [field, ours, theirs] of pairs(
        await probeFile(`${corpus}/${expected.file}`, formatOf(name)),
        expected,
      )) {
        const [same, all] = counts.get(field) ?? [0, 0]
        counts.set(field, [same + (ours === theirs ? 1 : 0), all + 1])
        if (ours !== theirs && !ffprobeErrs[name]?.includes(field))
          differences.push(`${name} ${field}: ${ours}, ${theirs}`)
      }
    }
    console.log([...counts].map(([field, [same, all]]) => `${field} ${same}/${all}`).join(', '))
    expect(files.length).toBeGreaterThan(60)
    expect(differences).toEqual([])
  })

  it.skipIf(!hasFfprobe())('agrees with the ffprobe of this machine in the streams of a film', async () => {
    const path = `${corpus}/videos/androidx-media/sample_with_color_info.mp4`
    const text = execFileSync('ffprobe', ['-v', 'quiet', '-of', 'json', '-show_streams', path], { encoding: 'utf8' })
    const { streams } = JSON.parse(text) as { streams: Record<string, unknown>[] }
    const theirs = streams.find((stream) => stream.codec_type === 'video')
    const [ours] = (await probeFile(path, 'mp4')).video
    expect(ours).toMatchObject({
      codec: theirs?.codec_name,
      profile: theirs?.profile,
      pixelFormat: theirs?.pix_fmt,
      frameRateFraction: theirs?.avg_frame_rate,
      frames: Number(theirs?.nb_frames),
      bitRate: Number(theirs?.bit_rate),
    })
  })

  it('does not believe a header that speaks of weeks', async () => {
    const { container } = await probeFile(`${corpus}/broken/made/huge-duration.mp4`, 'mp4')
    expect(container.durationMs).toBeGreaterThan(900)
    expect(container.durationMs).toBeLessThan(1200)
  })

  it.each([
    ['sample_with_chapters.mp4', 'mp4', [0, 201, 800], 'Chapter 3'],
    ['sample_with_chapters.mkv', 'mkv', [0, 2000], 'Chapter 2'],
  ] as const)('reads the chapters of %s', async (name, format, starts, title) => {
    const { chapters } = await probeFile(`${corpus}/videos/androidx-media/${name}`, format)
    expect(chapters.map(({ startMs }) => startMs)).toEqual(starts)
    expect(chapters.at(-1)?.title).toBe(title)
  })

  it.each([
    ['androidx-media/dolbyVision-hdr.MOV', 'dolby-vision'],
    ['androidx-media/sample_with_colr_mdcv_and_clli.mp4', 'hdr10'],
    ['androidx-media/hlg10-color-test.mp4', 'hlg'],
    ['androidx-media/sample.mp4', 'none'],
  ])('knows how bright %s is meant', async (file, hdr) => {
    expect((await probeFile(`${corpus}/videos/${file}`, formatOf(file))).video).toMatchObject([{ hdr }])
  })

  it('finds the uneven films and no others', async () => {
    const { files } = JSON.parse(readFileSync(`${corpus}/videos/expected.json`, 'utf8')) as { files: Expected[] }
    const uneven: string[] = []
    for (const { file } of files) {
      const probe = await probeFile(`${corpus}/${file}`, formatOf(file))
      if (probe.video.some(({ variableFrameRate }) => variableFrameRate)) uneven.push(file.split('/').at(-1) ?? '')
    }
    expect(uneven.sort()).toEqual(['annex-b.mp4', 'cursed-vfr.mp4', 'sample_android_slow_motion.mp4'])
  })
})

function hasFfprobe(): boolean {
  try {
    execFileSync('ffprobe', ['-version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
