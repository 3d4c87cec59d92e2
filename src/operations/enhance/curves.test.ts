import { describe, expect, it } from 'vitest'
import { codeOf, lightOf } from '../light.ts'
import { type Curve, darkenCurve, gainCurve, stretchCurve, tableOf } from './curves.ts'

const curves: readonly (readonly [name: string, curve: Curve])[] = [
  ['a gain with room', gainCurve(1.5, 0.4)],
  ['a gain without room', gainCurve(3, 0.9)],
  ['a strong gain', gainCurve(12, 0.06)],
  ['a loss', gainCurve(0.8, 0.9)],
  ['darkening', darkenCurve(0.3)],
  ['stretching', stretchCurve(60, 190, 15, 242)],
  ['stretching from the ends', stretchCurve(0, 255, 0, 255)],
]

describe('curves of tone', () => {
  it.each(curves)('%s keeps black, white and the order of all between, and clips nothing', (_, curve) => {
    const table = [...tableOf([curve])]
    expect([table[0], table[255]]).toEqual([0, 255])
    expect(table).toEqual([...table].sort((one, other) => one - other))
    expect(table.slice(1, 255).every((value) => value >= 1 && value <= 254)).toBe(true)
  })

  it('multiplies light where there is room for it', () => {
    const curve = gainCurve(2, 0.4)
    for (const code of [20, 60, 120]) expect(curve(code)).toBeCloseTo(codeOf(2 * (lightOf[code] ?? 0)), -0.5)
  })

  it('stretches what lies between two values to two others', () => {
    const table = tableOf([stretchCurve(60, 190, 15, 242)])
    expect([table[60], table[125], table[190]]).toEqual([15, 129, 242])
  })

  it('rounds once, however many there are', () => {
    const there = tableOf([darkenCurve(0.5), darkenCurve(2)])
    for (let code = 0; code < 256; code++) expect(Math.abs((there[code] ?? 0) - code)).toBeLessThanOrEqual(1)
  })
})
