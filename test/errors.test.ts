import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { errorCodes, MediaError, sentenceOf, statusOf, toMediaError } from '../src/errors.ts'

const documented = readFileSync('docs/errors.md', 'utf8')
const rows = [...documented.matchAll(/^\| `([A-Z_]+)`\s*\| (\d+)\s*\|/gm)].map((match) => ({
  code: match[1],
  status: Number(match[2]),
}))

const sources = ['src', 'test']
  .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path)))
  .filter((path) => path.endsWith('.ts') && path !== 'src/errors.ts')
  .map((path) => readFileSync(path, 'utf8'))
  .join('\n')

describe('the table of errors', () => {
  it('is documented whole, and the documentation names nothing else', () => {
    expect(rows.map((row) => row.code).sort()).toEqual([...errorCodes].sort())
  })

  it('has the statuses that the documentation tells', () => {
    for (const { code, status } of rows) expect([code, status]).toEqual([code, statusOf(code as MediaError['code'])])
  })

  it('holds no code that nothing throws', () => {
    expect(errorCodes.filter((code) => !sources.includes(`'${code}'`))).toEqual([])
  })

  it('has sentences that end as sentences do', () => {
    for (const code of errorCodes) if (sentenceOf(code) !== '%s') expect(sentenceOf(code)).toMatch(/\.$/)
  })
})

describe('MediaError', () => {
  it('fills the gaps of its sentence in order', () => {
    expect(new MediaError('NOT_FOUND', ['job', 'x']).message).toBe('There is no job "x".')
  })

  it('leaves a dollar sign in a detail as it is', () => {
    expect(new MediaError('NOT_FOUND', ['job', "$&$'"]).message).toBe('There is no job "$&$\'".')
  })

  it('keeps a foreign error as its cause', () => {
    const cause = new TypeError('boom.')
    const error = toMediaError(cause)
    expect([error.code, error.cause, error.message]).toEqual([
      'INTERNAL',
      cause,
      'Something went wrong inside mediamill: boom.',
    ])
  })
})
