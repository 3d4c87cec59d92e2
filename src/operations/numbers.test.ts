import { describe, expect, it } from 'vitest'
import { ascending } from './numbers.ts'

describe('ascending', () => {
  const patterns: Record<string, (at: number, length: number) => number> = {
    mixed: (at) => Math.sin(at * at) * 100,
    'in order': (at) => at,
    'in reverse': (at) => -at,
    equal: () => 3,
    'of few values': (at) => (at * 7) % 5,
    'rising and falling': (at, length) => Math.min(at, length - at),
    infinite: (at) => [Number.POSITIVE_INFINITY, 0, Number.NEGATIVE_INFINITY][at % 3] ?? 0,
  }
  it.each(Object.entries(patterns))('sorts as V8 does: %s', (_, value) => {
    for (const length of [0, 1, 2, 3, 24, 25, 26, 100, 5000]) {
      const values = Array.from({ length }, (_, at) => value(at, length))
      expect([...ascending(values)]).toEqual([...new Float64Array(values).sort()])
      expect(ascending(new Float64Array(values))).toEqual(ascending(values))
    }
  })

  it('leaves what it is given as it is', () => {
    const values = [3, 1, 2]
    ascending(values)
    expect(values).toEqual([3, 1, 2])
  })
})
