import { execFileSync } from 'node:child_process'
import { afterAll, describe, expect, it } from 'vitest'
import { corpus, hasCorpus } from '../../../test/support/corpus.ts'
import { closeExiftool, exiftoolFailure, exiftoolVersion, readWithExiftool } from './exiftool.ts'
import { readMetadata } from './read-metadata.ts'

const hasPerl = perlIsThere()

afterAll(closeExiftool)

describe.skipIf(!hasPerl)('exiftool', () => {
  it('tells its version', async () => {
    expect(await exiftoolVersion()).toMatch(/^\d+\.\d+$/)
  })

  it('starts anew after it was closed', async () => {
    await closeExiftool()
    expect(await exiftoolVersion()).toMatch(/^\d/)
  })
})

describe('a failure of exiftool', () => {
  it('says what is missing when there is no perl', () => {
    const failure = exiftoolFailure(new Error('Perl must be installed. Please add perl to your $PATH and try again.'))
    expect(failure).toMatchObject({ code: 'TOOL_MISSING', message: expect.stringContaining('This needs perl') })
  })

  it('is one of the file otherwise, and keeps its cause but no path', () => {
    const cause = new Error('timeout: waited 30000ms for /home/someone/photo.jpg')
    const failure = exiftoolFailure(cause)
    expect(failure).toMatchObject({ code: 'MEDIA_DAMAGED', cause })
    expect(failure.message).not.toContain('/home')
  })
})

describe.skipIf(!hasCorpus || !hasPerl)('a deep read', () => {
  it('finds what only maker notes tell, and keeps what the quick read found', async () => {
    const path = `${corpus}/photos/cameras/Reconyx_HC500_Hyperfire.jpg`
    const quick = await readMetadata(path, { format: 'jpeg' })
    const deep = await readMetadata(path, { format: 'jpeg', deep: true })
    expect(quick).not.toHaveProperty('takenAt')
    expect(deep).toMatchObject({ takenAt: '2020-03-16T10:00:00', camera: { serial: 'H500EE06130468' } })
    expect(deep.exposure).toEqual(quick.exposure)
    expect(Object.keys(deep.tags)).toContain('makernotes')
  })

  it('tells nothing of the file system and no numbers of exiftool itself', async () => {
    const told = await readWithExiftool(`${corpus}/photos/gps/DSCN0010.jpg`)
    expect(Object.keys(told).filter((key) => key.includes('System'))).toEqual([])
    const { tags } = await readMetadata(`${corpus}/photos/gps/DSCN0010.jpg`, { format: 'jpeg', deep: true })
    expect(JSON.stringify(tags)).not.toContain(corpus)
    expect(Object.keys(tags)).not.toContain('exiftool')
  })

  it.each([
    ['photos/gps/DSCN0010.jpg', 'jpeg'],
    ['photos/xmp/BlueSquare.jpg', 'jpeg'],
    ['photos/immich/formats/heic/IMG_2682.heic', 'heic'],
    ['photos/tiff/DudleyLeavittUtah.tiff', 'tiff'],
  ] as const)('agrees with the quick read on every field of %s', async (file, format) => {
    const { tags, ...quick } = await readMetadata(`${corpus}/${file}`, { format })
    expect(Object.keys(tags).length).toBeGreaterThan(0)
    expect(await readMetadata(`${corpus}/${file}`, { format, deep: true })).toMatchObject(quick)
  })
})

function perlIsThere(): boolean {
  try {
    execFileSync('perl', ['-v'], { stdio: 'ignore' })
    return true
  } catch (cause) {
    if (process.env.CI === 'true') throw new Error('perl is not installed, and deep reads need it.', { cause })
    console.warn('perl is not installed: tests of deep reads are skipped.')
    return false
  }
}
