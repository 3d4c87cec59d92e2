import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { MediaError } from '../../src/errors.ts'
import { otherFilesIn } from '../../src/executor/other-files.ts'
import { runOperation } from '../../src/executor/run.ts'
import type { Kind } from '../../src/media/formats.ts'
import { collectionOperations, findCollectionOperation, findOperation, operations } from '../../src/operations/index.ts'
import { exampleFiles } from '../../src/operations/operation.ts'
import { type Parameter, parametersFromTexts, parametersOf, parseParameters } from '../../src/operations/parameters.ts'
import { anApp, dataIn } from '../support/app.ts'
import { makeFilm } from '../support/films.ts'
import { aFolder, aPhoto } from '../support/library.ts'
import { fileOf } from '../support/pictures.ts'

const folder = aFolder()
const app = anApp(dataIn(folder.path))
const files: Partial<Record<Kind, string>> = {}
const others: Partial<Record<Kind, string>> = {}

beforeAll(async () => {
  files.picture = fileOf('contract.jpg', await aPhoto(1, 640, 480))
  files.film = join(folder.path, 'contract.mp4')
  others.picture = fileOf('contract-other.jpg', await aPhoto(2, 640, 480))
  others.film = join(folder.path, 'contract-other.mkv')
  await makeFilm(files.film)
  await makeFilm(others.film)
})

afterAll(async () => {
  await app.stop()
  folder[Symbol.dispose]()
})

const fileFor = (kinds: readonly Kind[]) => files[kinds[0] ?? 'picture'] ?? ''

/** What examples write for another file. */
const standIns: readonly string[] = Object.values(exampleFiles)

/** An example's parameters with a file of the operation's kind in the place of the one that stands for another. */
const withRealFile = (params: object, kinds: readonly Kind[]): Record<string, unknown> =>
  JSON.parse(JSON.stringify(params), (_, value) =>
    standIns.includes(value) ? (others[kinds[0] ?? 'picture'] ?? '') : value,
  )

/** Every parameter, those in the elements of lists included. */
const deepParameters = (parameters: readonly Parameter[]): Parameter[] =>
  parameters.flatMap((parameter) => [
    parameter,
    ...(parameter.variants ?? []).flatMap((variant) => deepParameters(variant.parameters)),
  ])

interface Described {
  readonly description?: string
  readonly properties?: Readonly<Record<string, Described>>
  readonly items?: Described
}

/** Fields of a result of which nothing is said, neither of them nor of what lies in them; some names say it themselves. */
function undescribed({ properties = {} }: Described, above = ''): string[] {
  return Object.entries(properties).flatMap(([name, value]) => {
    const inner = value.properties ? value : value.items?.properties ? value.items : undefined
    if (value.description !== undefined || selfEvident.test(name)) return []
    return inner ? undescribed(inner, `${above}${name}.`) : [`${above}${name}`]
  })
}

const selfEvident =
  /^(id|name|root|path|asset|kind|format|width|height|bytes|count|from|to|takenAt|pictures|films|sounds|groups|rated|unrated|undated|without|notJudged|.*Ms)$/

