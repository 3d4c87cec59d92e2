import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { corpus, hasCorpus } from '../../../test/support/corpus.ts'
import { cutOff, overwritten, type PlacedPacket, packetsOf, withPackets } from '../../../test/support/damage.ts'
import { type FilmRecipe, makeFilm } from '../../../test/support/films.ts'
import { temporaryFolder } from '../../../test/support/temporary.ts'
import { MediaError } from '../../errors.ts'
import { sniff, sniffBytes } from '../sniff.ts'
import type { FilmCheck } from './check.ts'
import { openFilm } from './open-film.ts'

const folder = temporaryFolder()
const at = (name: string) => join(folder, name)

async function check(path: string, mode: 'quick' | 'thorough' = 'thorough', signal = new AbortController().signal) {
  const format = await sniff(readFileSync(path).subarray(0, sniffBytes))
  if (format === null) throw new Error(`${path} is no film`)
  const told: number[] = []
  const opened = await openFilm(path, format)
  try {
    return { ...(await opened.film.check(mode, { signal, progress: (fraction) => void told.push(fraction) })), told }
  } finally {
    await opened.close()
  }
}

const harmful = ({ damage }: FilmCheck) => damage.filter(({ isHarmless }) => !isHarmless)

/** From where to where anything is wrong. */
function extent(found: FilmCheck): [fromMs: number, toMs: number] {
  const pieces = harmful(found)
  return [Math.min(...pieces.map(({ fromMs }) => fromMs)), Math.max(...pieces.map(({ toMs }) => toMs))]
}

/** A film whose frames stand from one moment to the next. */
const shown = (moments: readonly number[]): FilmRecipe => ({
  seconds: (moments.length - 1) / 25,
  timeOf: (frame) => moments[frame] ?? 0,
  lengthOf: (frame) => (moments[frame + 1] ?? 0) - (moments[frame] ?? 0),
})

/** Two seconds in 30 frames each, then three that stand for one second, and so on. */
const screen = [0, 5, 10].flatMap((second) => [
  ...Array.from({ length: 60 }, (_, at) => second + at / 30),
  ...[2, 3, 4].map((later) => second + later),
])

/** A recording that every five seconds goes on for twenty frames. */
const pausing = [0, 5, 10, 15].flatMap((second) => Array.from({ length: 20 }, (_, at) => second + at / 30))

const sound = { audio: 'aac' }
const good: Record<string, FilmRecipe> = {
  'h264.mp4': sound,
  'h264.mov': sound,
  'h264.mkv': sound,
  'h264.ts': sound,
  'h264.flv': sound,
  'fragments.mp4': { ...sound, muxer: { movflags: 'frag_keyframe+empty_moov' } },
  'live.mkv': { ...sound, muxer: { live: '1' } },
  'hevc.mp4': { ...sound, video: 'libx265' },
  'vp9.webm': { video: 'libvpx-vp9', audio: 'libopus' },
  'av1.mkv': { video: 'libsvtav1', audio: 'flac' },
  'mpeg2.ts': { video: 'mpeg2video', audio: 'mp2' },
  'mpeg2.mpg': { video: 'mpeg2video', audio: 'mp2' },
  'mpeg4.avi': { video: 'mpeg4', audio: 'mp2' },
  'mjpeg.avi': { video: 'mjpeg', pixelFormat: 'yuvj420p', isFullRange: true, audio: 'pcm_s16le' },
  'prores.mov': { video: 'prores_ks', pixelFormat: 'yuv422p10le', audio: 'pcm_s16le' },
  'uneven.mkv': { ...sound, timeOf: (frame) => frame * 0.05 + (frame % 7 === 0 ? 0.02 : 0) + (frame > 20 ? 0.9 : 0) },
  'slides.mkv': { ...shown([0, 1.2, 2.4, 3.6, 6.6, 8.6, 9.6]), lengthOf: () => 0.04 },
  'slides.mp4': shown([0, 1.2, 2.4, 3.6, 6.6, 8.6, 9.6]),
  'two.mkv': shown([0, 2, 7]),
  'screen.mkv': { ...shown(screen), lengthOf: () => 1 / 30 },
  'screen.mp4': shown(screen),
  'pausing.mkv': { ...shown(pausing), lengthOf: () => 1 / 30, gop: 250 },
  'covered.m4a': { video: null, ...sound, cover: [9, 90, 9] },
  'sound.mp3': { video: null, audio: 'libmp3lame' },
  'sound.flac': { video: null, audio: 'flac' },
  'sound.wav': { video: null, audio: 'pcm_s16le' },
  'sound.aiff': { video: null, audio: 'pcm_s16be' },
  'sound.ogg': { video: null, audio: 'libopus' },
  'sound.aac': { video: null, audio: 'aac' },
  'sound.ac3': { video: null, audio: 'ac3' },
}

