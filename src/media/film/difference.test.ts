import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Colour, colourBars, type FilmRecipe, makeFilm } from '../../../test/support/films.ts'
import { MediaError } from '../../errors.ts'
import type { FilmIo, FilmPace, Stretch } from '../film.ts'
import type { FormatName } from '../formats.ts'
import { mostDecibels } from './difference/measures.ts'
import { hasVmaf } from './difference/vmaf.ts'
import type { Metric } from './difference.ts'
import { openFilm } from './open-film.ts'

let folder = ''
const at = (name: string): string => join(folder, name)

/** A wheel that turns: no frame is like another, and a frame too early or late is far off. */
function wheel(x: number, y: number, second: number): Colour {
  const angle = Math.atan2(y - 0.5, x - 0.5) + second * 2
  return [
    128 + 110 * Math.sin(5 * angle),
    128 + 90 * Math.sin(3 * angle + 20 * x),
    128 + 80 * Math.cos(4 * angle - 9 * y),
  ]
}

const films: Readonly<Record<string, FilmRecipe>> = {
  'wheel.mkv': { paint: wheel, video: 'ffv1' },
  'coded.mp4': { paint: wheel },
  'late.mov': { paint: wheel, timeOf: (frame) => frame / 25 + 0.4, audio: 'aac' },
  'middle.mkv': { paint: (x, y, second) => wheel(x, y, second + 0.6), video: 'ffv1', seconds: 0.6 },
  'moved.mkv': { paint: (x, y, second) => wheel(x, y, second - 2 / 30), video: 'ffv1', frameRate: 15, seconds: 1 },
  'high.mkv': {
    paint: wheel,
    video: 'ffv1',
    seconds: 1,
    pixelFormat: 'yuv420p10le',
    codedMatrix: 'bt2020',
    colour: { primaries: 9, transfer: 16, matrix: 9 },
  },
  'thirty.mkv': { paint: wheel, video: 'ffv1', frameRate: 30, seconds: 1 },
  'fifteen.mkv': { paint: wheel, video: 'ffv1', frameRate: 15, seconds: 1 },
  'small.mkv': { paint: wheel, video: 'ffv1', width: 80, height: 48 },
  'deep.mkv': { paint: wheel, video: 'ffv1', pixelFormat: 'yuv420p10le' },
  'whole.mkv': { paint: wheel, video: 'ffv1', pixelFormat: 'yuv444p' },
  'full-range.mkv': { paint: wheel, video: 'ffv1', isFullRange: true },
  'short.mkv': { paint: wheel, video: 'ffv1', seconds: 1.2 },
  'tail.mkv': { paint: (x, y, second) => wheel(x, y, second + 0.8), video: 'ffv1', seconds: 1.2 },
  'upright.mkv': { paint: (x, y, second) => wheel(y, 1 - x, second), video: 'ffv1', width: 96, height: 160 },
  'turned.mp4': { paint: wheel, displayMatrix: [0, 1, 0, -1, 0, 0, 0, 0, 1] },
  'wide.mkv': { paint: wheel, video: 'ffv1', width: 200, height: 80 },
  'bars.mkv': { paint: colourBars, video: 'ffv1', seconds: 0.4 },
  'still.mp4': { paint: colourBars, seconds: 0.4 },
  'tone.m4a': { video: null, audio: 'aac' },
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mediamill-difference-'))
  for (const [name, recipe] of Object.entries(films)) await makeFilm(at(name), recipe)
})
afterAll(() => rm(folder, { recursive: true }))

const quiet: FilmIo = { signal: new AbortController().signal, progress: () => {} }

interface Asked {
  readonly metrics?: readonly Metric[]
  readonly stretch?: Stretch
  readonly io?: FilmIo
}

async function difference(film: string, reference: string, { metrics = ['psnr'], stretch, io = quiet }: Asked = {}) {
  const own = await openFilm(at(film), formatOf(film))
  const other = await openFilm(at(reference), formatOf(reference))
  try {
    const result = await own.film.difference(other.film, metrics, io, stretch)
    return { ...result, counts: [own.counts.framesDecoded, other.counts.framesDecoded] }
  } finally {
    await own.close()
    await other.close()
  }
}

