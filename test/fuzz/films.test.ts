import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { errorCodes, MediaError } from '../../src/errors.ts'
import { runOperation } from '../../src/executor/run.ts'
import { anApp, dataIn } from '../support/app.ts'
import { type FilmRecipe, makeFilm } from '../support/films.ts'
import { aFolder } from '../support/library.ts'
import { mutated, mutations } from '../support/mutate.ts'
import { numbersFrom } from '../support/random.ts'

/** As many files as are made bad; MEDIAMILL_FUZZ asks for more, MEDIAMILL_FUZZ_FILES names a folder of further films. */
const count = Number(process.env.MEDIAMILL_FUZZ ?? 30)
const more = process.env.MEDIAMILL_FUZZ_FILES

const recipes: Readonly<Record<string, FilmRecipe>> = {
  'h264.mp4': { audio: 'aac', muxer: { movflags: 'faststart' } },
  'fragments.mp4': { audio: 'aac', muxer: { movflags: 'frag_keyframe+empty_moov' } },
  'h264.mkv': { audio: 'flac' },
  'h264.ts': { audio: 'mp2' },
  'h264.flv': { audio: 'aac' },
  'hevc.mov': { video: 'libx265' },
  'vp9.webm': { video: 'libvpx-vp9', audio: 'libopus' },
  'mpeg4.avi': { video: 'mpeg4', audio: 'ac3' },
  'mpeg2.mpg': { video: 'mpeg2video', audio: 'mp2' },
  'prores.mov': { video: 'prores_ks', pixelFormat: 'yuv422p10le', audio: 'pcm_s16le' },
  'cover.m4a': { video: null, audio: 'aac', cover: [9, 90, 200] },
  'sound.ogg': { video: null, audio: 'libopus' },
  'sound.mp3': { video: null, audio: 'libmp3lame' },
}

const asked = [
  ['probe', {}],
  ['thumbnail', { edge: 64 }],
  ['validate', { mode: 'thorough' }],
  ['validate', { mode: 'quick' }],
] as const

/** What failed when nothing but the file can be at fault; anything else is a mistake of ours. */
const ours: ReadonlySet<string> = new Set(['INTERNAL', 'DATA_UNUSABLE', 'CANCELLED', 'DECODER_TIMED_OUT'])

describe('films that went bad', () => {
  const folder = aFolder()
  const app = anApp(dataIn(folder.path))
  const films: string[] = []

  beforeAll(async () => {
    mkdirSync(join(folder.path, 'films'))
    for (const [name, recipe] of Object.entries(recipes)) {
      const path = join(folder.path, 'films', name)
      await makeFilm(path, { seconds: 1, gop: 10, ...recipe })
      films.push(path)
    }
    if (more !== undefined) for (const name of readdirSync(more)) films.push(join(more, name))
  }, 120_000)

  afterAll(async () => {
    await app.stop()
    folder[Symbol.dispose]()
  })

  it('end with a result or a code that blames the file, and leave nothing behind', {
    timeout: count * 20_000,
  }, async () => {
    const next = numbersFrom(20_261_128)
    const codes = new Map<string, number>()
    const mistakes: string[] = []
    const verdicts = new Map<string, number>()
    for (let number = 0; number < count; number++) {
      const from = films[number % films.length] ?? ''
      const how = mutations[Math.floor(next() * mutations.length)] ?? 'bits'
      const path = join(folder.path, `${number}-${how}${extname(from)}`)
      writeFileSync(path, mutated(readFileSync(from), how, next))
      const ends = await Promise.all(
        asked.map(async ([operation, params]) => {
          try {
            const { result } = await runOperation(app, { path, operation, params })
            const { verdict } = result as { verdict?: string }
            if (verdict !== undefined) verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1)
            return 'done'
          } catch (error) {
            if (!(error instanceof MediaError)) throw error
            if (ours.has(error.code)) mistakes.push(`${number} ${from} ${how} ${operation}: ${error.message}`)
            return error.code
          }
        }),
      )
      for (const end of ends) codes.set(end, (codes.get(end) ?? 0) + 1)
    }
    console.log([...codes, ...verdicts].map(([code, times]) => `${code} ${times}`).join(', '))
    expect(mistakes).toEqual([])
    for (const code of codes.keys()) expect(['done', ...errorCodes]).toContain(code)
    expect(app.executor.admission.usedBytes).toBe(0)
    const left = readdirSync(dataIn(folder.path), { recursive: true, encoding: 'utf8' })
    expect(left.filter((name) => name.includes('.part'))).toEqual([])
  })
})