describe('checking a film that is whole', () => {
  it.each(Object.keys(good))('finds nothing wrong with %s', async (name) => {
    await makeFilm(at(name), good[name])
    for (const mode of ['quick', 'thorough'] as const) {
      const { verdict, damage, packetsRead, framesDecoded, unchecked, told } = await check(at(name), mode)
      expect([mode, verdict, damage, unchecked]).toEqual([mode, 'ok', [], []])
      expect(packetsRead).toBeGreaterThan(0)
      expect(framesDecoded).toBeGreaterThan(0)
      expect(told).toEqual([...told].sort((one, other) => one - other))
    }
  })

  it('decodes every frame when it is thorough, and a few when it is quick', async () => {
    await makeFilm(at('long.mp4'), { seconds: 8, gop: 50 })
    expect((await check(at('long.mp4'))).framesDecoded).toBe(200)
    expect((await check(at('long.mp4'), 'quick')).framesDecoded).toBe(4)
  })
})

describe('checking a film of eight seconds', () => {
  const films = ['whole.mp4', 'whole.mkv', 'whole.ts'] as const
  const packets: Record<string, PlacedPacket[]> = {}
  /** The packet of the picture that is shown at a moment. */
  const pictureAt = (film: string, ms: number) =>
    packets[film]?.find((one) => one.stream === 0 && Math.abs(one.ms - ms) < 1) ?? { at: 0, bytes: 0, ms: -1 }

  beforeAll(async () => {
    for (const name of films) {
      await makeFilm(at(name), {
        seconds: 8,
        gop: 50,
        ...sound,
        muxer: name === 'whole.mp4' ? { movflags: 'faststart' } : {},
      })
      packets[name] = await packetsOf(at(name))
    }
  })

  it.each(['noise', 'zeros'] as const)(
    'finds the frame whose bytes became %s, and says of no other stretch that it is damaged',
    async (how) => {
      // A key frame, so that its bytes can not be anything else.
      const { at: from, bytes } = pictureAt('whole.mp4', 4000)
      const bad = overwritten(at('whole.mp4'), at(`${how}.mp4`), from + 4, from + bytes, how)
      const found = await check(bad)
      expect(found.verdict).toBe('damaged')
      const [first, last] = extent(found)
      expect(Math.abs(first - 4000)).toBeLessThanOrEqual(120)
      expect(last).toBeLessThanOrEqual(6000)
      expect(new Set(harmful(found).map(({ kind }) => kind))).toEqual(new Set(['video']))
    },
  )

  it('finds a damaged key frame without decoding all, and says that it is seen up to the next', async () => {
    const { at: from, bytes } = pictureAt('whole.mkv', 2000)
    const bad = overwritten(at('whole.mkv'), at('key.mkv'), from + 12, from + bytes)
    const { verdict, damage } = await check(bad, 'quick')
    expect([verdict, damage]).toEqual([
      'damaged',
      [expect.objectContaining({ fromMs: 2000, toMs: 4000, kind: 'video' })],
    ])
  })

  it.each(films.flatMap((film) => [30, 60, 90].map((percent) => [film, percent] as const)))(
    'knows where %s ends when it is cut off at %i %',
    async (film, percent) => {
      // Not between two packets of a Transport Stream.
      const bytes = Math.floor((statSync(at(film)).size * percent) / 18_800) * 188 - 60
      const bad = cutOff(at(film), at(`cut-${percent}-${film}`), bytes)
      const lost = packets[film]?.filter((packet) => packet.at + packet.bytes > bytes) ?? []
      const lostMs = Math.min(...lost.map(({ ms }) => ms))
      for (const mode of ['quick', 'thorough'] as const) {
        const found = await check(bad, mode)
        expect([mode, found.verdict]).toEqual([mode, 'damaged'])
        expect(harmful(found).map(({ kind }) => kind)).toContain('container')
        const [first, last] = extent(found)
        // Frames that come together are split over several packets of the container.
        expect(Math.abs(first - lostMs), `${mode}: ${first} instead of ${lostMs}`).toBeLessThan(400)
        if (film !== 'whole.ts') expect(last).toBeGreaterThan(7900)
      }
    },
  )

  it('finds a stretch of which picture and sound are missing', async () => {
    const gone = await withPackets(at('whole.mkv'), at('gone.mkv'), (_, ms) => ms < 2000 || ms >= 4000)
    const found = await check(gone)
    expect(found.verdict).toBe('damaged')
    const [first, last] = extent(found)
    expect([Math.round(first / 100), Math.round(last / 100)]).toEqual([20, 40])
    expect(harmful(found).map(({ kind }) => kind)).toContain('missing')
  })

  it.each([
    ['groups', (ms: number) => ms % 2000 < 1000],
    ['pieces of groups', (ms: number) => ms % 2000 < 900 || ms % 2000 >= 1600],
  ])('finds %s that are missing again and again', async (name, keep) => {
    await makeFilm(at('silent-long.mkv'), { seconds: 9, gop: 25 })
    const thinned = await withPackets(at('silent-long.mkv'), at(`without ${name}.mkv`), (_, ms) => keep(ms))
    const found = await check(thinned)
    expect(found.verdict).toBe('damaged')
    expect(harmful(found).map(({ kind }) => kind)).toEqual(expect.arrayContaining(['missing', 'missing', 'missing']))
  })

  it('finds sound that is missing below a picture that goes on', async () => {
    const mute = await withPackets(
      at('whole.mkv'),
      at('mute.mkv'),
      ({ streamIndex }, ms) => streamIndex === 0 || ms < 5000 || ms > 6000,
    )
    const found = await check(mute)
    expect(harmful(found)).toEqual([expect.objectContaining({ kind: 'missing', message: 'sound is missing' })])
    expect(Math.abs(extent(found)[0] - 5000)).toBeLessThan(50)
  })

  it.each(['quick', 'thorough'] as const)(
    'does not take what can not be read for a last picture that stands (%s)',
    async (mode) => {
      await makeFilm(at('silent.mkv'), { seconds: 8, gop: 50 })
      const { size } = statSync(at('silent.mkv'))
      const [most, all] = [Math.floor(size * 0.6), Math.floor(size * 0.99)]
      const lost = overwritten(at('silent.mkv'), at('lost.mkv'), most, all, 'zeros')
      const cut = cutOff(at('silent.mkv'), at('silent-cut.mkv'), most)
      for (const film of [lost, cut]) {
        const found = await check(film, mode)
        expect(found.verdict).toBe('damaged')
        expect(Math.abs(extent(found)[1] - 8000)).toBeLessThan(100)
      }
    },
  )

  it('finds frames that refer to ones that are not there', async () => {
    // The second key frame of each pair is gone, and with it what the frames behind it are made of.
    const bare = await withPackets(
      at('whole.ts'),
      at('bare.mkv'),
      ({ streamIndex, isKeyframe }, ms) => !(streamIndex === 0 && isKeyframe && ms > 5000 && ms < 6500),
    )
    const { damage } = await check(bare)
    for (const { fromMs } of damage) expect(fromMs).toBeGreaterThan(3500)
    expect(damage.length).toBeGreaterThan(0)
  })
})

