import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { corpus, hasCorpus } from '../../../test/support/corpus.ts'
import { temporaryFolder } from '../../../test/support/temporary.ts'
import type { Probe } from '../probe.ts'
import { sniff, sniffBytes } from '../sniff.ts'
import { openFilm } from './open-film.ts'

const run = promisify(execFile)

interface Theirs {
  readonly format: { duration?: string; start_time?: string; tags?: Record<string, string> }
  readonly streams: readonly Record<string, unknown>[]
  readonly chapters: readonly { start_time: string; end_time: string; tags?: { title?: string } }[]
}

async function ffprobe(path: string): Promise<Theirs> {
  const args = ['-v', 'quiet', '-of', 'json', '-show_format', '-show_streams', '-show_chapters', path]
  return JSON.parse((await run('ffprobe', args)).stdout) as Theirs
}

const hasFfprobe = await run('ffprobe', ['-version']).then(
  () => true,
  () => false,
)
if (!hasFfprobe) {
  const note = 'No ffprobe here: facts of films are not compared with it. On Debian, "apt-get install ffmpeg".'
  if (process.env.CI === 'true') throw new Error(note)
  console.warn(note)
}

async function probeOf(path: string): Promise<Probe> {
  const format = await sniff(readFileSync(path).subarray(0, sniffBytes))
  if (format === null) throw new Error(`${path} is no film`)
  const opened = await openFilm(path, format)
  await opened.close()
  return opened.film.probe
}

type Pair = readonly [field: string, ours: unknown, theirs: unknown]

/** What is told as "not known" in one way or another. */
const told = (value: unknown): unknown =>
  value === 'unknown' || value === '0/0' || value === '0:1' ? undefined : value
const number = (value: unknown): number | undefined => (value === undefined ? undefined : Number(value))
const record = (value: unknown) => (value ?? {}) as Record<string, unknown>
const sideData = (stream: Record<string, unknown>) => (stream.side_data_list ?? []) as Record<string, unknown>[]
const isCover = (stream: Record<string, unknown>) =>
  record(stream.disposition).attached_pic === 1 || record(stream.disposition).timed_thumbnails === 1
const languageOf = (stream: Record<string, unknown>): unknown => {
  const { language } = record(stream.tags)
  return language === 'und' ? undefined : language
}
/** Milliseconds, of which ffprobe tells six digits. */
const near = (ours: number | undefined, theirs: number | undefined, by = 1) =>
  ours !== undefined && theirs !== undefined && Math.abs(ours - theirs) <= by ? theirs : ours

function rotationOf(stream: Record<string, unknown>): number {
  const matrix = sideData(stream).find(({ rotation }) => rotation !== undefined)
  return (360 - (number(matrix?.rotation) ?? 0)) % 360
}

function hdrOf(stream: Record<string, unknown>): string {
  if (sideData(stream).some((one) => String(one.side_data_type).startsWith('DOVI'))) return 'dolby-vision'
  const transfer = stream.color_transfer
  return transfer === 'arib-std-b67' ? 'hlg' : transfer === 'smpte2084' ? 'hdr10' : 'none'
}

