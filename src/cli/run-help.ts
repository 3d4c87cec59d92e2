import type { z } from 'zod'
import type { CollectionOperation } from '../operations/collection-operation.ts'
import { collectionOperations, operations } from '../operations/index.ts'
import type { Operation } from '../operations/operation.ts'
import { type Parameter, parametersOf } from '../operations/parameters.ts'
import { colour, exitCodes, type Output } from './output.ts'
import { kebab } from './run-words.ts'

/** Lists all operations with a sentence each. */
export function listOperations(output: Output): number {
  for (const { name, group, accepts, summary } of operations) {
    output.event('operation', { operation: name, group, accepts, summary })
    output.line(`${colour.bold(name.padEnd(18))} ${summary} ${colour.dim(`(${accepts.join(', ')})`)}`)
  }
  for (const { name, group, summary } of collectionOperations) {
    output.event('operation', { operation: name, group, accepts: ['collection'], summary })
    output.line(`${colour.bold(name.padEnd(18))} ${summary} ${colour.dim('(collection)')}`)
  }
  output.line(
    colour.dim(
      '\nmediamill run NAME FILE…  runs one;  --collection ID|FOLDER  runs it over a collection;  mediamill run NAME --help  shows its parameters.',
    ),
  )
  return exitCodes.done
}

/** Shows what the operations of a name take, with examples. */
export function helpOperations(named: readonly (Operation | CollectionOperation)[], output: Output): number {
  for (const operation of named) {
    const { name, summary, examples } = operation
    const isForFiles = 'accepts' in operation
    const takes = isForFiles ? operation.accepts.join(', ') : 'collection'
    output.line(`${colour.bold(name)} (${takes}): ${summary}\n`)
    for (const line of parameterLines(operation.params as z.ZodObject)) output.line(line)
    if (isForFiles) {
      output.line('  --collection <id or folder>\n      Runs it over all of a collection, as a job.')
      if (operation.artifacts.length > 0)
        output.line('  --out <folder>\n      Copies the new files there, under the names of their originals.')
    }
    for (const { title, params } of examples) {
      const flags = Object.entries(params).map(([key, value]) => ` --${kebab(key)} ${quoted(value)}`)
      const subject = isForFiles ? 'FILE' : '--collection ~/Pictures'
      output.line(`\n  ${title}:\n    mediamill run ${name} ${subject}${flags.join('')}`)
    }
    output.line('')
  }
  return exitCodes.done
}

function parameterLines(schema: z.ZodObject): string[] {
  return parametersOf(schema).map(({ name, description, variants = [], ...parameter }) => {
    const shapes = variants.map(
      ({ name: shape, parameters }) =>
        `\n      ${[colour.bold(shape), ...parameters.map((one) => `${one.name} <${typeInWords(one)}>${presetOf(one)}`)].join('  ')}`,
    )
    return `  --${kebab(name)} <${typeInWords(parameter)}>${presetOf(parameter)}\n      ${description}${shapes.join('')}`
  })
}

type Shown = Omit<Parameter, 'name' | 'description'>

function typeInWords({ type, choices, minimum, maximum }: Shown): string {
  const range = minimum !== undefined || maximum !== undefined ? ` ${minimum ?? ''}–${maximum ?? ''}` : ''
  const one = choices?.join('|') ?? `${type}${range}`
  return type === 'array' && choices ? `${one},…` : one
}

const presetOf = ({ defaultValue }: Shown): string =>
  defaultValue === undefined ? '' : `, default ${JSON.stringify(defaultValue)}`

/** A parameter's value as a shell takes it. */
export function quoted(value: unknown): string {
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  return /^[\w.,:/%-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
