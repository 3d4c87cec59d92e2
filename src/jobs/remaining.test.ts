import { describe, expect, it } from 'vitest'
import { Remaining } from './remaining.ts'

describe('what remains of work', () => {
  it('is not known before it has got on', () => {
    const remaining = new Remaining()
    expect(remaining.estimate(0, 0)).toBeNull()
    expect(remaining.estimate(0, 500)).toBeNull()
  })

  it('follows from how fast it got on', () => {
    const remaining = new Remaining()
    remaining.estimate(0, 0)
    expect(remaining.estimate(0.25, 1000)).toBe(3000)
    expect(remaining.estimate(1, 4000)).toBe(0)
  })

  it('follows the last ten seconds, not those before', () => {
    const remaining = new Remaining()
    remaining.estimate(0, 0)
    remaining.estimate(0.4, 4000)
    remaining.estimate(0.41, 11_000)
    // From then on a tenth of the speed.
    expect(remaining.estimate(0.5, 20_000)).toBe(50_000)
  })
})
