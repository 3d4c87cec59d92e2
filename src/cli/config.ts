import { loadConfig } from '../config.ts'
import { colour, createOutput, exitCodes } from './output.ts'
import type { CommandContext } from './program.ts'

/** `mediamill config`: every setting, its value, and where that came from. */
export async function showConfig(context: CommandContext): Promise<number> {
  const output = createOutput(context.isJson)
  const { entries } = loadConfig(context.flags)
  const width = Math.max(...entries.map(({ name }) => name.length))
  for (const { name, variable, value, origin, description } of entries) {
    output.event('setting', { name, value, origin, variable, description })
    const shown = Array.isArray(value) && value.length === 0 ? '(none)' : String(value)
    output.line(`${colour.bold(name.padEnd(width))}  ${shown}  ${colour.dim(`${origin}; ${variable}`)}`)
    output.line(`${' '.repeat(width)}  ${colour.dim(description)}`)
  }
  return exitCodes.done
}