/** Facts of ours beside those of ffprobe, in every field that both have. */
function* pairs(probe: Probe, { format, streams, chapters }: Theirs): Generator<Pair> {
  const ofType = (type: string) => streams.filter((stream) => stream.codec_type === type)
  const durationMs = format.duration === undefined ? undefined : Number(format.duration) * 1000
  yield ['duration', near(probe.container.durationMs, durationMs, 50), durationMs]
  const startMs = Math.round(Number(format.start_time ?? 0) * 1000) || undefined
  yield ['start', near(probe.container.startMs, startMs), startMs]
  const video = ofType('video').filter((stream) => !isCover(stream))
  const covers = ofType('video').filter(isCover)
  yield ['video tracks', probe.video.length, video.length]
  for (const [at, theirs] of video.entries()) {
    const ours = probe.video[at]
    yield ['codec', ours?.codec, told(theirs.codec_name)]
    yield ['profile', ours?.profile, told(theirs.profile)]
    yield ['width', ours?.width, theirs.width || undefined]
    yield ['height', ours?.height, theirs.height || undefined]
    yield ['rotation', ours?.rotation ?? 0, rotationOf(theirs)]
    yield ['sar', ours?.sar, told(theirs.sample_aspect_ratio)]
    yield ['frame rate', ours?.frameRateFraction, told(theirs.avg_frame_rate)]
    yield ['pixel format', ours?.pixelFormat, told(theirs.pix_fmt)]
    if (theirs.bits_per_raw_sample !== undefined)
      yield ['bit depth', ours?.bitDepth, number(theirs.bits_per_raw_sample)]
    yield ['hdr', ours?.hdr, hdrOf(theirs)]
    const dolby = sideData(theirs).find(({ dv_profile }) => dv_profile !== undefined)
    yield ['dolby vision', ours?.dolbyVision, dolby && `${dolby.dv_profile}.${dolby.dv_bl_signal_compatibility_id}`]
    yield ['primaries', ours?.colorPrimaries, told(theirs.color_primaries)]
    yield ['transfer', ours?.colorTransfer, told(theirs.color_transfer)]
    yield ['colour space', ours?.colorSpace, told(theirs.color_space)]
    const range = theirs.color_range === 'tv' ? 'limited' : theirs.color_range === 'pc' ? 'full' : undefined
    yield ['colour range', ours?.colorRange, range]
    yield ['frames', ours?.frames, number(theirs.nb_frames ?? record(theirs.tags).NUMBER_OF_FRAMES)]
    const order = told(theirs.field_order)
    yield ['interlaced', ours?.interlaced, order === undefined ? undefined : order !== 'progressive']
    yield ['bit rate', ours?.bitRate, number(theirs.bit_rate)]
    yield ['language', ours?.language, languageOf(theirs)]
  }
  yield ['attached pictures', probe.attachedPictures.length, covers.length]
  for (const [at, theirs] of covers.entries()) {
    const { codec, width, height } = probe.attachedPictures[at] ?? {}
    yield ['cover', `${codec} ${width}x${height}`, `${theirs.codec_name} ${theirs.width}x${theirs.height}`]
  }
  yield ['audio tracks', probe.audio.length, ofType('audio').length]
  for (const [at, theirs] of ofType('audio').entries()) {
    const ours = probe.audio[at]
    yield ['audio codec', ours?.codec, told(theirs.codec_name)]
    yield ['audio profile', ours?.profile, told(theirs.profile)]
    yield ['channels', ours?.channels, theirs.channels || undefined]
    yield ['layout', ours?.layout, told(theirs.channel_layout)]
    yield ['sample rate', ours?.sampleRate, number(theirs.sample_rate) || undefined]
    yield ['audio bit rate', ours?.bitRate, number(theirs.bit_rate)]
    yield ['audio language', ours?.language, languageOf(theirs)]
    yield ['audio title', ours?.title, record(theirs.tags).title]
  }
  yield ['subtitles', probe.subtitles.length, ofType('subtitle').length]
  for (const [at, theirs] of ofType('subtitle').entries()) {
    yield ['subtitle codec', probe.subtitles[at]?.codec, told(theirs.codec_name)]
    yield ['subtitle language', probe.subtitles[at]?.language, languageOf(theirs)]
  }
  yield ['chapters', probe.chapters.length, chapters.length]
  for (const [at, { start_time, end_time, tags }] of chapters.entries()) {
    const { startMs = Number.NaN, endMs = Number.NaN, title } = probe.chapters[at] ?? {}
    const [theirStart, theirEnd] = [Number(start_time) * 1000, Number(end_time) * 1000]
    yield [
      'chapter',
      [near(startMs, theirStart), near(endMs, theirEnd), title],
      [theirStart, theirEnd, tags?.title || undefined],
    ]
  }
  yield ['tags', probe.tags, format.tags ?? {}]
}

