/**
 * Writes docs/reference from the declarations that the program itself runs on. With --check it writes nothing and exits
 * with 1 when a page is stale, so that no page can tell what is no longer so.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createApp } from '../src/app.ts'
import { quoted } from '../src/cli/run-help.ts'
import { kebab } from '../src/cli/run-words.ts'
import { loadConfig } from '../src/config.ts'
import { createServer } from '../src/http/server.ts'
import { collectionOperations, operations } from '../src/operations/index.ts'
import type { Operation } from '../src/operations/operation.ts'
import { type Parameter, parametersOf } from '../src/operations/parameters.ts'

const folder = new URL('../docs/reference/', import.meta.url).pathname
const written = 'Written by `npm run docs` from the code; edits here are lost.'

/** Defaults that follow from the machine and so can not stand in a page. */
const machineMade = new Set(['data', 'workers.count', 'workers.budgetBytes', 'workers.memoryBytes'])

function operationsPage(): string {
  const sections = operations.map((operation) => {
    const { name, group, accepts, summary, category, dependsOn, version, artifacts } = operation
    const facts = [
      `\`POST /api/${group}/${name}\``,
      `\`mediamill run ${name} FILE\``,
      `takes ${accepts.map((kind) => `${kind}s`).join(', ')}`,
      `hangs on the file's ${dependsOn}`,
      `remembered as ${category}`,
      `version ${version}`,
      artifacts.length > 0 ? `makes ${artifacts.map((role) => `\`${role}\``).join(' or ')}` : 'makes no file',
    ]
    return [
      `## ${name} (${accepts.join(', ')})`,
      summary,
      facts.join(' · '),
      parameterTable(operation),
      examplesOf(operation, 'FILE', { path: '/photos/example' }),
    ].join('\n\n')
  })
  const onCollections = collectionOperations.map((operation) => {
    const { name, group, summary, version, artifacts } = operation
    const facts = [
      `\`POST /api/${group}/${name}\``,
      `\`mediamill run ${name} --collection FOLDER\``,
      'takes a collection',
      `version ${version}`,
      artifacts.length > 0 ? `makes ${artifacts.map((role) => `\`${role}\``).join(' or ')}` : 'makes no file',
    ]
    const parts = [`## ${name} (collection)`, summary, facts.join(' · '), parameterTable(operation)]
    return [...parts, examplesOf(operation, '--collection FOLDER', { collection: '/photos' })].join('\n\n')
  })
  return ['# Operations', written, ...sections, ...onCollections].join('\n\n')
}

function parameterTable({ params }: Pick<Operation, 'params'>): string {
  const parameters = parametersOf(params)
  if (parameters.length === 0) return 'It has no parameters.'
  const shapes = parameters.flatMap(({ name, variants = [] }) =>
    variants.map((variant) => `\`${name}\`, ${variant.name}:\n\n${tableOf(variant.parameters)}`),
  )
  return [tableOf(parameters), ...shapes].join('\n\n')
}

function tableOf(parameters: readonly Parameter[]): string {
  const rows = parameters.map((parameter) => {
    const preset = parameter.defaultValue === undefined ? '' : `\`${JSON.stringify(parameter.defaultValue)}\``
    return `| \`${parameter.name}\` | ${valuesOf(parameter)} | ${preset} | ${parameter.description} |`
  })
  return ['| parameter | values | default | |', '|---|---|---|---|', ...rows].join('\n')
}

function valuesOf({ type, choices, minimum, maximum }: Parameter): string {
  if (choices) return choices.map((choice) => `\`${choice}\``).join(' ')
  return minimum === undefined && maximum === undefined ? type : `${type} ${minimum ?? ''}–${maximum ?? ''}`
}

function examplesOf(
  { name, group, examples }: Pick<Operation, 'name' | 'group' | 'examples'>,
  subject: string,
  named: object,
): string {
  return examples
    .map(({ title, params }) => {
      const body = JSON.stringify({ ...named, ...params })
      const flags = Object.entries(params).map(([key, value]) => ` --${kebab(key)} ${quoted(value)}`)
      return `${title}:\n\n\`\`\`\nmediamill run ${name} ${subject}${flags.join('')}\nPOST /api/${group}/${name} ${body}\n\`\`\``
    })
    .join('\n\n')
}

function settingsPage(): string {
  const rows = loadConfig({}, {}).entries.map(({ name, variable, value, description }) => {
    const preset = machineMade.has(name) ? 'by the machine' : `\`${JSON.stringify(value)}\``
    return `| \`${name}\` | \`${variable}\` | ${preset} | ${description} |`
  })
  return [
    '# Settings',
    written,
    'Flags come first, then the environment, then `config.json` in the data folder (`{ "workers": { "count": 4 } }`), then the defaults. `mediamill config` shows the values in force and where each comes from.',
    ['| setting | environment | default | |', '|---|---|---|---|', ...rows].join('\n'),
  ].join('\n\n')
}

interface Described {
  readonly summary?: string
  /** Of operations, whose summary is their name, it begins with the sentence on what they do. */
  readonly description?: string
  readonly tags?: readonly string[]
}

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>
}

async function httpPage(): Promise<string> {
  const data = mkdtempSync(join(tmpdir(), 'mediamill-docs-'))
  const app = createApp(loadConfig({ data, logLevel: 'silent' }, {}).config)
  const server = await createServer({ ...app, makeSample: async () => data })
  try {
    await server.ready()
    const { paths } = (await server.inject({ url: '/docs/json', headers: { host: 'localhost' } })).json() as OpenApi
    const routes = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { summary = '', description = '', tags = [] }]) => ({
        method,
        path,
        summary: summary.endsWith('.') ? summary : (description.split('\n')[0] ?? ''),
        tag: tags[0] ?? '',
      })),
    )
    const sections = [...new Set(routes.map(({ tag }) => tag))].map((tag) => {
      const rows = routes
        .filter((route) => route.tag === tag)
        .map(({ method, path, summary }) => `| ${method.toUpperCase()} | \`${path}\` | ${summary} |`)
      return [`## ${tag}`, ['| | | |', '|---|---|---|', ...rows].join('\n')].join('\n\n')
    })
    return [
      '# HTTP',
      written,
      'A running server has the whole of it with schemas and examples at `/docs`.',
      ...sections,
    ].join('\n\n')
  } finally {
    await server.close()
    await app.stop()
    rmSync(data, { recursive: true, force: true })
  }
}

const pages = { 'operations.md': operationsPage(), 'settings.md': settingsPage(), 'http.md': await httpPage() }
const isCheck = process.argv.includes('--check')
mkdirSync(folder, { recursive: true })
for (const [name, text] of Object.entries(pages)) {
  const path = join(folder, name)
  if (!isCheck) writeFileSync(path, `${text}\n`)
  else if (read(path) !== `${text}\n`) {
    console.error(`docs/reference/${name} is stale: run "npm run docs" and commit it.`)
    process.exitCode = 1
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
