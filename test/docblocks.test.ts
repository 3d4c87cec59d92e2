import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .map((path) => join('src', path))
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))

it('has a sentence on every export', () => {
  const silent = files.flatMap((file) => {
    const lines = readFileSync(file, 'utf8').split('\n')
    return lines.flatMap((line, at) => {
      const isExport = /^export (?!\*|\{|type \{)/.test(line)
      return isExport && !/\*\/$/.test(lines[at - 1] ?? '') ? [`${file}:${at + 1} ${line.slice(0, 80)}`] : []
    })
  })
  expect(silent).toEqual([])
})
