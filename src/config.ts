import { existsSync, readFileSync } from 'node:fs'
import { homedir, platform } from 'node:os'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { cacheSettings } from './cache/settings.ts'
import { MediaError } from './errors.ts'
import { executorSettings } from './executor/settings.ts'
import { serverSettings } from './http/settings.ts'

/** Everything that can be set, gathered from the parts that own it. */
const schema = z.object({
  data: z
    .string()
    .default(() => defaultDataFolder())
    .describe('Folder that holds everything mediamill keeps: catalog, cache, artifacts.'),
  roots: z
    .array(z.string())
    .default(() => [])
    .describe('Folders whose files may be named by path, besides those of the collections.'),
  logLevel: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'])
    .default('warn')
    .describe('How much is logged to stderr.'),
  server: serverSettings.prefault({}),
  workers: executorSettings.prefault({}),
  cache: cacheSettings.prefault({}),
})

/** Effective settings of the whole program. */
export type Config = z.output<typeof schema>

/** Where a value came from. */
export type Origin = 'flag' | 'environment' | 'file' | 'default'

/** One setting with its effective value, its origin and what it is for. */
export interface ConfigEntry {
  /** `workers.count`. */
  readonly name: string
  /** `MEDIAMILL_WORKERS_COUNT`. */
  readonly variable: string
  readonly value: unknown
  readonly origin: Origin
  readonly description: string
}

/** Flags by setting name; undefined ones count as not given. */
export type Flags = Readonly<Record<string, unknown>>

/**
 * The settings in force, by flags > environment > file > defaults. Throws
 * CONFIG_INVALID naming the bad value's source, or PARAMS_INVALID when that is a flag. Empty variables count as not set.
 */
export function loadConfig(
  flags: Flags,
  environment: NodeJS.ProcessEnv = process.env,
): { config: Config; entries: ConfigEntry[] } {
  const data = resolve(String(flags.data ?? (environment.MEDIAMILL_DATA || defaultDataFolder())))
  const file = readConfigFile(join(data, 'config.json'))
  const given: Record<string, unknown> = {}
  const entries: Omit<ConfigEntry, 'value'>[] = []
  for (const { name, description } of settings()) {
    const variable = `MEDIAMILL_${name
      .replace(/([A-Z])/g, '_$1')
      .replace(/\./g, '_')
      .toUpperCase()}`
    const fromFile = name
      .split('.')
      .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], file)
    const [origin, value] =
      flags[name] !== undefined
        ? (['flag', flags[name]] as const)
        : environment[variable]
          ? (['environment', fromText(name, environment[variable])] as const)
          : fromFile !== undefined
            ? (['file', fromFile] as const)
            : (['default', undefined] as const)
    if (value !== undefined) put(given, name, value)
    entries.push({ name, variable, origin, description })
  }
  const parsed = schema.safeParse(given)
  if (!parsed.success) throw invalid(parsed.error, entries, given)
  const config = { ...parsed.data, data, roots: parsed.data.roots.map((root) => resolve(root)) }
  return {
    config,
    entries: entries.map((entry) => ({ ...entry, value: get(config, entry.name) })),
  }
}

/** Every setting by name with its description, nested ones with a dot. */
function settings(): { name: string; description: string }[] {
  const visit = (shape: z.ZodRawShape, prefix: string): { name: string; description: string }[] =>
    Object.entries(shape).flatMap(([key, value]) => {
      const inner = unwrap(value as z.ZodType)
      if (inner instanceof z.ZodObject) return visit(inner.shape, `${prefix}${key}.`)
      return [{ name: `${prefix}${key}`, description: (value as z.ZodType).description ?? '' }]
    })
  return visit(schema.shape, '')
}

function unwrap(type: z.ZodType): z.ZodType {
  return type instanceof z.ZodPrefault || type instanceof z.ZodDefault ? unwrap(type.unwrap() as z.ZodType) : type
}

function readConfigFile(path: string): Record<string, unknown> {
  if (!existsSync(path)) return {}
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new MediaError('CONFIG_INVALID', ['file', 'JSON', path, (error as Error).message], { cause: error })
  }
}

/** Lists come as `a:b` in the environment, like PATH. */
const fromText = (name: string, text: string): unknown =>
  name === 'roots' ? text.split(platform() === 'win32' ? ';' : ':').filter(Boolean) : text

const get = (from: unknown, name: string): unknown =>
  name.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], from)

function put(into: Record<string, unknown>, name: string, value: unknown): void {
  const keys = name.split('.')
  const last = keys.pop() ?? name
  let at = into
  for (const key of keys) {
    at[key] ??= {}
    at = at[key] as Record<string, unknown>
  }
  at[last] = value
}

function invalid(error: z.ZodError, entries: readonly Omit<ConfigEntry, 'value'>[], given: unknown): MediaError {
  const issue = error.issues[0]
  const name = issue?.path.join('.') ?? ''
  const entry = entries.find((candidate) => candidate.name === name)
  const sources = {
    flag: 'the flag',
    environment: `the variable ${entry?.variable}`,
    file: 'config.json',
    default: 'the default',
  }
  const source = entry ? sources[entry.origin] : 'config.json'
  const expected = (issue?.message ?? 'valid').replace(/^[A-Z][\w ]*: (expected )?/, '').replace(/, received .*$/, '')
  const problem = new MediaError('CONFIG_INVALID', [name, expected, source, JSON.stringify(get(given, name))])
  // A bad flag is bad input; everything else is a bad installation.
  return entry?.origin === 'flag' ? new MediaError('PARAMS_INVALID', [problem.message]) : problem
}

function defaultDataFolder(): string {
  if (platform() === 'darwin') return join(homedir(), 'Library', 'Application Support', 'mediamill')
  if (platform() === 'win32') return join(process.env.LOCALAPPDATA || join(homedir(), 'AppData', 'Local'), 'mediamill')
  return join(process.env.XDG_DATA_HOME || join(homedir(), '.local', 'share'), 'mediamill')
}
