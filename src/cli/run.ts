import { type Dirent, existsSync, readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { z } from 'zod'
import { MediaError, toMediaError } from '../errors.ts'
import { runOperation } from '../executor/run.ts'
import { hasMediaExtension } from '../media/formats.ts'
import { operations, operationsNamed } from '../operations/index.ts'
import type { Operation } from '../operations/operation.ts'
import { parametersFromTexts, parametersOf, parseParameters } from '../operations/parameters.ts'
import { formatDuration } from '../units.ts'
import { openApp } from './open-app.ts'
import { colour, createOutput, exitCodes, noteColour, type Output, shownPath } from './output.ts'
import type { CommandContext } from './program.ts'
import { findServer, type ServerAddress } from './server-file.ts'

/** `mediamill run OPERATION FILE… [--param value]`. */
export async function run(context: CommandContext, words: readonly string[]): Promise<number> {
  const output = createOutput(context.isJson)
  const [name, ...rest] = words
  if (name === undefined || name === '--help') return list(output)
  const named = operationsNamed(name)
  if (named.length === 0) {
    throw new MediaError('OPERATION_UNKNOWN', [
      name,
      [...new Set(operations.map((operation) => operation.name))].join(', '),
    ])
  }
  const { files, texts, wantsHelp } = split(rest)
  if (wantsHelp) return help(named, output)
  const parameters = parametersFor(named, texts)
  if (files.length === 0) throw new MediaError('PARAMS_INVALID', [`"run ${name}" needs at least one file or folder.`])
  const { config, app: build } = openApp(context)
  const server = findServer(config.data)
  const control = new AbortController()
  const interrupt = () => control.abort(new MediaError('CANCELLED'))
  process.on('SIGINT', interrupt)
  const app = server ? undefined : build()
  let failed = 0
  const tellFailure = (path: string, { code, message }: MediaError) => {
    failed++
    output.event('task.failed', { path, operation: name, code, message })
    if (!output.isJson) output.note(`${noteColour.red('✗')} ${shownPath(path)}\n  ${code}: ${message}`)
  }
  try {
    for (const { path, isFound } of files.flatMap((file) => filesOf(file, tellFailure))) {
      // Remembered answers follow each other so closely that a signal would not be heard.
      await setImmediate()
      if (control.signal.aborted) return exitCodes.interrupted
      try {
        const answer = app
          ? await runOperation(app, { path, operation: name, params: parameters, signal: control.signal })
          : await runRemotely(server as ServerAddress, named, path, parameters, control.signal)
        output.event('result', answer as unknown as Record<string, unknown>)
        tell(answer as unknown as Answer, output)
      } catch (thrown) {
        const error = toMediaError(thrown)
        if (control.signal.aborted) return exitCodes.interrupted
        if (isFound && isNoMedia(path, error)) continue
        tellFailure(path, error)
      }
    }
  } finally {
    process.off('SIGINT', interrupt)
    await app?.stop()
  }
  return failed > 0 ? exitCodes.someFailed : exitCodes.done
}

interface Answer {
  readonly path: string
  readonly cached: boolean
  readonly durationMs: number
  readonly result: unknown
  readonly artifacts: readonly { readonly role: string; readonly path: string }[]
}

function tell({ path, cached, durationMs, result, artifacts }: Answer, output: Output): void {
  output.line(`${colour.bold(shownPath(path))} ${colour.dim(cached ? 'remembered' : formatDuration(durationMs))}`)
  output.line(JSON.stringify(result, null, 2))
  for (const artifact of artifacts) output.line(`${artifact.role}: ${artifact.path}`)
}

async function runRemotely(
  server: ServerAddress,
  named: readonly Operation[],
  path: string,
  parameters: object,
  signal: AbortSignal,
) {
  const { askServer } = await import('./remote.ts')
  let refusal: unknown
  // A name that pictures and films share has two doors; the wrong one says so.
  for (const { group, name } of named) {
    try {
      return await askServer(server, 'POST', `/api/${group}/${name}`, { path, ...parameters }, signal)
    } catch (error) {
      refusal = error
      if (!(error instanceof MediaError) || error.code !== 'OPERATION_UNFIT') throw error
    }
  }
  throw refusal
}

/** Files and folders are words; `--name value` and `--name=value` are parameters, `--name` alone is true. */
function split(words: readonly string[]): { files: string[]; texts: Record<string, string>; wantsHelp: boolean } {
  const files: string[] = []
  const texts: Record<string, string> = {}
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    if (!word.startsWith('--')) {
      files.push(word)
      continue
    }
    const [flag = '', inline] = word.slice(2).split(/=(.*)/s)
    const next = words[at + 1]
    const takesNext = inline === undefined && next !== undefined && !next.startsWith('--') && !isSwitch(flag)
    if (takesNext) at++
    texts[flag.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())] =
      inline ?? (takesNext ? (next ?? '') : '')
  }
  return { files, texts, wantsHelp: 'help' in texts }
}

