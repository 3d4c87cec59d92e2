import { describe, expect, it } from 'vitest'
import { aMember, idOf } from '../../../test/support/members.ts'
import { cameraName } from './cameras.ts'
import { CopyCounts } from './copy-counts.ts'
import { countDates } from './dates.ts'
import { factsOf } from './member-facts.ts'
import { countPlaces } from './places.ts'
import { countResolutions } from './resolutions.ts'
import { Tally } from './tally.ts'

describe('copies', () => {
  it('are counted by content, through every growth of the table', () => {
    const counts = new CopyCounts()
    for (let at = 0; at < 5000; at++) counts.add(idOf(String(at)))
    expect(counts.distinct).toBe(5000)
    expect(counts.add(idOf('17'))).toBe(2)
    expect(counts.add(idOf('17'))).toBe(3)
    expect(counts.add(`s-${idOf('another')}`)).toBe(1)
    expect(counts.distinct).toBe(5001)
  })
})

describe('a tally', () => {
  it('keeps to its bounds when every file has another, endless name', () => {
    const tally = new Tally()
    for (let at = 0; at < 20_000; at++) tally.add(`${at} ${'x'.repeat(500)}`)
    tally.add('  ')
    tally.add(undefined)
    const { known, unknown, distinct, top, others } = tally.result(3)
    expect([known, unknown, distinct, top.length, others]).toEqual([20_000, 2, 5000, 3, 19_997])
    expect(top[0]?.name.length).toBe(80)
  })
})

describe('the name of a camera', () => {
  it.each([
    ['NIKON CORPORATION', 'NIKON D90', 'NIKON D90'],
    ['Canon', 'Canon EOS 5D', 'Canon EOS 5D'],
    ['EASTMAN KODAK COMPANY', 'KODAK DX4530', 'KODAK DX4530'],
    ['Apple', 'iPhone 12', 'Apple iPhone 12'],
    ['OLYMPUS IMAGING CORP.', 'E-M10', 'OLYMPUS E-M10'],
    [undefined, 'X100', ' X100'],
  ])('of %s and %s is %s', (make, model, name) => {
    expect(cameraName(make, model)).toBe(name)
  })
})

describe('the box around all places', () => {
  const boundsOf = (places: readonly (readonly [number, number])[]) => {
    const collector = countPlaces()
    for (const [at, [latitude, longitude]] of places.entries()) {
      const member = aMember(String(at), { results: { metadata: { tags: {}, gps: { latitude, longitude } } } })
      collector.add(member, factsOf(member))
    }
    return collector.result().bounds
  }

  it('is narrow on either side of 180°', () => {
    expect(
      boundsOf([
        [-17.7, 178.1],
        [-16.5, -179.8],
        [-18.1, 177.4],
      ]),
    ).toEqual({
      ...{ west: 177.4, east: -179.8, south: -18.1, north: -16.5 },
    })
    expect(
      boundsOf([
        [48.1, 11.5],
        [47.3, -0.1],
      ]),
    ).toEqual({ west: -0.1, east: 11.5, south: 47.3, north: 48.1 })
    expect(boundsOf([[5, 180]])).toEqual({ west: 180, east: 180, south: 5, north: 5 })
  })
})

describe('dates', () => {
  it('are counted on the clock where they were taken, and ordered in time', () => {
    const collector = countDates()
    const taken = ['2020-01-01T00:30:00+13:00', '2019-12-31T23:30:00Z', '2019', '2021-05', undefined]
    for (const takenAt of taken) {
      const member = aMember(takenAt ?? 'none', {
        results: { metadata: { tags: {}, ...(takenAt ? { takenAt } : {}) } },
      })
      collector.add(member, factsOf(member))
    }
    const found = collector.result()
    expect(found).toMatchObject({ dated: 4, undated: 1 })
    expect(found.years).toEqual([
      { year: 2019, files: 2 },
      { year: 2020, files: 1 },
      { year: 2021, files: 1 },
    ])
    expect(found.months.map(({ month }) => month)).toEqual(['2019-12', '2020-01', '2021-05'])
    expect([found.hours[0], found.hours[23]]).toEqual([1, 1])
    expect([found.oldest?.takenAt, found.newest?.takenAt]).toEqual(['2019', '2021-05'])
  })
})

describe('sizes', () => {
  it('are classed with their lower bound in, and shapes within a hundredth and a half', () => {
    const collector = countResolutions(20)
    const sizes = [
      [4000, 3000],
      [3000, 4000],
      [1920, 1080],
      [1000, 1000],
      [999, 1000],
      [9000, 1500],
    ] as const
    for (const [width, height] of sizes) collector.add(aMember('x', { width, height }), {})
    collector.add(aMember('film', { kind: 'film', width: 1080, height: 1920 }), {})
    const found = collector.result()
    expect(found.orientations).toEqual({ landscape: 3, portrait: 2, square: 1 })
    expect(found.shapes.top).toEqual([
      { name: '1:1', files: 2 },
      { name: '4:3', files: 2 },
      { name: '16:9', files: 1 },
      { name: 'panorama', files: 1 },
    ])
    const filled = found.megapixels.classes.filter(({ files }) => files > 0)
    expect(filled).toEqual([
      { below: 1, files: 1 },
      { from: 1, below: 2, files: 1 },
      { from: 2, below: 5, files: 1 },
      { from: 12, below: 16, files: 3 },
    ])
    expect(found.films.top).toEqual([{ name: '1080p', files: 1 }])
  })
})
