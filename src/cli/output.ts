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
}

/** The output of a command, for programs with `--json`. */
export function createOutput(isJson: boolean): Output {
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
  }
}

const usesColour = process.stderr.isTTY === true && process.stderr.hasColors()

const paint = (code: number) => (text: string) => (usesColour ? `\u001b[${code}m${text}\u001b[0m` : text)

/** Colours for people's text; plain where stderr is no terminal or NO_COLOR is set. */
export const colour = { red: paint(31), green: paint(32), yellow: paint(33), dim: paint(2), bold: paint(1) }

/** `1 file`, `12,345 files`. */
export const plural = (count: number, word: string): string => `${formatCount(count)} ${word}${count === 1 ? '' : 's'}`
