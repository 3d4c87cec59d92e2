import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { corpus, hasCorpus } from '../../../test/support/corpus.ts'
import { photo } from '../../../test/support/pictures.ts'
import { openMedia } from '../open.ts'
import { jpegCodingOf } from './jpeg-coding.ts'

describe('the coding of a JPEG', () => {
  it.each([10, 25, 40, 50, 60, 75, 82, 90, 95])('names the quality %i that it was written with', async (quality) => {
    for (const chromaSubsampling of ['4:2:0', '4:4:4']) {
      const coding = jpegCodingOf(await photo(64, 48).jpeg({ quality, chromaSubsampling }).toBuffer())
      expect(coding).toEqual({ quality, subsampling: chromaSubsampling, isProgressive: false })
    }
  })

  it('rises with the quality also for tables that are not the standard ones, and is near it at the upper end', async () => {
    // The flat table of N. Robidoux, with much finer steps for fine detail.
    const files = [20, 40, 60, 80, 90, 96].map((quality) =>
      photo(64, 48).jpeg({ quality, quantisationTable: 3, chromaSubsampling: '4:4:4' }).toBuffer(),
    )
    const found = (await Promise.all(files)).map((file) => jpegCodingOf(file)?.quality ?? 0)
    expect(found).toEqual(found.toSorted((a, b) => a - b))
    expect(Math.abs((found.at(-1) ?? 0) - 96)).toBeLessThanOrEqual(3)
    expect(Math.abs((found.at(-2) ?? 0) - 90)).toBeLessThanOrEqual(6)
  })

  it('tells progressive from baseline, and grey from colour', async () => {
    expect(jpegCodingOf(await photo(64, 48).jpeg({ progressive: true }).toBuffer())?.isProgressive).toBe(true)
    const grey = await photo(64, 48).toColourspace('b-w').jpeg({ quality: 70 }).toBuffer()
    expect(jpegCodingOf(grey)).toEqual({ quality: 70, subsampling: '4:4:4', isProgressive: false })
  })

  it('is undefined for what is no JPEG, or has lost its tables', async () => {
    const jpeg = await photo(64, 48).jpeg().toBuffer()
    const tables = jpeg.indexOf(Buffer.from([0xff, 0xdb]))
    const without = Buffer.concat([jpeg.subarray(0, tables), jpeg.subarray(tables + 2 + jpeg.readUInt16BE(tables + 2))])
    expect(jpegCodingOf(without)).toBeUndefined()
    expect(jpegCodingOf(await sharp(jpeg).png().toBuffer())).toBeUndefined()
    expect(jpegCodingOf(Buffer.alloc(0))).toBeUndefined()
  })

  it('never throws, however a header is mangled', async () => {
    const jpeg = await photo(64, 48).jpeg().toBuffer()
    let read = 0
    for (let at = 0; at < 600; at++) {
      for (const value of [0, 0x7f, 0xff]) {
        const mangled = Buffer.from(jpeg.subarray(0, 700))
        mangled[at] = value
        if (jpegCodingOf(mangled)) read++
        jpegCodingOf(mangled.subarray(0, at))
      }
    }
    expect(read).toBeGreaterThan(100)
  })

  it.skipIf(!hasCorpus)('can be read of almost every JPEG of the corpus', async () => {
    const files = globSync('{photos,quality,duplicates}/**/*.{jpg,JPG,jpeg}', { cwd: corpus })
    const codings = files.map((file) => jpegCodingOf(readFileSync(join(corpus, file))))
    const known = codings.filter((coding) => coding !== undefined)
    expect(known.length).toBeGreaterThan(0.9 * files.length)
    for (const { quality } of known) expect(quality).toBeGreaterThanOrEqual(1)
    expect(new Set(known.map(({ subsampling }) => subsampling)).size).toBeGreaterThan(2)
  })

  it.skipIf(!hasCorpus)('is part of an opened file', async () => {
    const media = await openMedia(join(corpus, 'photos/gps/DSCN0029.jpg'))
    expect(media.jpegCoding()?.quality).toBeGreaterThan(60)
    await media.close()
  })
})