const isSwitch = (flag: string): boolean =>
  operations.some(({ params }) =>
    parametersOf(params).some(({ name, type }) => type === 'boolean' && kebab(name) === flag),
  )

const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/** Checked before any file is opened: one of the operations of this name must take them. */
function parametersFor(named: readonly Operation[], texts: Readonly<Record<string, string>>): Record<string, unknown> {
  let refusal: unknown
  for (const { params } of named) {
    try {
      const given = parametersFromTexts(params as z.ZodObject, texts)
      parseParameters(params as z.ZodObject, given)
      return given
    } catch (error) {
      refusal ??= error
    }
  }
  throw refusal
}

/** A file to run on; `isFound` when it was not named itself but lay in a folder that was. */
interface NamedFile {
  readonly path: string
  readonly isFound: boolean
}

/** A folder stands for every media file in it and below, hidden ones left out. */
function filesOf(path: string, tellFailure: (path: string, error: MediaError) => void): NamedFile[] {
  const full = resolve(path)
  if (!existsSync(full) || !statSync(full).isDirectory()) return [{ path: full, isFound: false }]
  return filesBelow(full, tellFailure)
    .sort()
    .map((found) => ({ path: found, isFound: true }))
}

function filesBelow(folder: string, tellFailure: (path: string, error: MediaError) => void): string[] {
  let entries: Dirent[]
  try {
    entries = readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    tellFailure(folder, new MediaError('FILE_UNREADABLE', [(error as Error).message], { cause: error }))
    return []
  }
  return entries.flatMap((entry) => {
    if (entry.name.startsWith('.')) return []
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return filesBelow(path, tellFailure)
    return entry.isFile() ? [path] : []
  })
}

/** As an import has it: what neither is media nor claims to be is no failure. */
const isNoMedia = (path: string, { code }: MediaError): boolean =>
  (code === 'UNSUPPORTED_CONTENT' || code === 'EMPTY_FILE') && !hasMediaExtension(path)

function list(output: Output): number {
  for (const { name, group, accepts, summary } of operations) {
    output.event('operation', { operation: name, group, accepts, summary })
    output.line(`${colour.bold(name.padEnd(14))} ${summary} ${colour.dim(`(${accepts.join(', ')})`)}`)
  }
  output.line(colour.dim('\nmediamill run NAME FILE…  runs one;  mediamill run NAME --help  shows its parameters.'))
  return exitCodes.done
}

function help(named: readonly Operation[], output: Output): number {
  for (const { name, accepts, summary, params, examples } of named) {
    output.line(`${colour.bold(name)} (${accepts.join(', ')}): ${summary}\n`)
    for (const parameter of parametersOf(params as z.ZodObject)) {
      const { choices, minimum, maximum, defaultValue } = parameter
      const range = minimum !== undefined || maximum !== undefined ? ` ${minimum ?? ''}–${maximum ?? ''}` : ''
      const value = choices?.join('|') ?? `${parameter.type}${range}`
      const preset = defaultValue === undefined ? '' : `, default ${JSON.stringify(defaultValue)}`
      output.line(`  --${kebab(parameter.name)} <${value}>${preset}\n      ${parameter.description}`)
    }
    for (const { title, params: example } of examples) {
      const flags = Object.entries(example).map(([key, value]) => `--${kebab(key)} ${value}`)
      output.line(`\n  ${title}:\n    mediamill run ${name} FILE ${flags.join(' ')}`)
    }
    output.line('')
  }
  return exitCodes.done
}
