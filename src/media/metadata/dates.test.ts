import { describe, expect, it } from 'vitest'
import { isoDate, quicktimeDate } from './dates.ts'

describe('isoDate', () => {
  it.each([
    ['2023:08:05 17:16:53', '2023-08-05T17:16:53'],
    ['2005-09-07T15:07:40-07:00', '2005-09-07T15:07:40-07:00'],
    ['2023-05-09T12:41:46+0100', '2023-05-09T12:41:46+01:00'],
    ['2016-05-31T17:01:35.000000Z', '2016-05-31T17:01:35Z'],
    ['2009-03-06T22:15', '2009-03-06T22:15'],
    ['2009-03-06', '2009-03-06'],
    ['1952-05', '1952-05'],
    ['1952', '1952'],
  ])('reads %s and stays as precise as it is', (text, date) => {
    expect(isoDate(text)).toBe(date)
  })

  it('adds the fraction of a second and the offset that stand in tags of their own', () => {
    expect(isoDate('2023:08:05 17:16:53', { subSeconds: '070 ', offset: '+02:00' })).toBe(
      '2023-08-05T17:16:53.070+02:00',
    )
  })

  it('prefers the offset of the text itself', () => {
    expect(isoDate('2023-08-05T17:16:53-04:00', { offset: '+02:00' })).toBe('2023-08-05T17:16:53-04:00')
  })

  it.each(['   :  ', '+99:00', '02:00'])('leaves out an offset of "%s"', (offset) => {
    expect(isoDate('2023:08:05 17:16:53', { offset })).toBe('2023-08-05T17:16:53')
  })

  it.each([
    '0000:00:00 00:00:00',
    '    :  :     :  :  ',
    '000',
    '',
    '2023:13:01 00:00:00',
    '2023:02:29 10:00:00',
    '2023:05:05 24:00:00',
    'yesterday',
  ])('makes no date of "%s"', (text) => {
    expect(isoDate(text)).toBeUndefined()
  })
})

describe('quicktimeDate', () => {
  it.each(['1904-01-01T00:00:00.000000Z', '1970-01-01T00:00:00.000000Z'])('takes %s for a clock never set', (text) => {
    expect(quicktimeDate(text)).toBeUndefined()
  })
})
