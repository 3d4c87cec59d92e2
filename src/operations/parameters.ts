import type { z } from 'zod'
import { MediaError } from '../errors.ts'
import { sentencesOf } from './parameter-errors.ts'
import { discriminatorOf, type JsonSchema, jsonSchemaOf, optionsOf, takes } from './parameter-schema.ts'

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
  /** The shapes that the elements of an array of objects may have. */
  readonly variants?: readonly ParameterVariant[]
}

/** A shape of an object, named by what tells it from the others, such as `kind`. */
export interface ParameterVariant {
  /** As `kind: crop`; empty when there is only one shape. */
  readonly name: string
  readonly parameters: readonly Parameter[]
}

/** The parameters of a schema in their order. */
export function parametersOf(schema: z.ZodObject): Parameter[] {
  return flatten(jsonSchemaOf(schema), '')
}

function flatten(schema: JsonSchema, prefix: string): Parameter[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, value]) => {
    if (value.properties) return flatten(value, `${prefix}${key}.`)
    const { minimum, maximum } = value
    const choices = (value.enum ?? (value.type === 'array' ? value.items?.enum : undefined))?.map(String)
    const variants = variantsOf(value)
    return [
      {
        name: `${prefix}${key}`,
        type: typeOf(value),
        description: value.description ?? '',
        ...(value.default === undefined ? {} : { defaultValue: value.default }),
        ...(choices ? { choices } : {}),
        ...(minimum !== undefined && minimum > -1e9 ? { minimum } : {}),
        ...(maximum !== undefined && maximum < 1e9 ? { maximum } : {}),
        ...(variants.length > 0 ? { variants } : {}),
      },
    ]
  })
}

/** A union goes by its first alternative that is no plain text, since texts are always understood. */
const typeOf = (schema: JsonSchema): Parameter['type'] =>
  (schema.type ?? optionsOf(schema).find((one) => one.type !== 'string')?.type ?? 'string') as Parameter['type']

function variantsOf({ items }: JsonSchema): ParameterVariant[] {
  if (!items || !takes(items, 'object')) return []
  const options = optionsOf(items)
  const name = options.length > 1 ? discriminatorOf(options) : undefined
  return options.map((option) => ({
    name: name === undefined ? '' : `${name}: ${option.properties?.[name]?.const}`,
    parameters: flatten(option, '').filter((parameter) => parameter.name !== name),
  }))
}

/**
 * Makes parameters of texts, as command lines and forms give them: `{ 'a.b': '3' }` becomes `{ a: { b: 3 } }`, lists are
 * divided at commas, and what begins like JSON where an array or an object is expected is read as JSON.
 * What does not fit its type stays a text, for the schema to refuse in its own words.
 */
export function parametersFromTexts(
  schema: z.ZodObject,
  texts: Readonly<Record<string, string>>,
): Record<string, unknown> {
  const json = jsonSchemaOf(schema)
  const result: Record<string, unknown> = {}
  for (const [name, text] of Object.entries(texts)) {
    // A name such as "__proto__.x" would reach what all objects share; as a whole it is just an unknown one.
    const keys = name.includes('__proto__') ? [name] : name.split('.')
    const last = keys.pop() ?? name
    let at = result
    let described: JsonSchema | undefined = json
    for (const key of keys) {
      if (typeof at[key] !== 'object') at[key] = {}
      at = at[key] as Record<string, unknown>
      described = propertyOf(described, key)
    }
    at[last] = fromText(text, propertyOf(described, last))
  }
  return result
}

const propertyOf = (schema: JsonSchema | undefined, name: string): JsonSchema | undefined =>
  schema?.properties && Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined

function fromText(text: string, schema: JsonSchema | undefined): unknown {
  if (!schema) return text
  const isJson = /^\s*[[{]/.test(text) && (takes(schema, 'array') || takes(schema, 'object'))
  const parsed = isJson ? parsedJson(text) : undefined
  if (parsed !== undefined) return parsed
  const type = typeOf(schema)
  if (type === 'number' || type === 'integer')
    return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text
  if (type === 'boolean') return text === 'true' || text === '' ? true : text === 'false' ? false : text
  const { items } = optionsOf(schema).find((one) => one.type === 'array') ?? {}
  // A list of objects can not be written with commas.
  if (type !== 'array' || (items && takes(items, 'object'))) return text
  return text.split(',').map((part) => (items ? fromText(part, items) : part))
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Parameters as a schema reads them, or what is wrong with them. */
export type ReadParameters = { readonly data: Record<string, unknown> } | { readonly fault: () => MediaError }

/**
 * Reads parameters by a schema, unknown names refused. A fault is put into words only when somebody asks for them: `thumbnail` is
 * one operation for pictures and one for films, and what only one of them takes would cost each request 0.1 ms.
 */
export function readParameters(schema: z.ZodObject, given: unknown): ReadParameters {
  const parsed = strictOf(schema).safeParse(given)
  if (parsed.success) return { data: parsed.data }
  return { fault: () => new MediaError('PARAMS_INVALID', [sentencesOf(parsed.error, schema, given)]) }
}

/** Parses parameters by a schema, unknown names refused. Throws PARAMS_INVALID saying what was expected and what came. */
export function parseParameters(schema: z.ZodObject, given: unknown): Record<string, unknown> {
  const read = readParameters(schema, given)
  if ('fault' in read) throw read.fault()
  return read.data
}

// A schema compiles itself when it first parses, which costs a hundred times what parsing does.
const stricts = new WeakMap<z.ZodObject, z.ZodObject>()

function strictOf(schema: z.ZodObject): z.ZodObject {
  const strict = stricts.get(schema) ?? schema.strict()
  stricts.set(schema, strict)
  return strict
}
