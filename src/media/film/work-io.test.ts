import { describe, expect, it } from 'vitest'
import { inTurn, silently, within } from './work-io.ts'

function recording() {
  const told: number[] = []
  const { signal } = new AbortController()
  return { told, io: { signal, progress: (fraction: number) => void told.push(Number(fraction.toFixed(3))) } }
}

describe('what a part of some work is lent', () => {
  it('tells its progress as that of the whole', () => {
    const { told, io } = recording()
    for (const fraction of [0, 0.5, 1, 1.2]) within(io, 0.2, 0.6).progress(fraction)
    expect(told).toEqual([0.2, 0.4, 0.6, 0.6])
  })

  it('is an equal share of what is done several times', () => {
    const { told, io } = recording()
    for (const at of [0, 1, 2, 3]) inTurn(io, at, 4).progress(0.5)
    expect(told).toEqual([0.125, 0.375, 0.625, 0.875])
  })

  it('may tell nothing, and is given up with the whole nevertheless', () => {
    const { told, io } = recording()
    silently(io).progress(0.5)
    expect(told).toEqual([])
    expect(silently(io).signal).toBe(io.signal)
  })
})
