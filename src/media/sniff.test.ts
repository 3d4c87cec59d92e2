import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { corpus, hasCorpus } from '../../test/support/corpus.ts'
import { exifOf, quarters, rawWith } from '../../test/support/pictures.ts'
import { sniff, sniffBytes } from './sniff.ts'

const text = (content: string): Promise<unknown> => sniff(Buffer.from(content))
const head = (path: string): Buffer => readFileSync(path).subarray(0, sniffBytes)

describe('sniff', () => {
  it.each(['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const)('knows a %s', async (format) => {
    expect(await sniff(await quarters().toFormat(format).toBuffer())).toBe(format)
  })

  it.each([
    ['<svg xmlns="http://www.w3.org/2000/svg"/>'],
    ['\ufeff<?xml version="1.0"?>\n<!-- a -- comment -->\n<!DOCTYPE svg PUBLIC "a" "b">\n<svg width="1"></svg>'],
    ['<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x "y">]><svg:svg xmlns:svg="…"></svg:svg>'],
  ])('knows an SVG by its first element: %s', async (content) => {
    expect(await text(content)).toBe('svg')
  })

  it.each([['<html><svg></svg></html>'], ['BMW is a car'], ['just words'], ['{"a":1}'], ['']])(
    'takes no text for media: %s',
    async (content) => {
      expect(await text(content)).toBeNull()
    },
  )

  it.each([
    ['isom', 'mp4'],
    ['qt  ', 'mov'],
    ['3gp4', '3gp'],
    ['M4A ', 'm4a'],
    ['heic', 'heic'],
    ['avis', 'avif'],
    ['crx ', 'raw'],
  ])('tells ISO files of brand "%s" apart as %s', async (brand, format) => {
    expect(await sniff(Buffer.from(`\0\0\0\x14ftyp${brand}\0\0\0\0isom`, 'latin1'))).toBe(format)
  })

  it('tells a general HEIF brand apart by the compatible ones', async () => {
    expect(await sniff(Buffer.from('\0\0\0\x18ftypmif1\0\0\0\0mif1avif', 'latin1'))).toBe('avif')
    expect(await sniff(Buffer.from('\0\0\0\x18ftypmif1\0\0\0\0mif1heic', 'latin1'))).toBe('heic')
  })

  it('tells a raw file from a TIFF by what its directory says', async () => {
    expect(await sniff(rawWith(Buffer.alloc(0), 1))).toBe('raw')
    expect(
      await sniff(
        exifOf([
          [256, 10],
          [257, 10],
          [262, 2],
        ]),
      ),
    ).toBe('tiff')
  })

  it('knows a cut file by its first bytes', async () => {
    expect(await sniff((await quarters().png().toBuffer()).subarray(0, 12))).toBe('png')
    expect(await sniff(Buffer.from([0xff, 0xd8, 0xff]))).toBe('jpeg')
  })
})

/** How exiftool names what we know by another name; what is not listed is called the same. */
const exiftoolNames: Record<string, string> = {
  APNG: 'png',
  BTF: 'tiff',
  'Extended WEBP': 'webp',
  HEIF: 'heic',
  'JXL Codestream': 'jxl',
  MPO: 'jpeg',
  // It calls sequences of AVIF pictures films.
  MP4: 'avif',
}

describe.skipIf(!hasCorpus)('sniff on real files', () => {
  it('agrees with exiftool on every photo', async () => {
    const { files } = JSON.parse(readFileSync(join(corpus, 'photos/expected.json'), 'utf8'))
    const photos = files.filter((each: { FileType: string }) => !['JSON', 'XMP'].includes(each.FileType))
    const wrong: string[] = []
    for (const { file, FileType } of photos) {
      const found = await sniff(head(join(corpus, file)))
      if (found !== (exiftoolNames[FileType] ?? FileType.toLowerCase()))
        wrong.push(`${file}: ${found}, not ${FileType}`)
    }
    expect(photos.length).toBeGreaterThan(300)
    expect(wrong).toEqual([])
  })

  it('calls every film a film, by content', async () => {
    const { files } = JSON.parse(readFileSync(join(corpus, 'videos/expected.json'), 'utf8'))
    const unknown: string[] = []
    for (const { file } of files) if ((await sniff(head(join(corpus, file)))) === null) unknown.push(file)
    expect(files.length).toBeGreaterThan(50)
    expect(unknown).toEqual([])
  })

  it('goes by content where the name lies', async () => {
    const cases: { file: string; kind: string; expect: string }[] = JSON.parse(
      readFileSync(join(corpus, 'broken/broken.json'), 'utf8'),
    )
    const named: Record<string, string> = { 'image/jpeg': 'jpeg', 'video/x-matroska': 'mkv' }
    const lying = cases.filter(({ kind }) => kind.startsWith('extension does not match'))
    const wrong: string[] = []
    for (const { file, kind } of lying) {
      const mime = kind.replace(/.* is /, '')
      const found = await sniff(head(join(corpus, file)))
      if (found !== (named[mime] ?? mime.split('/')[1])) wrong.push(`${file}: ${found}`)
    }
    expect(lying.length).toBeGreaterThan(10)
    expect(wrong).toEqual([])
  })
})
