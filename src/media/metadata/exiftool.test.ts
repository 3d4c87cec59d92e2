import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { corpus, hasCorpus } from '../../../test/support/corpus.ts'
import { hasPerl } from '../../../test/support/exiftool.ts'
import { aPhoto } from '../../../test/support/library.ts'
import { fileOf } from '../../../test/support/pictures.ts'
import { sniff, sniffBytes } from '../sniff.ts'
import { closeExiftool, exiftoolFailure, exiftoolVersion, readWithExiftool } from './exiftool.ts'
import { readMetadata } from './read-metadata.ts'

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

describe('without perl', () => {
  /** What a process says in which perl can not be found. */
  const say = (call: string) => {
    const module = (name: string) => JSON.stringify(new URL(name, import.meta.url).href)
    const script = `
      import files from 'node:fs/promises'
      const { access } = files
      files.access = (path, mode) => access(path.endsWith('/perl') ? '/nowhere' : path, mode)
      const { readMetadata } = await import(${module('./read-metadata.ts')})
      const { editMetadata } = await import(${module('./edit.ts')})
      const { closeExiftool } = await import(${module('./exiftool.ts')})
      await (${call}).then(() => console.log('done'), ({ code, message }) => console.log(code, message))
      await closeExiftool().catch(() => {})
      process.exit()`
    const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script]
    return execFileSync(process.execPath, args, { encoding: 'utf8' }).trim()
  }
  const path = () => fileOf('no-perl.jpg', photo)
  let photo: Uint8Array = Buffer.alloc(0)
  beforeAll(async () => {
    photo = await aPhoto(1)
  })

  it('a quick read works, a deep read and a copy say what is missing', () => {
    const file = JSON.stringify(path())
    expect(say(`readMetadata(${file}, { format: 'jpeg' })`)).toBe('done')
    expect(say(`readMetadata(${file}, { format: 'jpeg', deep: true })`)).toMatch(/^TOOL_MISSING This needs perl/)
    expect(say(`editMetadata(${file}, 'jpeg', { rating: 1 })`)).toMatch(/^TOOL_MISSING This needs perl/)
  })
})

/** Of Nikon's lenses the quick reader knows the numbers, exiftool the name. */
const isNamedLens = (line: string) => / camera\.lens: [\d.-]+mm f\/[\d.-]+ → .*(Nikkor|Tokina|Tamron|Sigma)/i.test(line)

describe.skipIf(!hasCorpus || !hasPerl)('deep reads of the whole corpus', () => {
  it('keep every field of the quick read, and add what only maker notes tell', { timeout: 300_000 }, async () => {
    const names = readdirSync(`${corpus}/photos`, { recursive: true, encoding: 'utf8' })
    const counts = { files: 0, withMakerNotes: 0, fields: 0, added: 0 }
    const differ: string[] = []
    for (const name of names) {
      const file = `${corpus}/photos/${name}`
      const format = statSync(file).isFile() ? await sniff(readFileSync(file).subarray(0, sniffBytes)) : null
      if (!format) continue
      const { tags: _, ...quick } = await readMetadata(file, { format })
      const { tags, ...deep } = await readMetadata(file, { format, deep: true })
      counts.files++
      if (tags.makernotes) counts.withMakerNotes++
      for (const [field, value] of leavesOf(quick)) {
        counts.fields++
        const told = leavesOf(deep).get(field)
        if (JSON.stringify(told) !== JSON.stringify(value)) differ.push(`${name} ${field}: ${value} → ${told}`)
      }
      counts.added += leavesOf(deep).size - leavesOf(quick).size
    }
    console.log('Deep reads', counts, differ)
    expect(differ.filter((line) => !isNamedLens(line))).toEqual([])
    expect(counts.withMakerNotes).toBeGreaterThan(20)
    expect(counts.added).toBeGreaterThan(0)
  })
})

/** Every single field with its path, `exposure.iso` and the like. */
function leavesOf(value: object, path = ''): Map<string, unknown> {
  return new Map(
    Object.entries(value).flatMap(([name, one]): [string, unknown][] =>
      one !== null && typeof one === 'object' && !Array.isArray(one)
        ? [...leavesOf(one, `${path}${name}.`)]
        : [[`${path}${name}`, one]],
    ),
  )
}