const formatOf = (name: string): FormatName => name.slice(name.lastIndexOf('.') + 1) as FormatName

const scoresOf = ({ frames }: Awaited<ReturnType<typeof difference>>, metric: Metric = 'psnr'): number[] =>
  frames.map((frame) => frame[metric] ?? Number.NaN)
const least = (scores: readonly number[]): number => Math.min(...scores)

describe('the difference of two films', () => {
  it('is none for equal films: the most decibels that are told, and likeness 1', async () => {
    const { frames, notes } = await difference('wheel.mkv', 'wheel.mkv', { metrics: ['psnr', 'ssim', 'xpsnr'] })
    expect(frames).toHaveLength(50)
    for (const { ms: _, ...scores } of frames)
      expect(scores).toEqual({ psnr: mostDecibels, ssim: 1, xpsnr: mostDecibels })
    expect(frames.map(({ ms }) => ms)).toEqual(Array.from({ length: 50 }, (_, frame) => frame * 40))
    expect(notes).toEqual([])
  })

  it.skipIf(!hasFfmpeg())('is what FFmpeg’s own command measures', async () => {
    const { frames } = await difference('coded.mp4', 'wheel.mkv', { metrics: ['psnr', 'ssim'] })
    const lines = (filter: string): string[] =>
      execFileSync(
        'ffmpeg',
        [
          '-v',
          'error',
          '-i',
          at('coded.mp4'),
          '-i',
          at('wheel.mkv'),
          '-lavfi',
          `${filter}=stats_file=-`,
          '-f',
          'null',
          '-',
        ],
        { encoding: 'utf8' },
      )
        .trim()
        .split('\n')
    const psnr = lines('psnr').map((line) => Number(/psnr_avg:(\S+)/.exec(line)?.[1]))
    const ssim = lines('ssim').map((line) => Number(/All:(\S+)/.exec(line)?.[1]))
    expect(frames).toHaveLength(psnr.length)
    for (const [frame, told] of frames.entries()) {
      expect(told.psnr).toBeCloseTo(psnr[frame] ?? 0, 1)
      expect(told.ssim).toBeCloseTo(ssim[frame] ?? 0, 5)
    }
  })

  it('weighs the planes of XPSNR four to one to one by their errors', async () => {
    const { frames } = await difference('still.mp4', 'bars.mkv', { metrics: ['psnr', 'xpsnr'] })
    for (const { psnr = 0, xpsnr = 0 } of frames) {
      expect(xpsnr).toBeGreaterThan(10)
      expect(xpsnr).toBeLessThan(mostDecibels)
      expect(psnr).toBeLessThan(mostDecibels)
    }
  })

  it('costs one decode of each film however many measures are asked for', async () => {
    const one = await difference('coded.mp4', 'wheel.mkv')
    const all = await difference('coded.mp4', 'wheel.mkv', { metrics: ['psnr', 'ssim', 'xpsnr'] })
    expect(all.counts).toEqual(one.counts)
    expect(all.counts.every((count) => count <= 51)).toBe(true)
  })

  it('finds films equal whose clocks are apart, and says by how much', async () => {
    const found = await difference('late.mov', 'coded.mp4')
    expect(found.frames).toHaveLength(50)
    expect(least(scoresOf(found))).toBeGreaterThan(42)
    expect(found.notes.join()).toMatch(/begins 400 ms later than the reference/)
  })

  it('finds where a copy was cut out of the reference, by what both show', async () => {
    const behind = await difference('tail.mkv', 'wheel.mkv')
    expect(behind.frames.map(({ ms }) => ms)[0]).toBe(800)
    expect(behind.frames).toHaveLength(30)
    expect(least(scoresOf(behind))).toBe(mostDecibels)
    expect(behind.notes.join()).toMatch(/By what they show, the film begins 800 ms into the reference/)
    const within = await difference('middle.mkv', 'wheel.mkv')
    expect(within.frames.map(({ ms }) => ms)).toEqual(Array.from({ length: 15 }, (_, frame) => 600 + frame * 40))
    expect(least(scoresOf(within))).toBe(mostDecibels)
    const around = await difference('wheel.mkv', 'middle.mkv')
    expect(around.frames).toHaveLength(15)
    expect(least(scoresOf(around))).toBe(mostDecibels)
  })

  it('finds frames that were moved when the rate was changed', async () => {
    const found = await difference('moved.mkv', 'thirty.mkv')
    const equal = scoresOf(found).filter((score) => score === mostDecibels)
    expect(equal.length).toBeGreaterThanOrEqual(13)
    expect(found.notes.join()).toMatch(/begins 67 ms into the film/)
  })

  it.skipIf(!hasFfmpeg())('brings woven frames apart where the other film has none', async () => {
    const size = ['-f', 'lavfi', '-i', 'testsrc2=s=160x96:r=50:d=0.4']
    const woven = ['-vf', 'interlace', '-c:v', 'mpeg2video', '-flags', '+ilme+ildct', '-q:v', '2', at('woven.mkv')]
    execFileSync('ffmpeg', ['-v', 'error', ...size, ...woven])
    execFileSync('ffmpeg', ['-v', 'error', ...size, '-r', '25', '-c:v', 'ffv1', at('plain.mkv')])
    const found = await difference('woven.mkv', 'plain.mkv')
    expect(found.notes.join()).toMatch(/frames of the film are woven/)
    expect(found.frames.length).toBeGreaterThan(5)
    expect((await difference('woven.mkv', 'woven.mkv')).notes).toEqual([])
  })

  it('brings high dynamic range to SDR where the other film has none, and says so', async () => {
    const { frames, notes } = await difference('coded.mp4', 'high.mkv', { metrics: ['ssim'] })
    expect(frames).toHaveLength(25)
    expect(notes.join()).toMatch(/High dynamic range of the reference was brought to SDR/)
    expect((await difference('high.mkv', 'high.mkv')).notes).toEqual([])
    expect(least(scoresOf(await difference('high.mkv', 'high.mkv')))).toBe(mostDecibels)
  })

  it('compares with the frame that is shown when rates differ', async () => {
    const slower = await difference('fifteen.mkv', 'thirty.mkv')
    expect(slower.frames).toHaveLength(30)
    const [equal, held] = [0, 1].map((rest) => scoresOf(slower).filter((_, frame) => frame % 2 === rest))
    expect(least(equal ?? [])).toBe(mostDecibels)
    expect(Math.max(...(held ?? []))).toBeLessThan(40)
    expect(slower.notes.join()).toMatch(/15 frames a second and the reference 30/)
    const faster = await difference('thirty.mkv', 'fifteen.mkv')
    expect(faster.frames).toHaveLength(15)
    expect(least(scoresOf(faster))).toBe(mostDecibels)
  })

  it('brings the film to the size of the reference', async () => {
    const found = await difference('small.mkv', 'wheel.mkv')
    expect(least(scoresOf(found))).toBeGreaterThan(22)
    expect(found.notes).toEqual(['Both were compared at 160×96; the film is coded at 80×48.'])
  })

  it('compares films upright that are turned in different ways', async () => {
    const found = await difference('turned.mp4', 'upright.mkv')
    expect(found.frames).toHaveLength(50)
    expect(least(scoresOf(found))).toBeGreaterThan(30)
    expect(found.notes.join()).toMatch(/upright/)
  })

  it('refuses films of different shapes', async () => {
    const run = difference('wide.mkv', 'wheel.mkv')
    await expect(run).rejects.toMatchObject({
      code: 'PARAMS_INVALID',
      message: expect.stringMatching(/200×80 .* 160×96/),
    })
  })

  it('compares in the depth of the deeper one', async () => {
    const same = await difference('deep.mkv', 'deep.mkv')
    expect(least(scoresOf(same))).toBe(mostDecibels)
    // Eight bits of ten: what is lost is below a quarter of a step, far from what eight bits could show.
    const [ofEight = 0] = scoresOf(await difference('wheel.mkv', 'deep.mkv'))
    expect(ofEight).toBeGreaterThan(50)
    expect(ofEight).toBeLessThan(70)
  })

  it('keeps the colours of the reference that the film has not', async () => {
    expect(least(scoresOf(await difference('wheel.mkv', 'whole.mkv')))).toBeLessThan(mostDecibels)
    expect(least(scoresOf(await difference('whole.mkv', 'whole.mkv')))).toBe(mostDecibels)
  })

  it('compares light, not codes, where black and white are coded in different ranges', async () => {
    expect(least(scoresOf(await difference('full-range.mkv', 'wheel.mkv')))).toBeGreaterThan(44)
  })

  it('ends with the shorter film and says so', async () => {
    const shorter = await difference('short.mkv', 'wheel.mkv')
    expect(shorter.frames).toHaveLength(30)
    expect(least(scoresOf(shorter))).toBe(mostDecibels)
    expect(shorter.notes.join()).toMatch(/film ends before the reference; after 1\.2 s nothing/)
    const longer = await difference('wheel.mkv', 'short.mkv')
    expect(longer.frames).toHaveLength(30)
    expect(longer.notes.join()).toMatch(/goes on for 0\.8 s after the reference/)
  })

  it('compares a stretch alone, by the times of the reference, without decoding what is behind', async () => {
    const found = await difference('wheel.mkv', 'wheel.mkv', { stretch: { fromMs: 400, toMs: 800 } })
    expect(found.frames.map(({ ms }) => ms)).toEqual(Array.from({ length: 10 }, (_, frame) => 400 + frame * 40))
    expect(least(scoresOf(found))).toBe(mostDecibels)
    for (const count of found.counts) expect(count).toBeLessThan(25)
  })

  it('takes a film as long as the stretch for a copy of that stretch', async () => {
    const found = await difference('tail.mkv', 'wheel.mkv', { stretch: { fromMs: 800, toMs: 2000 } })
    expect(found.frames).toHaveLength(30)
    expect(least(scoresOf(found))).toBe(mostDecibels)
    expect(found.notes).toEqual(['The film was taken for a copy of that stretch of the reference.'])
  })

  it('says which of the two has no picture', async () => {
    await expect(difference('wheel.mkv', 'tone.m4a')).rejects.toMatchObject({
      code: 'NO_PICTURE',
      message: expect.stringContaining('the reference: it has no picture track'),
    })
    await expect(difference('tone.m4a', 'wheel.mkv')).rejects.toMatchObject({
      message: expect.stringContaining('the film:'),
    })
  })

  it('tells its progress from frames, and stops when nobody waits any more', async () => {
    const told: [number, FilmPace | undefined][] = []
    await difference('wheel.mkv', 'wheel.mkv', {
      io: { ...quiet, progress: (fraction, pace) => told.push([fraction, pace]) },
    })
    expect(told.at(-1)?.[0]).toBe(1)
    expect(told.at(-1)?.[1]?.frames).toBe(50)
    const control = new AbortController()
    const run = difference('wheel.mkv', 'wheel.mkv', { io: { signal: control.signal, progress: () => {} } })
    control.abort(new MediaError('CANCELLED'))
    await expect(run).rejects.toMatchObject({ code: 'CANCELLED' })
  })
})

describe('VMAF', () => {
  it('is there when the system’s ffmpeg has libvmaf', async () => {
    const { stdout, error } = spawnSync('ffmpeg', ['-hide_banner', '-filters'], { encoding: 'utf8' })
    expect(await hasVmaf()).toBe(error === undefined && /\blibvmaf\b/.test(stdout))
  })

  it('is measured there, and else refused with what is missing', async () => {
    const run = difference('coded.mp4', 'wheel.mkv', { metrics: ['vmaf', 'psnr'] })
    if (await hasVmaf()) {
      const scores = scoresOf(await run, 'vmaf')
      expect(scores).toHaveLength(50)
      expect(least(scores)).toBeGreaterThan(60)
    } else {
      await expect(run).rejects.toMatchObject({
        code: 'TOOL_MISSING',
        message: expect.stringContaining('an ffmpeg with libvmaf'),
      })
    }
  })
})

function hasFfmpeg(): boolean {
  return spawnSync('ffmpeg', ['-version'], { stdio: 'ignore' }).error === undefined
}
