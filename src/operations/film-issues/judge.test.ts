import { describe, expect, it } from 'vitest'
import type { FrameFacts, SoundFacts, Survey } from '../../media/film/survey.ts'
import type { Probe } from '../../media/probe.ts'
import { judgeFilm } from './judge.ts'

const frame = (facts: Partial<FrameFacts>, ms = 0): FrameFacts => ({
  ms,
  light: 0.45,
  contrast: 0.2,
  sharpness: 0.4,
  noise: 0.002,
  blockiness: 0.25,
  blockStep: 0.3,
  blackShare: 0.05,
  change: 0,
  ...facts,
})

const sound = (facts: Partial<SoundFacts> = {}): SoundFacts => ({
  integratedLufs: -20,
  truePeakDb: -2,
  silent: [],
  clippedShare: 0,
  heardMs: 60_000,
  ...facts,
})

/** What a good film of a minute tells, but for what is given. */
const survey = (more: Partial<Survey> = {}): Survey => ({
  depth: 'keys',
  frames: [frame({}), frame({}, 20_000), frame({}, 40_000)],
  cuts: [],
  black: [],
  frozen: [],
  sound: sound(),
  packetsRead: 3,
  framesDecoded: 3,
  ...more,
})

const probe = (video: Partial<Probe['video'][number]> = {}, bitRate = 4_000_000): Probe => ({
  container: { format: 'mp4', durationMs: 60_000, bitRate },
  video: [{ width: 1280, height: 720, frameRate: 25, ...video }],
  audio: [{}],
  subtitles: [],
  chapters: [],
  attachedPictures: [],
  tags: {},
})

const kinds = (seen: Survey, of = probe()) => judgeFilm(seen, of).issues.map(({ kind }) => kind)
const framesOf = (facts: Partial<FrameFacts>) => ({
  frames: [frame(facts), frame(facts, 20_000), frame(facts, 40_000)],
})

