import { expect, it } from 'vitest'
import { reachEnds } from './last-samples.ts'
import { type Box, boxesNamed } from './movie-boxes.ts'

/** A track of so many ticks and samples, each as often as the first number says and as long as the second. */
function trackOf(kind: 'vide' | 'soun', ticks: number, samples: readonly (readonly [number, number])[]): Box {
  const header = Buffer.alloc(24)
  header.writeUInt32BE(ticks, 16)
  const numbers = [0, samples.length, ...samples.flat()]
  const times = Buffer.alloc(numbers.length * 4)
  for (const [at, number] of numbers.entries()) times.writeUInt32BE(number, at * 4)
  const boxes = [
    { type: 'mdhd', data: header },
    { type: 'hdlr', data: Buffer.from(`\0\0\0\0\0\0\0\0${kind}`) },
    { type: 'stts', data: times },
  ]
  return { type: 'trak', data: Buffer.alloc(0), boxes: [{ type: 'mdia', data: Buffer.alloc(0), boxes }] }
}

function samplesOf(track: Box): number[][] {
  const [times] = boxesNamed(track, 'stts')
  const count = times?.data.readUInt32BE(4) ?? 0
  return Array.from({ length: count }, (_, at) =>
    [0, 4].map((next) => times?.data.readUInt32BE(8 + at * 8 + next) ?? 0),
  )
}

it.each([
  [
    'vide',
    100,
    [[3, 20]],
    [
      [2, 20],
      [1, 60],
    ],
  ],
  [
    'vide',
    100,
    [
      [2, 20],
      [1, 5],
    ],
    [
      [2, 20],
      [1, 60],
    ],
  ],
  ['vide', 60, [[3, 20]], [[3, 20]]],
  ['soun', 100, [[3, 20]], [[3, 20]]],
] as const)('lets the last sample of %s last up to %i: %j', (kind, ticks, samples, reached) => {
  const track = trackOf(kind, ticks, samples)
  reachEnds(track)
  expect(samplesOf(track)).toEqual(reached)
})