/** Fields in which we differ from an ffprobe on purpose, by file. */
const onPurpose: Readonly<Record<string, readonly string[]>> = {
  // Forty hours for a second of film, by a wrapped time stamp, and bit rates over that.
  'sample_fragmented.mp4': ['duration', 'bit rate', 'audio bit rate'],
  // Milliseconds taken for frames: 1000 and 60 frames a second where there are 30.
  'sample.flv': ['frame rate'],
  'sample.mkv': ['frame rate'],
  'sample_with_srt.mkv': ['frame rate'],
  'sample_with_htc_rotation_track_name.mkv': ['frame rate'],
  'sample_with_vorbis_audio.mkv': ['frame rate'],
  // What an encoder of sound put in front is never heard; before FFmpeg 7 it counted as a beginning before zero.
  'sample_with_chapters.mkv': ['start'],
  'sample_with_opus_audio.mkv': ['start'],
  // It says twice of which brand it is; before FFmpeg 8 only the last word was kept.
  'sample_android_slow_motion.mp4': ['tags'],
  // Of streams without a bit rate of their own it is guessed from their first packets, by each version from as many as it reads.
  'hevc.ts': ['audio bit rate'],
  'mp3.ts': ['audio bit rate'],
  'no-initial-keyframe.ts': ['audio bit rate'],
  // It tells no length, so it is measured.
  'live.mkv': ['duration'],
}

/** Compares a film; gives the fields that are the same, and what differs. */
async function compared(path: string): Promise<{ same: string[]; different: string[] }> {
  const name = basename(path)
  const [same, different]: [string[], string[]] = [[], []]
  for (const [field, ours, theirs] of pairs(await probeOf(path), await ffprobe(path))) {
    const isSame = JSON.stringify(ours) === JSON.stringify(theirs)
    if (isSame) same.push(field)
    else if (!onPurpose[name]?.includes(field)) {
      different.push(`${name} ${field}: ${JSON.stringify(ours)}, ${JSON.stringify(theirs)}`)
    }
  }
  return { same, different }
}

describe.skipIf(!hasCorpus || !hasFfprobe)('probing the films of the corpus', () => {
  it('agrees with the ffprobe of this machine in every field of every film, but where it errs', {
    timeout: 180_000,
  }, async () => {
    const { files } = JSON.parse(readFileSync(`${corpus}/videos/expected.json`, 'utf8')) as {
      files: { file: string }[]
    }
    const differences: string[] = []
    for (const { file } of files) differences.push(...(await compared(`${corpus}/${file}`)).different)
    expect(files.length).toBeGreaterThan(60)
    expect(differences).toEqual([])
  })
})

const picture = ['-f', 'lavfi', '-i', 'testsrc2=s=160x96:r=25:d=1']
const tone = ['-f', 'lavfi', '-i', 'sine=d=1']
const around = (layout: string) => [
  '-f',
  'lavfi',
  '-t',
  '1',
  '-i',
  `anullsrc=channel_layout=${layout}:sample_rate=48000`,
]
const still = ['-f', 'lavfi', '-i', 'color=red:s=64x48:d=0.04']
const x264 = ['-c:v', 'libx264', '-preset', 'ultrafast']

