import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'

/**
 * Top to bottom, as docs/architecture.md has it. A file imports from its own folder and from layers below; those on
 * one line are neighbours and do not know each other.
 */
const layers = [
  ['main.ts'],
  ['cli'],
  ['app.ts'],
  ['config.ts'],
  ['http'],
  ['optimizer'],
  ['jobs'],
  ['executor'],
  ['operations'],
  ['media'],
  ['cache', 'catalog'],
  ['telemetry'],
  ['events.ts'],
  ['log.ts'],
  ['units.ts'],
  ['errors.ts'],
]

const folder = (path: string) => path.split('/')[1] ?? ''
const rank = (path: string) => layers.findIndex((names) => names.includes(folder(path)))

const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .map((path) => join('src', path))
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))

const imports = files.flatMap((file) =>
  [...readFileSync(file, 'utf8').matchAll(/(?:from |import\()'(\.[^']+)'/g)].map((match) => ({
    file,
    target: join(dirname(file), match[1] ?? ''),
  })),
)

const native = ['sharp', 'node-av', 'exifreader', 'libheif-js', 'exiftool-vendored']

describe('the layers', () => {
  it('give every file a place', () => {
    expect(files.length).toBeGreaterThan(50)
    expect(files.filter((file) => rank(file) < 0)).toEqual([])
  })

  it('are imported downwards only', () => {
    const upward = imports.filter(({ file, target }) => folder(file) !== folder(target) && rank(target) <= rank(file))
    expect(upward).toEqual([])
  })

  it('keep native code inside media', () => {
    const outside = files.filter((file) => {
      const text = readFileSync(file, 'utf8')
      // The doctor tries the libraries themselves, in a process of its own.
      return (
        folder(file) !== 'media' &&
        file !== 'src/cli/doctor.ts' &&
        native.some((name) => text.includes(`from '${name}`))
      )
    })
    expect(outside).toEqual([])
  })

  it('leave reading the environment to the configuration', () => {
    const readers = files.filter((file) => readFileSync(file, 'utf8').includes('process.env'))
    // A worker process inherits what it was started with.
    expect(readers).toEqual(['src/config.ts', 'src/executor/worker-process.ts'])
  })
})
