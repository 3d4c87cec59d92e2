import { describe, expect, it } from 'vitest'
import { keepCriteria, keepOrder, keepReason, orderPaths } from './keep.ts'
import type { Subject } from './subjects.ts'

const subject = (facts: Partial<Subject>): Subject => ({
  asset: facts.paths?.[0] ?? 'asset',
  pixelId: 'pixels',
  kind: 'picture',
  format: 'jpeg',
  bytes: 1000,
  width: 800,
  height: 600,
  paths: ['/b.jpg'],
  fields: 3,
  faces: [],
  ...facts,
})

describe('what is kept', () => {
  it.each<[string, Partial<Subject>, Partial<Subject>, string]>([
    [
      'more pixels',
      { width: 4000, height: 3000 },
      { width: 1024, height: 768, score: 99 },
      'larger: 4000×3000 against 1024×768',
    ],
    [
      'what the camera tells',
      { takenAt: '2024-01-01T00:00:00', camera: 'A B' },
      { bytes: 9000 },
      'nearer to the camera: it tells when it was taken',
    ],
    [
      'the format without loss',
      { format: 'png', bytes: 10 },
      { format: 'webp' },
      'less is lost in its format: png against webp',
    ],
    ['a raw', { format: 'raw' }, { format: 'png' }, 'less is lost in its format: raw against png'],
    ['the better score', { score: 82, bytes: 10 }, { score: 41 }, 'better quality: 82 against 41 of 100'],
    ['more bytes', { bytes: 2000, score: 81 }, { score: 84 }, 'more bytes: 2000 against 1000'],
    ['more metadata', { fields: 9 }, {}, 'more metadata: 9 fields against 3'],
    [
      'the older',
      { takenAt: '2020-01-01T00:00:00' },
      { takenAt: '2020-01-01T02:00:00' },
      'older: 2020-01-01T00:00:00 against 2020-01-01T02:00:00',
    ],
    ['the better path', { paths: ['/a.jpg'] }, {}, 'the better path: /a.jpg against /b.jpg'],
  ])('is %s, and the reason says so', (_, kept, other, reason) => {
    const [better, worse] = [subject(kept), subject(other)]
    const order = keepOrder(keepCriteria)
    expect([worse, better].sort(order)[0]).toBe(better)
    expect([better, worse].sort(order)[0]).toBe(better)
    expect(keepReason(keepCriteria, better, worse)).toBe(reason)
  })

  it('follows the order that is asked for', () => {
    const large = subject({ width: 4000, height: 3000, score: 20, paths: ['/large.jpg'] })
    const good = subject({ score: 90, paths: ['/good.jpg'] })
    expect([large, good].sort(keepOrder(['quality', 'resolution']))[0]).toBe(good)
    expect([large, good].sort(keepOrder(['path']))[0]).toBe(good)
    expect([large, good].sort(keepOrder(['resolution']))[0]).toBe(large)
  })

  it('is decided by the other criteria where those asked for are equal', () => {
    const told = subject({ takenAt: '2024-01-01T00:00:00', paths: ['/told.jpg'] })
    expect([subject({}), told].sort(keepOrder(['quality']))[0]).toBe(told)
    expect(keepReason(['quality'], told, subject({}))).toMatch(/nearer to the camera/)
  })

  it('never hangs on the order in which things came', () => {
    const same = ['c', 'a', 'b'].map((asset) => subject({ asset }))
    expect(same.sort(keepOrder(['bytes'])).map(({ asset }) => asset)).toEqual(['a', 'b', 'c'])
    const [one, other] = [subject({ asset: 'a' }), subject({ asset: 'b' })]
    expect(keepReason(keepCriteria, one, other)).toMatch(/nothing tells them apart/)
  })
})

it('prefers names without marks of a copy, then short ones', () => {
  const paths = [
    '/x/IMG_1 (1).jpg',
    '/x/IMG_1 - Copy.jpg',
    '/x/Kopie von IMG_1.jpg',
    '/x/y/z/IMG_1.jpg',
    '/x/IMG_1.jpg',
    '/x/IMG_0.jpg',
  ]
  orderPaths(paths)
  expect(paths).toEqual([
    '/x/IMG_0.jpg',
    '/x/IMG_1.jpg',
    '/x/y/z/IMG_1.jpg',
    '/x/IMG_1 (1).jpg',
    '/x/IMG_1 - Copy.jpg',
    '/x/Kopie von IMG_1.jpg',
  ])
})