describe('what is harmless', () => {
  it('are frames before the first key frame, as of a recording that was begun in the middle', async () => {
    await makeFilm(at('from-start.mkv'), { seconds: 4, gop: 50, ...sound })
    const late = await withPackets(at('from-start.mkv'), at('late.ts'), (_, ms) => ms >= 1000)
    const { verdict, damage } = await check(late)
    expect([verdict, damage.map(({ kind, isHarmless }) => [kind, isHarmless])]).toEqual(['ok', [['video', true]]])
  })

  it('is a single frame that was dropped', async () => {
    await makeFilm(at('even.mkv'), { seconds: 4, video: 'mpeg2video', gop: 1 })
    const dropped = await withPackets(at('even.mkv'), at('dropped.mkv'), (_, ms) => Math.round(ms) !== 2000)
    const { verdict, damage } = await check(dropped)
    expect([verdict, damage]).toEqual([
      'ok',
      [{ fromMs: 2000, toMs: 2040, kind: 'missing', message: 'a frame was dropped', isHarmless: true }],
    ])
  })

  it('is a last packet of sound that is cut short', async () => {
    await makeFilm(at('last.m4a'), { video: null, ...sound, muxer: { movflags: 'faststart' } })
    const short = cutOff(at('last.m4a'), at('short.m4a'), statSync(at('last.m4a')).size - 2)
    const { verdict, damage } = await check(short)
    expect([verdict, damage.map(({ kind, isHarmless }) => [kind, isHarmless])]).toEqual([
      'ok',
      [
        ['audio', true],
        ['container', true],
      ],
    ])
  })

  it('is a container that announces more than picture and sound', async () => {
    await makeFilm(at('tail.mp4'), { ...sound, muxer: { movflags: 'faststart' } })
    const content = readFileSync(at('tail.mp4'))
    // An empty box behind the last frame, which is cut off.
    writeFileSync(
      at('tail-cut.mp4'),
      Buffer.concat([content, Buffer.from([0, 0, 1, 0]), Buffer.from('free'), Buffer.alloc(20)]),
    )
    const { verdict, damage } = await check(at('tail-cut.mp4'))
    expect([verdict, damage.map(({ kind, isHarmless }) => [kind, isHarmless])]).toEqual(['ok', [['container', true]]])
  })
})

