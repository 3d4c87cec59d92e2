import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { withPackets } from '../../../test/support/damage.ts'
import { colourBars, type FilmRecipe, makeFilm } from '../../../test/support/films.ts'
import { aFolder } from '../../../test/support/library.ts'
import { openMedia } from '../../media/open.ts'
import { parseParameters } from '../parameters.ts'
import { type ConvertParams, convertParams } from './params.ts'
import { planFor } from './plan.ts'
import { verify } from './verify.ts'

const folder = aFolder()
afterAll(() => folder[Symbol.dispose]())

const seconds = 4
const barsAt: FilmRecipe['paint'] = (x, y, second) => colourBars((x + y / 3 + second * 0.37) % 1)
const usual: FilmRecipe = { seconds, audio: 'aac', paint: barsAt }
const original = join(folder.path, 'original.mp4')

let films = 0

async function aFilm(recipe: FilmRecipe): Promise<string> {
  const path = join(folder.path, `film-${films++}.mp4`)
  await makeFilm(path, { ...usual, ...recipe })
  return path
}

/** Verifies a film as if it had been made of the original. */
async function verified(path: string, asked: Record<string, unknown> = { crf: 30 }, pictureEndMs = seconds * 1000) {
  const media = await openMedia(original)
  const io = { signal: new AbortController().signal, progress: () => {} }
  try {
    const plan = planFor((await media.film()).probe, parseParameters(convertParams, asked) as ConvertParams)
    const keyFrames = { count: 1, bytes: 1, atMs: [0] }
    const picture = { kind: 'video', index: 0, done: 'encoded', bytes: 1, endMs: pictureEndMs, keyFrames } as const
    const written = { bytes: 1, durationMs: seconds * 1000, frames: seconds * 25, tracks: [picture], notes: [] }
    return await verify(media, plan, { path, written }, async () => folder.path, io)
  } finally {
    await media.close()
  }
}

beforeAll(() => makeFilm(original, usual))

describe('what was made of a film', () => {
  it('passes when it can be decoded whole and shows what the original shows', async () => {
    const { decoded, framesDecoded, quality } = await verified(await aFilm({ gop: 20 }))
    expect(decoded).toBe('all')
    expect(framesDecoded).toBeGreaterThan(seconds * 25)
    expect(quality.length).toBe(3)
    for (const { score } of quality) expect(score).toBeGreaterThan(25)
  })

  it('is refused when it shows something else', async () => {
    const late = await aFilm({ paint: (x, y, second) => barsAt(x, y, second + 1.4) })
    await expect(verified(late)).rejects.toThrow(/does not show what the original shows/)
    const small = await aFilm({ width: 80, height: 48, paint: (x, y, second) => barsAt(x, y, second + 1.4) })
    await expect(verified(small, { width: 80 })).rejects.toThrow(/does not show what the original shows/)
    const tiny = await aFilm({ width: 26, height: 16, paint: (x, y, second) => barsAt(x, y, second + 1.4) })
    await expect(verified(tiny, { width: 26 })).rejects.toThrow(/does not show what the original shows/)
  })

  it('is refused when its picture ends before that of the original', async () => {
    const short = await aFilm({ timeOf: (frame) => frame / 60 })
    await expect(verified(short)).rejects.toMatchObject({ code: 'OUTPUT_FAULTY' })
    await expect(verified(short, { crf: 30 }, (seconds * 25_000) / 60)).rejects.toMatchObject({ code: 'OUTPUT_FAULTY' })
  })

  it('is refused when frames were lost, though the one before stands in their place', async () => {
    const [whole, lossy] = [await aFilm({ gop: 10 }), join(folder.path, 'lossy.mp4')]
    const isLost = (ms: number) => ms >= 2000 && ms < 2800
    await withPackets(whole, lossy, ({ streamIndex }, ms) => streamIndex !== 0 || !isLost(ms))
    await expect(verified(lossy)).rejects.toThrow(/it has 80 frames of the 100 that were written/)
  })

  it('is refused when a part of it can not be decoded', async () => {
    const path = await aFilm({ gop: 10 })
    const content = readFileSync(path)
    const begin = content.indexOf('mdat') + 8
    const length = content.length - begin
    content.fill(0xff, begin + Math.round(length * 0.3), begin + Math.round(length * 0.4))
    writeFileSync(path, content)
    await expect(verified(path)).rejects.toMatchObject({ code: 'OUTPUT_FAULTY' })
  })

  it('is refused when it is no film at all', async () => {
    const path = join(folder.path, 'nothing.mp4')
    writeFileSync(path, 'nothing')
    await expect(verified(path)).rejects.toThrow(/can not be opened/)
  })
})
