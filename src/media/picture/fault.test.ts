import { describe, expect, it } from 'vitest'
import { MediaError } from '../../errors.ts'
import { damageOf, sentenceOfFault, toPictureError } from './fault.ts'

describe('damageOf', () => {
  it.each([
    'VipsJpeg: Corrupt JPEG data: 4 extraneous bytes before marker 0xdb',
    'VipsJpeg: Corrupt JPEG data: 3 extraneous bytes before marker 0xd9',
    'zTXt: truncated',
    'read gave 1 warnings',
  ])('takes no loss from "%s"', (warning) => {
    expect(damageOf([warning])).toBeUndefined()
  })

  it.each([
    'VipsJpeg: premature end of JPEG image',
    'VipsJpeg: Corrupt JPEG data: premature end of data segment',
    'VipsJpeg: Corrupt JPEG data: bad Huffman code',
    'VipsJpeg: Corrupt JPEG data: 1214 extraneous bytes before marker 0xd0',
    'IDAT: incorrect data check',
  ])('takes a loss from "%s"', (warning) => {
    expect(damageOf(['read gave 2 warnings', warning])).toMatch(/^the picture data/)
  })
})

describe('sentenceOfFault', () => {
  it('tells no path of this machine and no line break', () => {
    expect(sentenceOfFault('/home/someone/a b.tif: strange thing\nsecond line')).not.toMatch(/home|\n/)
  })

  it('does not call a drawing malformed that multiplies itself', () => {
    const message = 'svgload: SVG rendering failed\nglib: exceeded more than 500000 referenced elements\n'
    expect(sentenceOfFault(message)).toBe('it draws more than is accepted of one picture')
    expect(sentenceOfFault('svgload: XML parse error')).toBe('it is no well-formed SVG')
  })
})

describe('toPictureError', () => {
  it('keeps ours, and makes all else MEDIA_DAMAGED with its cause', () => {
    const ours = new MediaError('NO_PICTURE', ['none'])
    expect(toPictureError(ours)).toBe(ours)
    const theirs = new Error('Input file contains unsupported image format')
    expect(toPictureError(theirs)).toMatchObject({ code: 'MEDIA_DAMAGED', cause: theirs })
  })
})