describe('judging a film', () => {
  it('finds nothing in a good one', () => {
    const { score, issues, confidences } = judgeFilm(survey(), probe())
    expect(issues).toEqual([])
    expect(score).toBeGreaterThan(99)
    expect(Math.max(...Object.values(confidences))).toBeLessThan(0.1)
  })

  // The numbers are those of real films that were coded, blurred, noised and lit so.
  it.each([
    ['blockiness', { blockiness: 0.93, blockStep: 2.5, sharpness: 0.35 }],
    ['blur', { sharpness: 0.04, contrast: 0.25, blockiness: 0.65 }],
    ['noise', { noise: 0.042, sharpness: 0.9, blockiness: 0.04 }],
    ['underexposed', { light: 0.04, contrast: 0.1 }],
    ['overexposed', { light: 0.92, contrast: 0.18 }],
    ['low-contrast', { contrast: 0.05, sharpness: 0.12 }],
  ] as const)('finds %s in its frames', (kind, facts) => {
    expect(kinds(survey(framesOf(facts)))).toEqual([kind])
  })

  it('finds few bits only where they are seen', () => {
    expect(kinds(survey(framesOf({ blockiness: 0.68, sharpness: 0.2 })), probe({}, 120_000))).toEqual(['compression'])
    expect(kinds(survey(framesOf({ blockiness: 0.3 })), probe({}, 120_000))).toEqual([])
    expect(kinds(survey(framesOf({ blockiness: 0.68, sharpness: 0.2 })), probe())).toEqual([])
  })

  it('finds no blocks that are too faint to be seen', () => {
    expect(kinds(survey(framesOf({ blockiness: 0.93, blockStep: 0.2, sharpness: 0.35 })))).toEqual([])
  })

  it('judges by what is usual, not by single frames, and not by black or empty ones', () => {
    const good = [frame({}), frame({}, 1000), frame({}, 2000)]
    expect(kinds(survey({ frames: [...good, frame({ sharpness: 0.03, noise: 0.1 }, 3000)] }))).toEqual([])
    const nothing = frame({ light: 0, contrast: 0, sharpness: 0, blackShare: 1 }, 4000)
    expect(kinds(survey({ frames: [...good, nothing, nothing, nothing, nothing] }))).toEqual([])
    expect(kinds(survey(framesOf({ light: 1, contrast: 0, sharpness: 0, blockiness: 1 })))).toEqual([])
  })

  it('finds black within, not where films begin and end', () => {
    const within = [{ fromMs: 20_000, toMs: 26_000 }]
    const [issue] = judgeFilm(survey({ black: within }), probe()).issues
    expect(issue).toMatchObject({ kind: 'black', evidence: { share: 0.1, stretches: within } })
    const ends = [
      { fromMs: 0, toMs: 1800 },
      { fromMs: 57_200, toMs: 60_000 },
    ]
    expect(kinds(survey({ black: ends }))).toEqual([])
    expect(judgeFilm(survey({ black: [{ fromMs: 0, toMs: 60_000 }] }), probe()).score).toBeLessThan(20)
  })

  it('finds what stands still, but not twice what is black', () => {
    const still = [{ fromMs: 10_000, toMs: 40_000 }]
    expect(kinds(survey({ frozen: still }))).toEqual(['frozen'])
    expect(kinds(survey({ frozen: still, black: still }))).toEqual(['black'])
    expect(kinds(survey({ frozen: [{ fromMs: 0, toMs: 3000 }] }))).toEqual([])
  })

  it('finds woven frames where the picture is clear or the film says so', () => {
    expect(kinds(survey({ interlacedShare: 1 }))).toEqual(['interlaced'])
    const unclear = framesOf({ blockiness: 0.7, sharpness: 0.25 })
    expect(kinds(survey({ interlacedShare: 1, ...unclear }))).toEqual([])
    expect(kinds(survey({ interlacedShare: 1, ...unclear }), probe({ interlaced: true }))).toEqual(['interlaced'])
    expect(kinds(survey({ interlacedShare: 0.05 }), probe({ interlaced: true }))).toEqual([])
  })

  it('finds small pictures', () => {
    expect(kinds(survey(), probe({ width: 176, height: 144 }))).toEqual(['low-resolution'])
  })

  it('finds sound that is silent, that nobody can hear, or that is cut off', () => {
    const none = sound({ silent: [{ fromMs: 0, toMs: 60_000 }], truePeakDb: -90 })
    const { integratedLufs: _, ...silent } = none
    expect(judgeFilm(survey({ sound: silent }), probe()).issues).toMatchObject([
      { kind: 'silent', confidence: 1, severity: 1 },
    ])
    expect(kinds(survey({ sound: sound({ integratedLufs: -63, truePeakDb: -50 }) }))).toEqual(['silent'])
    expect(kinds(survey({ sound: sound({ silent: [{ fromMs: 3000, toMs: 8000 }] }) }))).toEqual([])
    expect(kinds(survey({ sound: sound({ clippedShare: 0.01, truePeakDb: 1 }) }))).toEqual(['clipped-audio'])
    expect(kinds(survey({ sound: sound({ clippedShare: 0.0001, truePeakDb: 0.2 }) }))).toEqual([])
  })

  it('finds nothing in a film without sound, nor in what was too short to be heard', () => {
    const { sound: _, ...mute } = survey()
    expect(kinds(mute)).toEqual([])
    expect(kinds(survey({ sound: sound({ heardMs: 100, silent: [{ fromMs: 0, toMs: 100 }] }) }))).toEqual([])
  })

  it('judges a sound by its sound alone', () => {
    const heard = survey({ frames: [], sound: sound({ clippedShare: 0.02 }) })
    expect(kinds(heard, { ...probe(), video: [] })).toEqual(['clipped-audio'])
  })

  it('puts the gravest first, and gives less for each', () => {
    const { issues, score } = judgeFilm(
      survey({ ...framesOf({ noise: 0.03 }), black: [{ fromMs: 2000, toMs: 50_000 }] }),
      probe(),
    )
    expect(issues.map(({ kind }) => kind)).toEqual(['black', 'noise'])
    expect(score).toBeLessThan(judgeFilm(survey({ black: [{ fromMs: 2000, toMs: 50_000 }] }), probe()).score)
  })
})
