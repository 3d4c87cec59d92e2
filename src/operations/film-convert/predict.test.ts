import { describe, expect, it } from 'vitest'
import type { Probe } from '../../media/probe.ts'
import { savedShareOf } from '../saved-share.ts'
import { notWorth } from './estimate.ts'
import type { ConvertPlan } from './plan.ts'
import { predictedBytes, predictionOf, type Trial } from './predict.ts'

const probe: Probe = {
  container: { format: 'mp4', durationMs: 60_000 },
  video: [],
  audio: [{ codec: 'aac', channels: 2, bitRate: 128_000 }],
  subtitles: [],
  chapters: [],
  attachedPictures: [],
  tags: {},
}

function aPlan(rate: { crf: number } | { bitRate: number } = { crf: 20 }, keyFrameMs = 10_000): ConvertPlan {
  const video = {
    codec: 'h264',
    speed: 'medium',
    rate,
    rotation: 'apply',
    range: 'sdr',
    deinterlace: false,
    keyFrameMs,
  } as const
  return {
    transcode: { container: 'mp4', video, audio: 'copy', subtitles: 'keep', chapters: 'keep', metadata: 'keep' },
    format: 'mp4',
    part: { fromMs: 0, toMs: 60_000 },
  }
}

/** Samples of 6 s in three pieces, with a key frame of 50 kB each and 100 kB/s else. */
const trial: Trial = {
  crf: 20,
  sampleMs: 6000,
  samples: 3,
  bytes: 3 * 50_000 + 6 * 100_000,
  keyFrames: { count: 3, bytes: 3 * 50_000 },
  tookMs: 3000,
}

/** A minute of sound and what the container needs. */
const besides = 16_000 * 60 + 30_000 + 2000

describe('the prediction', () => {
  it('counts key frames by how many the whole will have, and all else by time', () => {
    expect(predictionOf(trial, aPlan(), probe)).toEqual({
      bytes: 6 * 50_000 + 60 * 100_000 + besides,
      encodeMs: 30_000,
    })
  })

  it('counts key frames at cuts as often as the samples have them', () => {
    const cut = { ...trial, bytes: trial.bytes + 50_000, keyFrames: { count: 4, bytes: 200_000 } }
    const { bytes } = predictionOf(cut, aPlan(), probe) ?? { bytes: 0 }
    expect(bytes).toBe((6 + 10) * 50_000 + 60 * 100_000 + besides)
  })

  it('takes a film that is its own sample as it is', () => {
    const whole = { ...trial, sampleMs: 60_000, samples: 1 }
    expect(predictionOf(whole, aPlan(), probe)?.bytes).toBe(trial.bytes + besides)
  })

  it('takes films of nothing but key frames as they are', () => {
    expect(predictionOf(trial, aPlan({ crf: 14 }, 1), probe)?.bytes).toBe(trial.bytes * 10 + besides)
  })

  it('knows the size of what is coded by a bit rate', () => {
    expect(predictionOf(trial, aPlan({ bitRate: 800_000 }), probe)?.bytes).toBe(6_000_000 + besides)
  })

  it('is silent when nobody knows how long the film is', () => {
    const { part: _, ...endless } = aPlan()
    expect(predictionOf(trial, endless, probe)).toBeUndefined()
  })

  it('needs no samples of copies and of sound', () => {
    const copy = { ...aPlan(), transcode: { ...aPlan().transcode, video: 'copy' as const } }
    expect(predictedBytes({ ...copy, part: { fromMs: 0, toMs: 30_000 } }, probe, 10_000_000)).toBe(5_000_000)
    const sound = { ...aPlan(), transcode: { ...aPlan().transcode, video: 'drop' as const } }
    expect(predictedBytes(sound, probe, 10_000_000)).toBe(besides)
  })
})

describe('whether a film is worth its making', () => {
  it('is asked only where something has to be saved', () => {
    expect(notWorth(2_000_000, 1_000_000, aPlan())).toBeUndefined()
    expect(notWorth(900_000, 1_000_000, { ...aPlan(), minSavedShare: 0.1 })).toBeUndefined()
  })

  it('is asked of a part by its share of the film', () => {
    const half = { ...aPlan(), minSavedShare: 0.1, partShare: 0.5 }
    expect(notWorth(480_000, 1_000_000, half)).toContain('only 4 %')
    expect(notWorth(400_000, 1_000_000, half)).toBeUndefined()
  })

  it('is told in words', () => {
    const bound = { ...aPlan(), minSavedShare: 0.1 }
    expect(notWorth(950_000, 1_000_000, bound)).toContain('only 5 % would be saved, and at least 10 %')
    expect(notWorth(1_250_000, 1_000_000, bound)).toContain('it would be 25 % larger')
    expect(savedShareOf(1_250_000, 1_000_000)).toBe(-0.25)
  })
})
