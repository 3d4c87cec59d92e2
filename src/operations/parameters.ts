import { z } from 'zod'
import { MediaError } from '../errors.ts'

/** One parameter of an operation as help, forms and reference pages show it; nested ones have a dot in their name. */
export interface Parameter {
  readonly name: string
  readonly type: 'string' | 'number' | 'integer' | 'boolean' | 'array' | 'object'
  readonly description: string
  /** Absent when the parameter has none and may be left out. */
  readonly defaultValue?: unknown
  /** The allowed words, when only some are. */
  readonly choices?: readonly string[]
  readonly minimum?: number
  readonly maximum?: number
}

interface JsonSchema {
  readonly type?: string
  readonly description?: string
  readonly default?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly JsonSchema[]
  readonly minimum?: number
  readonly maximum?: number
  readonly properties?: Readonly<Record<string, JsonSchema>>
}

/** The parameters of a schema in their order. */
export function parametersOf(schema: z.ZodObject): Parameter[] {
  return flatten(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema, '')
}

function flatten(schema: JsonSchema, prefix: string): Parameter[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, value]) => {
    if (value.properties) return flatten(value, `${prefix}${key}.`)
    const { minimum, maximum } = value
    const choices = value.enum?.map(String)
    return [
      {
        name: `${prefix}${key}`,
        type: (value.type ?? value.anyOf?.find((one) => one.type !== 'string')?.type ?? 'string') as Parameter['type'],
        description: value.description ?? '',
        ...(value.default === undefined ? {} : { defaultValue: value.default }),
        ...(choices ? { choices } : {}),
        ...(minimum !== undefined && minimum > -1e9 ? { minimum } : {}),
        ...(maximum !== undefined && maximum < 1e9 ? { maximum } : {}),
      },
    ]
  })
}

/**
 * Makes parameters of texts, as command lines and forms give them: `{ 'a.b': '3' }` becomes `{ a: { b: 3 } }`.
 * What does not fit its type stays a text, for the schema to refuse in its own words.
 */
export function parametersFromTexts(
  schema: z.ZodObject,
  texts: Readonly<Record<string, string>>,
): Record<string, unknown> {
  const known = new Map(parametersOf(schema).map((parameter) => [parameter.name, parameter]))
  const result: Record<string, unknown> = {}
  for (const [name, text] of Object.entries(texts)) {
    // A name such as "__proto__.x" would reach what all objects share; as a whole it is just an unknown one.
    const keys = name.includes('__proto__') ? [name] : name.split('.')
    const last = keys.pop() ?? name
    let at = result
    for (const key of keys) {
      if (typeof at[key] !== 'object') at[key] = {}
      at = at[key] as Record<string, unknown>
    }
    at[last] = fromText(text, known.get(name)?.type)
  }
  return result
}

function fromText(text: string, type: Parameter['type'] | undefined): unknown {
  if (type === 'number' || type === 'integer')
    return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text
  if (type === 'boolean') return text === 'true' || text === '' ? true : text === 'false' ? false : text
  if (type === 'array') return text.split(',')
  return text
}

/** Parses parameters by a schema, unknown names refused. Throws PARAMS_INVALID saying what was expected and what came. */
export function parseParameters(schema: z.ZodObject, given: unknown): Record<string, unknown> {
  const parsed = schema.strict().safeParse(given)
  if (parsed.success) return parsed.data
  throw new MediaError('PARAMS_INVALID', [sentenceOf(parsed.error, schema, given)])
}

function sentenceOf(error: z.ZodError, schema: z.ZodObject, given: unknown): string {
  return error.issues
    .map((issue) => {
      if (issue.code === 'unrecognized_keys') {
        const names = parametersOf(schema).map((parameter) => parameter.name)
        return `There is no parameter "${issue.keys.join('", "')}"; known are: ${names.join(', ') || 'none'}.`
      }
      const name = issue.path.join('.')
      const came = issue.path.reduce<unknown>(
        (at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key],
        given,
      )
      return `${issue.message.replace(/^Invalid input: /, '').replace(/^./, (first) => first.toUpperCase())} for "${name}", but it was ${JSON.stringify(came)}.`
    })
    .join(' ')
}