/** Films as FFmpeg makes them, for what the corpus does not have; behind each the fields that it is there for. */
const made: Readonly<Record<string, readonly [args: readonly string[], ...fields: string[]]>> = {
  'top-first.mkv': [[...picture, ...x264, '-flags', '+ilme+ildct', '-x264-params', 'tff=1'], 'interlaced'],
  'fields.ts': [[...picture, '-c:v', 'mpeg2video', '-flags', '+ilme+ildct', '-top', '1'], 'interlaced'],
  'wide-pixels.mp4': [[...picture, ...x264, '-vf', 'setsar=4/3'], 'sar'],
  'uneven.mp4': [[...picture, ...x264, '-vf', "setpts='N/25/TB+gt(N,10)*0.3/TB'", '-fps_mode', 'vfr'], 'frame rate'],
  'hdr10.mkv': [
    [
      ...picture,
      '-pix_fmt',
      'yuv420p10le',
      '-c:v',
      'libx265',
      '-preset',
      'ultrafast',
      '-color_primaries',
      'bt2020',
    ].concat([
      '-color_trc',
      'smpte2084',
      '-colorspace',
      'bt2020nc',
      '-color_range',
      'tv',
      '-x265-params',
      'log-level=none',
    ]),
    'hdr',
    'primaries',
    'transfer',
    'colour range',
  ],
  'full-range.mp4': [[...picture, ...x264, '-pix_fmt', 'yuvj444p'], 'colour range', 'pixel format'],
  'languages.mkv': [
    [
      ...picture,
      ...around('5.1'),
      ...around('7.1'),
      ...around('mono'),
      ...x264,
      '-c:a',
      'flac',
      '-map',
      '0',
      '-map',
      '1',
    ].concat(
      ['-map', '2', '-map', '3', '-metadata:s:a:0', 'language=ger', '-metadata:s:a:1', 'language=jpn'],
      ['-metadata:s:a:2', 'title=Comment', '-metadata:s:v:0', 'language=fre', '-metadata', 'title=Harbour'],
    ),
    'layout',
    'language',
    'audio language',
    'audio title',
    'tags',
  ],
  'layouts.mp4': [
    [...around('5.1(side)'), ...around('quad'), '-c:a:0', 'ac3', '-c:a:1', 'aac', '-map', '0', '-map', '1'],
    'layout',
  ],
  'no-length.flv': [[...picture, ...tone, ...x264, '-c:a', 'aac', '-flvflags', 'no_duration_filesize'], 'codec'],
  'live.mkv': [[...picture, ...tone, ...x264, '-c:a', 'aac', '-live', '1'], 'codec'],
  'cover.m4a': [
    [...tone, ...still, '-map', '0', '-map', '1', '-c:a', 'aac', '-c:v', 'png', '-disposition:v', 'attached_pic'],
    'cover',
  ],
  'cover.mp3': [
    [...tone, ...still, '-map', '0', '-map', '1', '-c:v', 'mjpeg', '-metadata', 'artist=Ann'],
    'cover',
    'tags',
  ],
  'cover.flac': [
    [...tone, ...still, '-map', '0', '-map', '1', '-c:v', 'png', '-disposition:v', 'attached_pic'],
    'cover',
  ],
  'sound.wav': [[...tone, '-c:a', 'pcm_s24le', '-ar', '96000'], 'sample rate'],
  'sound.ogg': [[...tone, '-c:a', 'libvorbis'], 'audio codec'],
}

describe.skipIf(!hasFfprobe)('probing films of all sorts', () => {
  const folder = temporaryFolder()

  it.each(Object.entries(made))('agrees with ffprobe in every field of %s', async (name, [args, ...fields]) => {
    const path = join(folder, name)
    await run('ffmpeg', ['-nostdin', '-v', 'error', '-y', ...args, path])
    const { same, different } = await compared(path)
    expect(different).toEqual([])
    expect(same).toEqual(expect.arrayContaining(fields))
  })

  it('agrees with ffprobe in chapters and subtitles', async () => {
    const notes = join(folder, 'notes.txt')
    const words = join(folder, 'words.srt')
    writeFileSync(
      notes,
      ';FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=400\ntitle=One\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=400\nEND=1000\n',
    )
    writeFileSync(words, '1\n00:00:00,100 --> 00:00:00,800\nWords\n')
    for (const [name, codec] of [
      ['chapters.mkv', 'srt'],
      ['chapters.mp4', 'mov_text'],
    ] as const) {
      const path = join(folder, name)
      const inputs = [...picture, '-i', words, '-i', notes, '-map', '0', '-map', '1', '-map_chapters', '2']
      await run('ffmpeg', [
        '-nostdin',
        '-v',
        'error',
        '-y',
        ...inputs,
        ...x264,
        '-c:s',
        codec,
        '-metadata:s:s:0',
        'language=dan',
        path,
      ])
      const { same, different } = await compared(path)
      expect(different).toEqual([])
      expect(same).toEqual(expect.arrayContaining(['chapter', 'subtitle codec', 'subtitle language']))
    }
  })
})
