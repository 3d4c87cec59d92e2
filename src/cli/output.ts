import { styleText } from 'node:util'
import { formatCount } from '../units.ts'

/** How a command ends. */
export const exitCodes = { done: 0, someFailed: 1, badInput: 2, couldNotRun: 3, interrupted: 130 } as const

/** Writes results for programs (NDJSON) or for people. People's text goes to stderr while stdout is NDJSON. */
export interface Output {
  readonly isJson: boolean
  /** One event a line on stdout; does nothing for people. */
  event(name: string, facts: Readonly<Record<string, unknown>>): void
  /** A line of the answer itself, on stdout for people; does nothing with --json. */
  line(text: string): void
  /** A remark beside the answer, always on stderr. */
  note(text: string): void
  /** A command to go on with, for the data folder of this one. */
  command(words: string): string
}

/** The output of a command, for programs with `--json`; `data` is the data folder when one was named. */
export function createOutput(isJson: boolean, data?: unknown): Output {
  return {
    isJson,
    event(name, facts) {
      if (isJson) process.stdout.write(`${JSON.stringify({ event: name, at: new Date().toISOString(), ...facts })}\n`)
    },
    line(text) {
      if (!isJson) process.stdout.write(`${text}\n`)
    },
    note(text) {
      process.stderr.write(`${text}\n`)
    },
    command: (words) => `mediamill ${words}${data === undefined ? '' : ` --data ${data}`}`,
  }
}

const coloursOf = (stream: NodeJS.WriteStream) => {
  const paint = (style: 'red' | 'green' | 'yellow' | 'dim' | 'bold') => (text: string) =>
    styleText(style, text, { stream })
  return { red: paint('red'), green: paint('green'), yellow: paint('yellow'), dim: paint('dim'), bold: paint('bold') }
}

/** Colours for lines on stdout; plain where that is no terminal or NO_COLOR is set. */
export const colour = coloursOf(process.stdout)

/** Colours for remarks and the progress bar, on stderr. */
export const noteColour = coloursOf(process.stderr)

/** `1 file`, `12,345 files`. */
export const plural = (count: number, word: string): string => `${formatCount(count)} ${word}${count === 1 ? '' : 's'}`

/** A file's name as a terminal may see it: control characters spelled out, so that a name can draw or forge nothing. */
export const shownPath = (path: string): string =>
  path.replace(/\p{Cc}/gu, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`)
