import { readFileSync } from 'node:fs'

/** The program's version, from the package that it runs from. */
export const programVersion: string = (() => {
  try {
    return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version
  } catch {
    return 'unknown'
  }
})()
