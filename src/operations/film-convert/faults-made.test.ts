import { expect, it } from 'vitest'
import type { WrittenFilm } from '../../media/film/transcode.ts'
import type { Probe } from '../../media/probe.ts'
import { parseParameters } from '../parameters.ts'
import { faultsOf } from './faults-made.ts'
import { type ConvertParams, convertParams } from './params.ts'
import { planFor } from './plan.ts'

const source: Probe = {
  container: { format: 'mov', durationMs: 20_000 },
  video: [
    { codec: 'hevc', width: 1920, height: 1080, displayWidth: 1080, displayHeight: 1920, rotation: 90, hdr: 'hlg' },
  ],
  audio: [{ codec: 'pcm_s16le', channels: 2 }],
  subtitles: [],
  chapters: [],
  attachedPictures: [],
  tags: {},
}
const right: Probe = {
  ...source,
  container: { format: 'mp4', durationMs: 20_040 },
  video: [{ codec: 'h264', width: 1080, height: 1920, displayWidth: 1080, displayHeight: 1920, hdr: 'none' }],
  audio: [{ codec: 'aac', channels: 2 }],
}
const written: WrittenFilm = { bytes: 1, durationMs: 20_040, frames: 500, notes: [] }
const plan = planFor(source, parseParameters(convertParams, {}) as ConvertParams)
const [picture] = right.video

it('finds nothing wrong with a film that is what was planned', () => {
  expect(faultsOf(plan, source, right, written)).toEqual([])
})

it.each([
  [{ container: { format: 'mkv', durationMs: 20_000 } }, 'it is mkv and not mp4'],
  [{ container: { format: 'mp4', durationMs: 17_000 } }, 'it lasts 17.0 s instead of 20.0 s'],
  [{ container: { format: 'mp4', durationMs: 40_000 } }, 'it lasts 40.0 s instead of 20.0 s'],
  [{ container: { format: 'mp4' } }, 'it does not tell how long it is'],
  [{ video: [] }, 'it has no picture'],
  [{ audio: [] }, 'it has 0 sound tracks instead of 1'],
  [{ audio: [{ codec: 'pcm_s16le' }] }, 'its sound is in pcm_s16le and not in aac'],
  [{ video: [{ ...picture, codec: 'hevc' }] }, 'its picture is in hevc and not in h264'],
  [{ video: [{ ...picture, rotation: 90 }] }, 'it is turned twice'],
  [{ video: [{ ...picture, hdr: 'hlg' as const }] }, 'it says to be in high dynamic range'],
  [
    { video: [{ ...picture, displayWidth: 1920, displayHeight: 1080 }] },
    'it is seen as 1920 × 1080 and not as 1080 × 1920',
  ],
])('tells what is wrong: %j', (fault, words) => {
  expect(faultsOf(plan, source, { ...right, ...fault }, written)).toEqual([words])
})

it('misses no track that was left out with a reason', () => {
  const dropped = { kind: 'audio', index: 0, done: 'dropped', bytes: 0, reason: 'it can not be decoded' } as const
  expect(faultsOf(plan, source, { ...right, audio: [] }, { ...written, tracks: [dropped] })).toEqual([])
})
