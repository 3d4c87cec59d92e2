import { describe, expect, it } from 'vitest'
import { momentsOf } from './moments.ts'

describe('the moments at which films are looked at', () => {
  it('are one a second', () => {
    expect(momentsOf(4000)).toEqual([0, 1000, 2000, 3000])
    expect(momentsOf(2500)).toEqual([0, 2500 / 3, 5000 / 3])
  })

  it('are at most a hundred', () => {
    expect(momentsOf(7_200_000)).toHaveLength(100)
    expect(momentsOf(7_200_000)[99]).toBe(7_128_000)
  })

  it.each([undefined, 0, 40])('are the beginning alone when the length is %s', (length) => {
    expect(momentsOf(length)).toEqual([0])
  })
})
