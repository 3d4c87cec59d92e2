import { describe, expect, it } from 'vitest'
import { Stages } from './stages.ts'

function recording() {
  const told: number[] = []
  const io = {
    signal: new AbortController().signal,
    progress: (fraction: number) => void told.push(Math.round(fraction * 1000) / 1000),
  }
  return { told, io }
}

describe('stages', () => {
  it('divide the progress by their weights', () => {
    const { told, io } = recording()
    const stages = new Stages(io, { search: 1, write: 2, check: 1 })
    for (const name of ['search', 'write', 'check']) for (const fraction of [0.5, 1]) stages.of(name).progress(fraction)
    expect(told).toEqual([0.125, 0.25, 0.5, 0.75, 0.875, 1])
  })

  it('never go back, and skip what has no weight', () => {
    const { told, io } = recording()
    const stages = new Stages(io, { search: 0, write: 1 })
    stages.of('search').progress(1)
    stages.of('write').progress(0.5)
    stages.of('write').progress(0.2)
    expect(told).toEqual([0, 0.5, 0.5])
  })
})
