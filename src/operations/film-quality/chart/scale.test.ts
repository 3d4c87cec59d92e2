import { describe, expect, it } from 'vitest'
import { clock, scaleFor, timeTicks } from './scale.ts'

describe('a scale', () => {
  it.each([
    [[28.2, 37.4], {}, [27.5, 30, 32.5, 35, 37.5]],
    [[0.991, 0.998], { bounds: [-1, 1], least: 0.02 }, [0.98, 0.985, 0.99, 0.995, 1]],
    [[100, 100], { bounds: [0, 100], least: 4 }, [96, 97, 98, 99, 100]],
    [[0, 0], { bounds: [0, 1], least: 0.1, count: 3 }, [0, 0.05, 0.1]],
    [[], {}, [0, 0.25, 0.5, 0.75, 1]],
  ] as const)('over %j with %j has the ticks %j', (values, options, ticks) => {
    const scale = scaleFor(values, options)
    expect(scale.ticks.map((tick) => Number(tick.toFixed(6)))).toEqual(ticks)
    const labels = scale.ticks.map((tick) => tick.toFixed(scale.digits))
    expect(new Set(labels).size).toBe(labels.length)
  })
})

describe('times on an axis', () => {
  it('are round, and about ten at most', () => {
    expect(timeTicks(0, 4000).map(({ label }) => label)).toEqual([
      '0:00.0',
      '0:00.5',
      '0:01.0',
      '0:01.5',
      '0:02.0',
      '0:02.5',
      '0:03.0',
      '0:03.5',
      '0:04.0',
    ])
    expect(timeTicks(61_000, 125_000).map(({ label }) => label)).toEqual([
      '1:10',
      '1:20',
      '1:30',
      '1:40',
      '1:50',
      '2:00',
    ])
    for (const hours of [1, 5, 30, 1000]) expect(timeTicks(0, hours * 3_600_000).length).toBeLessThanOrEqual(12)
    expect(timeTicks(5000, 5000)).toHaveLength(1)
  })

  it('read as players show them', () => {
    expect(['0:00.2', '1:00.0', '1:01:01.5']).toEqual([clock(166.7), clock(59_990), clock(3_661_500)])
    expect(clock(3_599_999, 1000)).toBe('1:00:00')
  })
})
