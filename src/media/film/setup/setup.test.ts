import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AV_PIX_FMT_NONE } from 'node-av/constants'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FilmRecipe, makeFilm } from '../../../../test/support/films.ts'
import type { FormatName } from '../../formats.ts'
import { openInput } from '../ffmpeg.ts'
import { readPace } from '../pace.ts'
import { mainTrack } from '../probe.ts'
import { h264SetupOf } from './h264.ts'
import { vp9SetupOf } from './vp9.ts'

let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mediamill-setup-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** What is known of the picture track once the first packets were read. */
async function factsOf(path: string, format: FormatName, quick: boolean) {
  const context = await openInput(path, format, quick)
  try {
    const stream = mainTrack(context)
    if (stream === undefined) throw new Error('there is no picture track')
    const { isVariable, usualRate } = readPace(context, stream)
    const { bitsPerRawSample: _, chromaLocation: __, ...coded } = stream.codecpar.toJSON()
    return {
      coded,
      isVariable,
      usualRate,
      start: context.startTime,
      length: context.duration,
      rate: stream.avgFrameRate,
    }
  } finally {
    await context.closeInput()
  }
}

const colour = { primaries: 9, transfer: 18, matrix: 9 }
const recipes: [name: string, format: FormatName, recipe: FilmRecipe][] = [
  ['usual H.264', 'mp4', {}],
  ['H.264 of odd size in another shape of pixels', 'mp4', { width: 162, height: 90, sar: [3, 7] }],
  ['H.264 of full range', 'mov', { pixelFormat: 'yuvj420p', isFullRange: true }],
  ['H.264 in 10 bits with wide colours', 'mp4', { pixelFormat: 'yuv422p10le', colour }],
  ['H.264 with all of its colours', 'mp4', { pixelFormat: 'yuv444p' }],
  ['H.264 in grey, which is decoded', 'mp4', { pixelFormat: 'gray' }],
  ['H.264 in fragments, which is decoded', 'mp4', { muxer: { movflags: 'frag_keyframe+empty_moov' } }],
  ['H.264 in Matroska, which is decoded', 'mkv', {}],
  ['usual VP9', 'webm', { video: 'libvpx-vp9' }],
  ['VP9 in MP4', 'mp4', { video: 'libvpx-vp9', width: 162, height: 91 }],
  ['VP9 in 12 bits with half of its colours', 'webm', { video: 'libvpx-vp9', pixelFormat: 'yuv422p12le' }],
  ['VP9 with wide colours', 'mkv', { video: 'libvpx-vp9', pixelFormat: 'yuv420p10le', colour }],
  ['HEVC', 'mp4', { video: 'libx265' }],
]

describe('what a film says without decoding', () => {
  it.each(recipes)('is what decoding would tell: %s', async (name, format, recipe) => {
    const path = join(folder, `${name}.${format}`)
    await makeFilm(path, { seconds: 0.4, ...recipe })
    const decoded = await factsOf(path, format, false)
    expect(decoded.coded.format).not.toBe(AV_PIX_FMT_NONE)
    expect(await factsOf(path, format, true)).toEqual(decoded)
  })

  it('is nothing where a setup is cut off, strange, or none at all', async () => {
    const path = join(folder, 'whole.mp4')
    await makeFilm(path, { seconds: 0.4 })
    const context = await openInput(path, 'mp4')
    const record = context.streams[0]?.codecpar.extradata ?? Buffer.alloc(0)
    await context.closeInput()
    expect(h264SetupOf(record)).toMatchObject({ width: 160, height: 96 })
    for (let bytes = 0; bytes < 18; bytes++) expect(h264SetupOf(record.subarray(0, bytes))).toBeUndefined()
    expect(h264SetupOf(Buffer.alloc(40, 0xff))).toBeUndefined()
    expect(h264SetupOf(null)).toBeUndefined()
    expect(vp9SetupOf(Buffer.alloc(16))).toBeUndefined()
    expect(vp9SetupOf(Buffer.of(0x82, 0x49))).toBeUndefined()
  })
})
