import { z } from 'zod'

/** The part of JSON Schema that parameters are described by. */
export interface JsonSchema {
  readonly type?: string
  readonly description?: string
  readonly default?: unknown
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly minimum?: number
  readonly maximum?: number
  readonly items?: JsonSchema
  readonly properties?: Readonly<Record<string, JsonSchema>>
}

/** What a schema takes, as JSON Schema; the same object for the same schema. */
export function jsonSchemaOf(schema: z.ZodObject): JsonSchema {
  const known = made.get(schema)
  if (known) return known
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema
  made.set(schema, json)
  return json
}

const made = new WeakMap<z.ZodObject, JsonSchema>()

/** The alternatives of a union; a schema that is none is its only one. */
export const optionsOf = (schema: JsonSchema): readonly JsonSchema[] => schema.oneOf ?? schema.anyOf ?? [schema]

/** Whether some alternative is of this type. */
export const takes = (schema: JsonSchema, type: string): boolean => optionsOf(schema).some((one) => one.type === type)

/** The property by whose constant value the alternatives are told apart, such as `kind`; undefined when there is none. */
export function discriminatorOf(options: readonly JsonSchema[]): string | undefined {
  const names = Object.keys(options[0]?.properties ?? {})
  return names.find((name) => options.every(({ properties }) => properties?.[name]?.const !== undefined))
}

/** The schema of what lies at a path in a value; of a union the alternative that the value means. */
export function schemaAt(schema: JsonSchema, path: readonly PropertyKey[], value: unknown): JsonSchema | undefined {
  const meant = meantBy(schema, value)
  const [key, ...rest] = path
  if (key === undefined) return meant
  const inner = typeof key === 'number' ? meant?.items : meant?.properties?.[String(key)]
  return inner && schemaAt(inner, rest, (value as Record<PropertyKey, unknown> | undefined)?.[key])
}

function meantBy(schema: JsonSchema, value: unknown): JsonSchema | undefined {
  const options = optionsOf(schema)
  const name = discriminatorOf(options)
  if (options.length === 1 || name === undefined) {
    const type = Array.isArray(value) ? 'array' : typeof value
    return options.find((option) => option.type === type) ?? options[0]
  }
  return options.find(
    (option) => option.properties?.[name]?.const === (value as Record<string, unknown> | null)?.[name],
  )
}
