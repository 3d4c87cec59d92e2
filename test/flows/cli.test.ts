import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dataIn } from '../support/app.ts'
import { aFolder, aPhoto } from '../support/library.ts'

const folder = aFolder()
const photos = join(folder.path, 'photos')
const script = join(import.meta.dirname, '../../bin/mediamill.js')

beforeAll(async () => {
  mkdirSync(join(photos, '.hidden'), { recursive: true })
  writeFileSync(join(photos, 'photo.jpg'), await aPhoto(1))
  writeFileSync(join(photos, 'notes.txt'), 'not media')
  writeFileSync(join(photos, 'empty'), '')
  writeFileSync(join(photos, '.hidden', 'cut.jpg'), 'no picture')
})

afterAll(() => folder[Symbol.dispose]())

/** Runs the real program on a data folder of its own, with its output in pipes. */
function mediamill(words: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const { FORCE_COLOR: _, ...inherited } = process.env
  const env = { ...inherited, MEDIAMILL_DATA: dataIn(folder.path), ...environment }
  const child = spawn(process.execPath, [script, ...words], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const said = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.stderr += text
  })
  return new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, ...said }))
  })
}

const events = (stdout: string): Record<string, unknown>[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

describe('flags and variables', () => {
  it('takes --root, more than once', async () => {
    const { code, stdout } = await mediamill(['config', '--json', '--root', '/tmp', '--root', '/usr'])
    expect(code).toBe(0)
    const roots = events(stdout).find(({ name }) => name === 'roots')
    expect(roots).toMatchObject({ event: 'setting', value: ['/tmp', '/usr'], origin: 'flag' })
  })

  it.each([
    ['serve', '--port', 'abc'],
    ['config', '--workers', '0'],
    ['config', '--log-level', 'loud'],
  ])('calls a bad one bad input: %s %s %s', async (...words) => {
    const { code, stderr } = await mediamill(words)
    expect(code).toBe(2)
    expect(stderr).toContain(`the flag says "${words[2]}"`)
    expect(stderr).not.toContain('Invalid')
  })

  it('tells a bad variable from a bad flag', async () => {
    const { code, stderr } = await mediamill(['config'], { MEDIAMILL_WORKERS_COUNT: 'many' })
    expect(code).toBe(3)
    expect(stderr).toContain('MEDIAMILL_WORKERS_COUNT')
  })

  it('takes an empty variable as none', async () => {
    const { code, stdout } = await mediamill(['config', '--json'], { MEDIAMILL_WORKERS_COUNT: '', MEDIAMILL_DATA: '' })
    expect(code).toBe(0)
    const found = events(stdout).filter(({ name }) => name === 'data' || name === 'workers.count')
    expect(found.map(({ origin }) => origin)).toEqual(['default', 'default'])
    expect(found[0]?.value).not.toBe(process.cwd())
  })

  it('calls an unknown command bad input', async () => {
    const { code, stdout, stderr } = await mediamill(['imprt'])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain('There is no command "imprt".')
  })
})

describe('run', () => {
  it('takes the media of a folder and passes over the rest', async () => {
    const { code, stdout } = await mediamill(['run', 'placeholder', photos, '--json'])
    // Also: with --json stdout is NDJSON and nothing else.
    expect(events(stdout)).toMatchObject([{ event: 'result', path: join(photos, 'photo.jpg') }])
    expect(code).toBe(0)
  })

  it('skips what in a folder is of another kind, and fails for it where it was named', async () => {
    const found = await mediamill(['run', 'validate', photos, '--json'])
    expect(events(found.stdout)).toMatchObject([{ event: 'task.skipped', reason: expect.stringContaining('film') }])
    expect(found.code).toBe(0)
    const named = await mediamill(['run', 'validate', join(photos, 'photo.jpg'), '--json'])
    expect(events(named.stdout)).toMatchObject([{ event: 'task.failed', code: 'OPERATION_UNFIT' }])
    expect(named.code).toBe(1)
  })

  it('fails for a file that was named itself', async () => {
    const { code, stderr } = await mediamill(['run', 'placeholder', join(photos, 'notes.txt')])
    expect(code).toBe(1)
    expect(stderr).toContain('UNSUPPORTED_CONTENT')
  })
})

describe('output', () => {
  it('is for people without --json, and has no colours in a pipe', async () => {
    const { code, stdout, stderr } = await mediamill(['config'])
    expect(code).toBe(0)
    expect(stdout).toContain('workers.count')
    expect(stdout + stderr).not.toContain('\u001b')
    expect(() => events(stdout)).toThrow(SyntaxError)
  })
})
