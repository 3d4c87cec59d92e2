import { describe, expect, it } from 'vitest'
import { bitDepthOf, hasAlphaChannel } from './names.ts'

describe('the name of a pixel format', () => {
  it.each([
    ['yuv420p', 8],
    ['yuvj422p', 8],
    ['nv12', 8],
    ['yuv420p10le', 10],
    ['yuv444p12be', 12],
    ['yuva444p16le', 16],
    ['p010le', 10],
    ['p016le', 16],
    ['p210le', 10],
    ['y210le', 10],
    ['gbrp10le', 10],
    ['gbrap12le', 12],
    ['gray10le', 10],
    ['gray16be', 16],
    ['x2rgb10le', 10],
    ['rgb48le', 16],
    ['rgba64be', 16],
    ['rgb24', 8],
    ['pal8', 8],
  ])('tells the bits of a sample: %s has %i', (name, bits) => {
    expect(bitDepthOf(name)).toBe(bits)
  })

  it('tells whether there is transparency', () => {
    expect(['yuva420p', 'gbrap', 'rgba', 'ya8', 'bgra', 'rgba64le'].filter((name) => !hasAlphaChannel(name))).toEqual(
      [],
    )
    expect(['yuv420p', 'rgb24', 'nv12', 'gray', 'pal8', 'rgb0'].filter(hasAlphaChannel)).toEqual([])
  })
})
