import { describe, expect, it } from 'vitest'
import { isEnlarged } from './enlarged.ts'
import type { Subject } from './subjects.ts'

const subject = (facts: Partial<Subject>): Subject => ({
  ...{ asset: 'asset', pixelId: 'pixels', kind: 'picture', format: 'jpeg', bytes: 1000 },
  ...{ width: 4000, height: 3000, paths: ['/a.jpg'], fields: 3, faces: [], score: 90, sharpness: { judgedEdge: 1440 } },
  ...facts,
})

const original = subject({ camera: 'Maker One', takenAt: '2024-05-01T10:00:00' })
const large = { width: 5000, height: 3750 }

describe('an enlarged picture', () => {
  it('has edges as wide as only a small one would have them', () => {
    expect(isEnlarged(subject({ ...large, sharpness: { judgedEdge: 1440, edgeWidthPx: 3.7 } }), original)).toBe(true)
  })

  it('is much worse at the same size', () => {
    expect(isEnlarged(subject({ ...large, score: 75 }), original)).toBe(true)
    expect(isEnlarged(subject({ ...large, score: 85 }), original)).toBe(false)
    const small = { ...original, width: 800, height: 600, sharpness: { judgedEdge: 800 } }
    expect(isEnlarged(subject({ ...large, score: 75 }), small)).toBe(false)
  })

  it('is none that may be the original without its metadata, nor one of a camera itself', () => {
    expect(isEnlarged(subject(large), original)).toBe(false)
    expect(isEnlarged({ ...original, ...large, score: 10 }, original)).toBe(false)
    expect(isEnlarged(subject({ ...large, score: 10 }), subject({}))).toBe(false)
    expect(isEnlarged(subject({ ...large, sharpness: { judgedEdge: 1440, edgeWidthPx: 3.7 } }), subject({}))).toBe(
      false,
    )
  })

  it('is larger', () => {
    expect(isEnlarged(subject({ width: 3000, height: 2250, score: 10 }), original)).toBe(false)
  })
})