describe.each(operations.map((operation) => [`${operation.group}/${operation.name}`, operation] as const))(
  '%s',
  (_, operation) => {
    const madeRoles = new Set<string>()
    const reasons: unknown[] = []

    it('can be found by its name and each kind that it accepts', () => {
      for (const kind of operation.accepts) expect(findOperation(operation.name, kind)).toBe(operation)
    })

    it('takes no parameters at all or says which it needs, and refuses one that it does not know', () => {
      const needed = missingIn(operation.params)
      for (const name of needed) expect(parametersOf(operation.params).map((one) => one.name)).toContain(name)
      const known = operation.examples[0]?.params ?? {}
      expect(() => parseParameters(operation.params, known)).not.toThrow()
      expect(() => parseParameters(operation.params, { ...known, noSuchParameter: 1 })).toThrow(/There is no parameter/)
    })

    it('describes every parameter and shows at least one example', () => {
      for (const { name, description } of deepParameters(parametersOf(operation.params)))
        expect([name, description]).not.toEqual([name, ''])
      expect(operation.examples.length).toBeGreaterThan(0)
    })

    it('takes its examples as texts too, as command lines and forms give them', () => {
      for (const { params } of operation.examples) {
        const texts = Object.fromEntries(
          Object.entries(params).map(([name, value]) => [
            name,
            typeof value === 'object' ? JSON.stringify(value) : String(value),
          ]),
        )
        expect(parseParameters(operation.params, parametersFromTexts(operation.params, texts))).toEqual(
          parseParameters(operation.params, params),
        )
      }
    })

    it('names the other files of its parameters where it says so, and only there', () => {
      for (const { params } of operation.examples) {
        const parsed = parseParameters(operation.params, params)
        const named = otherFilesIn(operation, parsed)
        expect(named).toEqual(standIns.filter((name) => JSON.stringify(parsed).includes(`"${name}"`)))
        const mapped = operation.mapFiles?.(parsed, (name) => `/elsewhere/${name}`)
        for (const name of mapped ? standIns : []) expect(JSON.stringify(mapped)).not.toContain(`"${name}"`)
      }
      if (operation.mapFiles) {
        const examples = operation.examples.map(({ params }) => JSON.stringify(params)).join()
        const kind = operation.accepts.includes('picture') ? 'picture' : 'film'
        expect(examples).toContain(exampleFiles[kind])
      }
    })

    it.each(operation.examples.map(({ title, params }) => [title, params] as const))(
      'runs its example "%s", answers by its schema, and remembers the answer',
      async (__, example) => {
        const params = withRealFile(example, operation.accepts)
        const request = { path: fileFor(operation.accepts), operation: operation.name, group: operation.group, params }
        const answer = await runOperation(app, request)
        expect(operation.result.strict().parse(answer.result)).toEqual(answer.result)
        const roles = answer.artifacts.map((artifact) => artifact.role)
        for (const role of roles) expect(operation.artifacts).toContain(role)
        if (typeof params.role === 'string') expect(roles).toEqual([params.role])
        for (const role of roles) madeRoles.add(role)
        if (roles.length === 0) reasons.push((answer.result as { reason?: unknown }).reason)
        const again = await runOperation(app, request)
        expect([again.cached, again.result]).toEqual([true, answer.result])
        expect(again.artifacts).toEqual(answer.artifacts)
      },
    )

    it('makes in its examples the first of the files that it declares, or says why not', () => {
      const isExcused =
        madeRoles.size === 0 && reasons.length > 0 && reasons.every((reason) => typeof reason === 'string')
      if (!isExcused) expect([...madeRoles]).toEqual(expect.arrayContaining(operation.artifacts.slice(0, 1)))
    })

    it('leaves nothing when nobody waits any more', async () => {
      const control = new AbortController()
      control.abort()
      const request = {
        path: fileFor(operation.accepts),
        operation: operation.name,
        group: operation.group,
        retry: true,
      }
      const example = missingIn(operation.params).length > 0 ? (operation.examples[0]?.params ?? {}) : {}
      const needed = withRealFile(example, operation.accepts)
      const params = operation.name === 'thumbnail' ? { edge: 77 } : needed
      const run = runOperation(app, { ...request, params, signal: control.signal })
      // What is remembered may be told all the same.
      const outcome = await run.catch((error: unknown) => (error as MediaError).code)
      if (operation.name === 'thumbnail') expect(outcome).toBe('CANCELLED')
      expect(app.executor.admission.usedBytes).toBe(0)
    })
  },
)

/** The parameters without which an operation can not run, as its refusal names them. */
function missingIn(schema: z.ZodObject): string[] {
  try {
    parseParameters(schema, {})
    return []
  } catch (error) {
    if (!(error instanceof MediaError)) throw error
    const found = [...error.message.matchAll(/ for "([\w.]+)", but it is missing\./g)].map(([, name = '']) => name)
    expect(found, error.message).not.toEqual([])
    return found
  }
}

describe.each(collectionOperations.map((operation) => [`${operation.group}/${operation.name}`, operation] as const))(
  '%s, of a collection',
  (_, operation) => {
    it('can be found by its name, which no other operation has', () => {
      expect(findCollectionOperation(operation.name)).toBe(operation)
      expect(operations.map(({ name }) => name)).not.toContain(operation.name)
    })

    it('takes no parameters at all, and refuses one that it does not know', () => {
      expect(() => parseParameters(operation.params, {})).not.toThrow()
      expect(() => parseParameters(operation.params, { noSuchParameter: 1 })).toThrow(/There is no parameter/)
    })

    it('describes every parameter and what it answers', () => {
      for (const { name, description } of deepParameters(parametersOf(operation.params)))
        expect([name, description]).not.toEqual([name, ''])
      expect(undescribed(z.toJSONSchema(operation.result, { io: 'output' }) as Described)).toEqual([])
    })

    it('shows examples that it takes', () => {
      expect(operation.examples.length).toBeGreaterThan(0)
      for (const { params } of operation.examples) parseParameters(operation.params, params)
    })

    it('needs only what operations on files can answer', () => {
      for (const { params } of operation.examples) {
        for (const need of operation.needs(parseParameters(operation.params, params))) {
          const named = operations.filter(({ name }) => name === need.operation)
          expect(named.length, need.operation).toBeGreaterThan(0)
          for (const kind of need.kinds ?? []) expect(findOperation(need.operation, kind)).toBeDefined()
          const fitting = named.filter(({ params: schema }) => schema.strict().safeParse(need.params ?? {}).success)
          expect(fitting.length, need.operation).toBeGreaterThan(0)
        }
      }
    })
  },
)

describe('all operations together', () => {
  it('have names that are unique within a kind of media', () => {
    const names = operations.flatMap(({ name, accepts }) => accepts.map((kind) => `${kind} ${name}`))
    expect(names).toEqual([...new Set(names)])
    const collections = collectionOperations.map(({ name }) => name)
    expect(collections).toEqual([...new Set(collections)])
  })
})
