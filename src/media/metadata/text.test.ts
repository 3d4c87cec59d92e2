import { describe, expect, it } from 'vitest'
import { isFiller, textOf } from './text.ts'

describe('textOf', () => {
  it('reads UTF-8 as it is', () => {
    expect(textOf(Buffer.from('Crémieux – 日本'))).toBe('Crémieux – 日本')
  })

  it('reads what is no UTF-8 as Windows-1252', () => {
    expect(textOf(Buffer.from([0x43, 0x72, 0xe9, 0x6d, 0x20, 0x93, 0x61, 0x94, 0x20, 0x80]))).toBe('Crém “a” €')
  })

  it('ends at the first NUL, removes control characters and trims', () => {
    expect(textOf(Buffer.from('  a\u0007b \0rubbish'))).toBe('ab')
  })

  it('is absent for blanks', () => {
    expect(textOf(Buffer.from('     \0\0'))).toBeUndefined()
  })
})

describe('isFiller', () => {
  it.each([
    'OLYMPUS DIGITAL CAMERA',
    'SAMSUNG CAMERA PICTURES',
    'Default',
    'SONY DSC',
    'KONICA MINOLTA DIGITAL CAMERA',
    'DCIM\\100MEDIA\\DJI_0024.JPG',
    'Exif_JPEG_PICTURE',
    'COOLPIX P1',
    '-----',
  ])('drops "%s"', (text) => {
    expect(isFiller(text, { make: 'NIKON', model: 'COOLPIX P1' })).toBe(true)
  })

  it.each(['My new digital camera', 'A sunset', '夕', 'Image of a fox', 'Created with GIMP'])('keeps "%s"', (text) => {
    expect(isFiller(text, {})).toBe(false)
  })
})
