import { describe, expect, it } from 'vitest'
import { fromMatrix } from './display.ts'

const upright = [1, 0, 0, 0, 1, 0, 0, 0, 1]

describe('a display matrix', () => {
  it('that changes nothing leaves the picture upright', () => {
    expect(fromMatrix(upright)).toMatchObject({ rotation: 0, isFlipped: false, orientation: 1 })
  })

  it.each([
    { turn: 'a quarter clockwise', matrix: [0, 1, 0, -1, 0], rotation: 90, isFlipped: false, orientation: 6 },
    { turn: 'a half', matrix: [-1, 0, 0, 0, -1], rotation: 180, isFlipped: false, orientation: 3 },
    { turn: 'three quarters clockwise', matrix: [0, -1, 0, 1, 0], rotation: 270, isFlipped: false, orientation: 8 },
    { turn: 'left to right mirrored', matrix: [-1, 0, 0, 0, 1], rotation: 180, isFlipped: true, orientation: 2 },
    { turn: 'top to bottom mirrored', matrix: [1, 0, 0, 0, -1], rotation: 0, isFlipped: true, orientation: 4 },
    { turn: 'exchanged along the diagonal', matrix: [0, 1, 0, 1, 0], rotation: 90, isFlipped: true, orientation: 5 },
    { turn: 'exchanged along the other', matrix: [0, -1, 0, -1, 0], rotation: 270, isFlipped: true, orientation: 7 },
  ])('turns $turn', ({ matrix, rotation, isFlipped, orientation }) => {
    expect(fromMatrix(matrix)).toMatchObject({ rotation, isFlipped, orientation })
  })

  it('of nothing is not believed', () => {
    expect(fromMatrix([0, 0, 0, 0, 0, 0, 0, 0, 0])).toMatchObject({ rotation: 0, orientation: 1 })
  })
})
