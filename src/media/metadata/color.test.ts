import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { colorSpaceOfCode, readIcc } from './color.ts'

const profile = async (name: string): Promise<Buffer> => {
  const picture = sharp({ create: { width: 4, height: 4, channels: 3, background: 'red' } })
  const { icc } = await sharp(await picture.withIccProfile(name).png().toBuffer()).metadata()
  return icc ?? Buffer.alloc(0)
}

describe('readIcc', () => {
  it.each([
    ['srgb', 'srgb'],
    ['p3', 'display-p3'],
  ])('knows %s by its primaries', async (name, colorSpace) => {
    expect(readIcc(await profile(name))).toMatchObject({ colorSpace, data: 'RGB ' })
  })

  it('says nothing of bytes that are no profile', () => {
    expect(readIcc(Buffer.alloc(500))).toBeUndefined()
    expect(readIcc(Buffer.alloc(3))).toBeUndefined()
  })
})

describe('colorSpaceOfCode', () => {
  it('names the spaces of H.273', () => {
    expect(colorSpaceOfCode(1, 13)).toBe('srgb')
    expect(colorSpaceOfCode(12, 13)).toBe('display-p3')
    expect(colorSpaceOfCode(9, 16)).toBe('rec2020')
    expect(colorSpaceOfCode(2, 2)).toBeUndefined()
  })
})
