import { expect, it } from 'vitest'
import { Top } from './top.ts'

it('keeps the first few in order, whatever order they come in, and of equal ones those that came first', () => {
  const numbers = Array.from({ length: 1000 }, (_, at) => (at * 7919) % 1000)
  const top = new Top<number>(5, (a, b) => b - a)
  for (const number of numbers) top.offer(number)
  expect(top.list()).toEqual([999, 998, 997, 996, 995])

  const words = new Top<string>(2, (a, b) => a.length - b.length)
  for (const word of ['four', 'one', 'two', 'six', 'eleven']) words.offer(word)
  expect(words.list()).toEqual(['one', 'two'])
})

it('forgets what is dropped, and keeps nothing when it may keep nothing', () => {
  const top = new Top<number>(3, (a, b) => a - b)
  for (const number of [3, 1, 2]) top.offer(number)
  top.drop((number) => number === 1)
  top.offer(5)
  expect(top.list()).toEqual([2, 3, 5])
  const none = new Top<number>(0, (a, b) => a - b)
  none.offer(1)
  expect(none.list()).toEqual([])
})
