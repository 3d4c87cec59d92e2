import { createHash } from 'node:crypto'
import {
  constants,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { basename, dirname, join, parse, relative, resolve } from 'node:path'
import { MediaError } from '../errors.ts'
import { formats } from '../media/formats.ts'

/** A new file to be copied out of the store. */
interface NewFile {
  readonly role: string
  readonly path: string
  readonly format: string
  /** By which other files made with it refer to it. */
  readonly name?: string
}

/** Copies new files into a folder of the user's under the names of their originals. Nothing that is there is overwritten. */
export class OutFolder {
  readonly #folder: string
  /** Written by this run: two originals may differ in their endings only. */
  readonly #written = new Set<string>()

  constructor(folder: string) {
    this.#folder = resolve(folder)
  }

  /**
   * Copies the files made of an original, below `root` in folders as it lies there itself; answers their paths. Files that
   * refer to each other by name keep their names, in a folder with the original's. Throws FILE_EXISTS, and DATA_UNUSABLE
   * when the folder can not be written.
   */
  save(original: string, files: readonly NewFile[], root = dirname(original)): string[] {
    const { name, ext } = parse(original)
    const folder = join(this.#folder, relative(root, dirname(original)))
    const home = join(folder, this.#written.has(join(folder, name)) ? basename(original) : name)
    return files.map(({ role, path, format, name: given }) => {
      if (given !== undefined) {
        const target = join(home, given)
        this.#copy(path, target)
        this.#written.add(home)
        return target
      }
      const stem = files.length > 1 ? `${name}.${role}` : name
      // A copy of a raw file is of the camera's own format, which only its name tells.
      const ending = format === 'raw' ? ext.slice(1) : endingOf(format)
      const usual = join(folder, `${stem}.${ending}`)
      const target = this.#written.has(usual) ? join(folder, `${stem}${ext}.${ending}`) : usual
      this.#copy(path, target)
      this.#written.add(target)
      return target
    })
  }

  #copy(from: string, target: string): void {
    if (isSame(from, target)) return
    if (existsSync(target)) throw new MediaError('FILE_EXISTS', [target])
    const aside = join(dirname(target), `.${basename(target)}.${process.pid}.part`)
    try {
      mkdirSync(dirname(target), { recursive: true })
      copyFileSync(from, aside, constants.COPYFILE_FICLONE)
      placeNew(aside, target)
    } catch (error) {
      if (error instanceof MediaError) throw error
      throw new MediaError('DATA_UNUSABLE', [dirname(target), (error as Error).message], { cause: error })
    } finally {
      rmSync(aside, { force: true })
    }
  }
}

/** A link is the only way to a name that fails when it is taken; where there are no links, looking has to do. */
function placeNew(aside: string, target: string): void {
  try {
    linkSync(aside, target)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') throw new MediaError('FILE_EXISTS', [target], { cause: error })
    if (existsSync(target)) throw new MediaError('FILE_EXISTS', [target])
    renameSync(aside, target)
  }
}

const endingOf = (format: string): string =>
  format in formats ? formats[format as keyof typeof formats].extensions[0] : format

function isSame(from: string, target: string): boolean {
  if (!existsSync(target) || statSync(target).size !== statSync(from).size) return false
  const hash = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')
  return hash(from) === hash(target)
}
