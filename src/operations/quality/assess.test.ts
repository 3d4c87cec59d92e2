import { describe, expect, it } from 'vitest'
import type { Pixels } from '../../media/picture.ts'
import { type IssueKind, issueKinds } from './assess.ts'
import { detectors } from './detectors.ts'
import { measureFeatures } from './features.ts'
import { compressionByTables, resolutionBySize, stronger } from './file-facts.ts'
import { findMissingPart } from './missing-part.ts'
import { detect, type Finding } from './model.ts'
import { scoreOf } from './score.ts'
import { settle } from './settle.ts'

const nothing = Object.fromEntries(issueKinds.map((kind) => [kind, { confidence: 0, severity: 0 }])) as Record<
  IssueKind,
  Finding
>

const sure = (severity: number): Finding => ({ confidence: 0.9, severity })

/** Rows of a pattern, then grey rows of a value. */
function withGreyEnd(height: number, grey: number, value = 128): Pixels {
  const width = 100
  const data = Buffer.alloc(width * height * 3, value)
  for (let at = 0; at < width * (height - grey) * 3; at++) data[at] = (at * 31) % 251
  return { data, width, height, channels: 3 }
}

describe('the score', () => {
  it('is 100 without flaws, and falls with severity, with confidence and with every further flaw', () => {
    expect(scoreOf(nothing)).toBe(100)
    for (const kind of issueKinds) {
      const scores = [0.1, 0.4, 0.8].map((severity) => scoreOf({ ...nothing, [kind]: sure(severity) }))
      expect(scores).toEqual([...scores].sort((a, b) => b - a))
      expect(new Set(scores).size).toBe(3)
    }
    const unsure = scoreOf({ ...nothing, blur: { confidence: 0.3, severity: 0.5 } })
    expect(unsure).toBeGreaterThan(scoreOf({ ...nothing, blur: sure(0.5) }))
    expect(scoreOf({ ...nothing, blur: sure(0.5), noise: sure(0.5) })).toBeLessThan(
      scoreOf({ ...nothing, blur: sure(0.5) }),
    )
  })
})

describe('settle', () => {
  it('believes less in noise where strong coding explains it, and leaves severities', () => {
    const { noise } = settle({ ...nothing, noise: { confidence: 0.6, severity: 0.3 }, compression: sure(0.8) })
    expect(noise.confidence).toBeLessThan(0.3)
    expect(noise.severity).toBe(0.3)
    expect(settle({ ...nothing, noise: { confidence: 0.6, severity: 0.3 } }).noise.confidence).toBeCloseTo(0.6, 9)
  })
})

describe('facts of the file', () => {
  it('finds compression worse the lower the quality, and less of it in a picture that was made smaller', () => {
    const found = [90, 60, 40, 20, 5, 1].map((quality) => compressionByTables(quality, 1))
    for (const [at, { confidence, severity }] of found.slice(1).entries()) {
      expect(confidence).toBeGreaterThan(found[at]?.confidence ?? 1)
      expect(severity).toBeGreaterThan(found[at]?.severity ?? 1)
    }
    expect(found[1]?.confidence).toBeLessThan(0.5)
    expect(found[2]?.confidence).toBeGreaterThan(0.5)
    expect(compressionByTables(30, 3).severity).toBeLessThan(compressionByTables(30, 1).severity)
    expect(compressionByTables(undefined, 1)).toEqual({ confidence: 0, severity: 0 })
  })

  it('finds few pixels in thumbnails and not in small photos', () => {
    expect(resolutionBySize(160, 120).confidence).toBeGreaterThan(0.9)
    expect(resolutionBySize(520, 293).confidence).toBeLessThan(0.1)
    expect(resolutionBySize(64, 64).severity).toBeGreaterThan(resolutionBySize(160, 120).severity)
  })

  it('takes the surer of two findings, and the graver severity where both are sure', () => {
    expect(stronger(sure(0.2), { confidence: 0.6, severity: 0.7 })).toEqual({ confidence: 0.9, severity: 0.7 })
    expect(stronger(sure(0.2), { confidence: 0.1, severity: 0.7 })).toEqual({ confidence: 0.9, severity: 0.2 })
  })
})

describe('findMissingPart', () => {
  it('finds the grey rest that a decoder left, and gives what is above it', () => {
    const { missing, rest } = findMissingPart(withGreyEnd(200, 60), false)
    expect(missing).toBeCloseTo(0.3, 9)
    expect([rest.width, rest.height, rest.data.length]).toEqual([100, 140, 100 * 140 * 3])
  })

  it('takes a few grey rows for lost only in a file that is damaged', () => {
    expect(findMissingPart(withGreyEnd(200, 3), false).missing).toBe(0)
    expect(findMissingPart(withGreyEnd(200, 3), true).missing).toBeCloseTo(0.015, 9)
  })

  it('leaves black and white borders, and pictures that are grey all over', () => {
    expect(findMissingPart(withGreyEnd(200, 60, 0), false).missing).toBe(0)
    expect(findMissingPart(withGreyEnd(200, 60, 255), false).missing).toBe(0)
    expect(findMissingPart(withGreyEnd(200, 200), false).missing).toBe(0)
  })
})

describe('the detectors', () => {
  it('ask for features that are measured, one of each kind that is learned', () => {
    const measured = new Set(Object.keys(measureFeatures(withGreyEnd(100, 0))))
    const kinds = detectors.map(({ kind }) => kind)
    expect(new Set(kinds).size).toBe(kinds.length)
    expect([...kinds, 'corrupt'].sort()).toEqual([...issueKinds].sort())
    for (const { inputs, centre, spread, hidden, confidence, severity } of detectors) {
      expect(inputs.filter((name) => !measured.has(name))).toEqual([])
      expect([centre.length, spread.length]).toEqual([inputs.length, inputs.length])
      expect(hidden.every((weights) => weights.length === inputs.length + 1)).toBe(true)
      expect([confidence.length, severity.length]).toEqual([hidden.length + 1, hidden.length + 1])
    }
  })

  it('answer by their formula', () => {
    const [found] = [
      detect(
        {
          kind: 'blur',
          inputs: ['a', 'b'],
          centre: [1, 0],
          spread: [2, 1],
          hidden: [[1, 0, 0.5]],
          confidence: [2, -1],
          severity: [0, 0],
        },
        { a: 2, b: 7 },
      ),
    ]
    expect(found?.confidence).toBeCloseTo(1 / (1 + Math.exp(-(2 * Math.tanh(1) - 1))), 12)
    expect(found?.severity).toBe(0.5)
  })
})