describe('a check that can not be made or is given up', () => {
  it('says of a film without a picture or sound that can be decoded that it is damaged', async () => {
    await makeFilm(at('rubbish.mp4'), { muxer: { movflags: 'faststart' } })
    const [first] = await packetsOf(at('rubbish.mp4'))
    overwritten(at('rubbish.mp4'), at('rubbish.mp4'), first?.at ?? 0, statSync(at('rubbish.mp4')).size)
    const error = await check(at('rubbish.mp4')).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'MEDIA_DAMAGED' })
  })

  it.each(['quick', 'thorough'] as const)('ends a %s one with the reason', async (mode) => {
    await makeFilm(at('given-up.mp4'), { seconds: 1 })
    const stop = new AbortController()
    stop.abort(new MediaError('CANCELLED'))
    await expect(check(at('given-up.mp4'), mode, stop.signal)).rejects.toMatchObject({ code: 'CANCELLED' })
  })
})

/** Larger films take seconds, and so are read to their end only here and there. */
const thoroughBytes = 300_000

/** Real files of the corpus that are damaged, by what `ffmpeg -v error` says of them. */
const reallyDamaged: Readonly<Record<string, string>> = {
  'annex-b.mp4': 'partial file; error while decoding MB 50 52',
}

describe.skipIf(!hasCorpus)('checking real films', () => {
  const files = hasCorpus
    ? (JSON.parse(readFileSync(`${corpus}/videos/expected.json`, 'utf8')) as { files: { file: string }[] }).files
    : []

  it('finds nothing wrong with those that FFmpeg decodes without a word', { timeout: 60_000 }, async () => {
    const wrong: string[] = []
    for (const { file } of files) {
      const path = `${corpus}/${file}`
      for (const mode of statSync(path).size > thoroughBytes
        ? (['quick'] as const)
        : (['quick', 'thorough'] as const)) {
        const { verdict } = await check(path, mode)
        if (verdict !== 'ok') wrong.push(file.split('/').at(-1) ?? '')
      }
    }
    expect([...new Set(wrong)]).toEqual(Object.keys(reallyDamaged))
  })

  it('finds every film of the broken ones that is cut off', async () => {
    for (const name of [
      'truncated-50.mp4',
      'truncated-95.mp4',
      'truncated-50.webm',
      'truncated-50.mkv',
      'truncated-50.ts',
      'truncated-50.avi',
    ]) {
      for (const mode of ['quick', 'thorough'] as const) {
        expect([name, mode, (await check(`${corpus}/broken/made/${name}`, mode)).verdict]).toEqual([
          name,
          mode,
          'damaged',
        ])
      }
    }
  })
})
