import { readFileSync } from 'node:fs'
import { exitCodeOf, runProgram } from './cli/program.ts'
import { toMediaError } from './errors.ts'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
const argv = process.argv.slice(2)

// A reader that went away, as in "mediamill … | head", is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
})

try {
  process.exitCode = await runProgram(argv, version)
} catch (thrown) {
  const error = toMediaError(thrown)
  if (argv.includes('--json')) {
    const { code, message } = error
    process.stdout.write(`${JSON.stringify({ event: 'error', at: new Date().toISOString(), code, message })}\n`)
  }
  process.stderr.write(`mediamill: ${error.message}\n`)
  if (error.code === 'INTERNAL' && error.cause instanceof Error) process.stderr.write(`${error.cause.stack}\n`)
  process.exitCode = exitCodeOf(error)
}
