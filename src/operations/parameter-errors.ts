import type { z } from 'zod'
import { inWords } from './expectations.ts'
import { discriminatorOf, type JsonSchema, jsonSchemaOf, optionsOf, schemaAt } from './parameter-schema.ts'

type Issue = z.ZodError['issues'][number]
type Path = readonly PropertyKey[]

/** What is wrong with parameters, for people: a sentence for each, saying where it lies, what was expected and what came. */
export function sentencesOf(error: z.ZodError, schema: z.ZodObject, given: unknown): string {
  const told = new Set<string>()
  return error.issues
    .flatMap((issue) => narrowed(issue, []))
    .filter(({ issue, path }) => {
      // Of several faults of one value the first is the true one: "no array", not "too short" as well.
      const place = issue.code === 'unrecognized_keys' ? '' : path.join('.')
      return place === '' || (!told.has(place) && told.add(place))
    })
    .map(({ issue, path }) => sentenceOf(issue, path, jsonSchemaOf(schema), given))
    .join(' ')
}

interface Placed {
  readonly issue: Issue
  readonly path: Path
}

/** Of a union the faults of the alternative that came closest, when one was right in its outermost type. */
function narrowed(issue: Issue, above: Path): Placed[] {
  const path = [...above, ...issue.path]
  if (issue.code !== 'invalid_union' || issue.message !== 'Invalid input') return [{ issue, path }]
  const closest = issue.errors.find((faults) => faults.every((fault) => fault.path.length > 0))
  return closest ? closest.flatMap((fault) => narrowed(fault, path)) : [{ issue, path }]
}

function sentenceOf(issue: Issue, path: Path, schema: JsonSchema, given: unknown): string {
  const place = placeOf(path, schema, given)
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(schemaAt(schema, path, given)?.properties ?? {}).flatMap((name) =>
      namesBelow(schemaAt(schema, [...path, name], given), name),
    )
    const within = path.length === 0 ? '' : ` ${place.replace(/^for/, 'in')}`
    return `There is no parameter "${issue.keys.join('", "')}"${within}; known are: ${known.join(', ') || 'none'}.`
  }
  const came = valueAt(given, path)
  const text = came === undefined ? 'it is missing' : `it was ${shortened(JSON.stringify(came) ?? String(came))}`
  return `${expectationOf(issue)} ${place}, but ${text}.`
}

const shortened = (text: string): string => (text.length > 120 ? `${text.slice(0, 117)}...` : text)

function expectationOf(issue: Issue): string {
  if (issue.code === 'invalid_union') {
    // Zod tells the words that tell the alternatives apart, though its types do not say so.
    if ('options' in issue && Array.isArray(issue.options)) return `Expected one of ${quoted(issue.options)}`
    if (issue.message === 'Invalid input') {
      const all = issue.errors.flatMap(([first]) => (first ? [expectationOf(first).replace(/^Expected /, '')] : []))
      return `Expected ${[...new Set(all)].join(' or ')}`
    }
  }
  if (issue.code === 'invalid_value')
    return `Expected ${issue.values.length > 1 ? 'one of ' : ''}${quoted(issue.values)}`
  const words = inWords(issue.message)
  return /^Invalid /.test(words) ? words : `Expected ${words}`
}

const quoted = (values: readonly unknown[]): string => values.map((value) => JSON.stringify(value)).join(', ')

/** `for "width" in number 3 of "steps" (kind: crop)`; people count from one. */
function placeOf(path: Path, schema: JsonSchema, given: unknown): string {
  const parts: string[] = []
  let from = 0
  for (const [at, key] of path.entries()) {
    if (typeof key !== 'number') continue
    const outer = path.slice(from, at)
    const kind = kindAt(path.slice(0, at + 1), schema, given)
    parts.push(`number ${key + 1} of "${outer.join('.')}"${kind}`)
    from = at + 1
  }
  if (from < path.length) parts.push(`"${path.slice(from).map(String).join('.')}"`)
  return `for ${parts.reverse().join(' in ') || 'the parameters'}`
}

/** What the element of a list calls itself, in brackets; empty when its kind is unknown. */
function kindAt(path: Path, schema: JsonSchema, given: unknown): string {
  const list = schemaAt(schema, path.slice(0, -1), given)
  const options = optionsOf(list?.items ?? {})
  const name = options.length > 1 ? discriminatorOf(options) : undefined
  const element = valueAt(given, path)
  const kind = name === undefined ? undefined : (element as Record<string, unknown> | null | undefined)?.[name]
  if (name === undefined || kind === undefined) return ''
  return options.some(({ properties }) => properties?.[name]?.const === kind) ? ` (${name}: ${kind})` : ''
}

const valueAt = (given: unknown, path: Path): unknown =>
  path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | null | undefined)?.[key], given)

/** A parameter's name, or those of what lies in it when it is an object. */
const namesBelow = (schema: JsonSchema | undefined, name: string): string[] =>
  schema?.properties
    ? Object.entries(schema.properties).flatMap(([inner, one]) => namesBelow(one, `${name}.${inner}`))
    : [name]
