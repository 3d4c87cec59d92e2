import { describe, expect, it } from 'vitest'
import { degreesOf, iso6709, placeOf, satelliteTime, xmpDegrees } from './gps.ts'

describe('placeOf', () => {
  it('drops 0/0 without hemispheres and keeps it with them', () => {
    expect(placeOf(0, 0, undefined, false)).toEqual({})
    expect(placeOf(0, 0, undefined, true)).toEqual({ latitude: 0, longitude: 0 })
  })

  it.each([
    [4294967295, 4294967295],
    [91, 0],
    [Number.NaN, 12],
    [48, undefined],
  ])('drops the position %s/%s', (latitude, longitude) => {
    expect(placeOf(latitude, longitude, undefined, true)).toEqual({})
  })

  it('keeps an altitude without a position unless it is 0', () => {
    expect(placeOf(undefined, undefined, 47.59, true)).toEqual({ altitude: 47.59 })
    expect(placeOf(undefined, undefined, 0, true)).toEqual({})
    expect(placeOf(1, 1, 0, true)).toEqual({ latitude: 1, longitude: 1, altitude: 0 })
  })
})

describe('coordinates', () => {
  it('are negative in the south and the west', () => {
    expect(degreesOf([22, 30, 36], 'S')).toBeCloseTo(-22.51)
    expect(xmpDegrees('118,24,30W')).toBeCloseTo(-118.408333)
    expect(xmpDegrees('48,49.3242N')).toBeCloseTo(48.82207)
  })

  it.each([
    ['+48.8220+002.3985+047.590/', { latitude: 48.822, longitude: 2.3985, altitude: 47.59 }],
    ['+40.6800-74.4999/', { latitude: 40.68, longitude: -74.4999 }],
    ['+4030-07430/', { latitude: 40.5, longitude: -74.5 }],
    ['+00.0000+000.0000/', {}],
    ['somewhere', {}],
  ])('of films are read from %s', (text, place) => {
    expect(iso6709(text)).toEqual(place)
  })
})

describe('satelliteTime', () => {
  it('is UTC and keeps the fraction of a second', () => {
    expect(satelliteTime('2008:10:23', [14, 27, 7.24])).toBe('2008-10-23T14:27:07.24Z')
    expect(satelliteTime('2008:10:23', [10, 0, 10])).toBe('2008-10-23T10:00:10Z')
  })

  it('is absent when the receiver did not know it', () => {
    expect(satelliteTime('1970:01:01', [0, 0, 0])).toBeUndefined()
    expect(satelliteTime(undefined, [14, 27, 7])).toBeUndefined()
  })
})
