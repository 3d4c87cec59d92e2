import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MediaError } from '../../src/errors.ts'
import { runOperation } from '../../src/executor/run.ts'
import type { Kind } from '../../src/media/formats.ts'
import { findOperation, operations } from '../../src/operations/index.ts'
import { parametersOf, parseParameters } from '../../src/operations/parameters.ts'
import { anApp, dataIn } from '../support/app.ts'
import { makeFilm } from '../support/films.ts'
import { aFolder, aPhoto } from '../support/library.ts'
import { fileOf } from '../support/pictures.ts'

const folder = aFolder()
const app = anApp(dataIn(folder.path))
const files: Partial<Record<Kind, string>> = {}

beforeAll(async () => {
  files.picture = fileOf('contract.jpg', await aPhoto(1, 640, 480))
  files.film = join(folder.path, 'contract.mp4')
  await makeFilm(files.film)
})

afterAll(async () => {
  await app.stop()
  folder[Symbol.dispose]()
})

const fileFor = (kinds: readonly Kind[]) => files[kinds[0] ?? 'picture'] ?? ''

describe.each(operations.map((operation) => [`${operation.group}/${operation.name}`, operation] as const))(
  '%s',
  (_, operation) => {
    it('can be found by its name and each kind that it accepts', () => {
      for (const kind of operation.accepts) expect(findOperation(operation.name, kind)).toBe(operation)
    })

    it('takes no parameters at all, and refuses one that it does not know', () => {
      expect(() => parseParameters(operation.params, {})).not.toThrow()
      expect(() => parseParameters(operation.params, { noSuchParameter: 1 })).toThrow(/There is no parameter/)
    })

    it('describes every parameter and shows at least one example', () => {
      for (const { name, description } of parametersOf(operation.params))
        expect([name, description]).not.toEqual([name, ''])
      expect(operation.examples.length).toBeGreaterThan(0)
    })

    it.each(operation.examples.map(({ title, params }) => [title, params] as const))(
      'runs its example "%s", answers by its schema, and remembers the answer',
      async (__, params) => {
        const request = { path: fileFor(operation.accepts), operation: operation.name, group: operation.group, params }
        const answer = await runOperation(app, request)
        expect(operation.result.strict().parse(answer.result)).toEqual(answer.result)
        const role = (params as { role?: string }).role
        expect(answer.artifacts.map((artifact) => artifact.role)).toEqual(
          role ? [role] : operation.artifacts.slice(0, 1),
        )
        const again = await runOperation(app, request)
        expect([again.cached, again.result]).toEqual([true, answer.result])
      },
    )

    it('leaves nothing when nobody waits any more', async () => {
      const control = new AbortController()
      control.abort()
      const request = {
        path: fileFor(operation.accepts),
        operation: operation.name,
        group: operation.group,
        retry: true,
      }
      const params = operation.name === 'thumbnail' ? { edge: 77 } : {}
      const run = runOperation(app, { ...request, params, signal: control.signal })
      // What is remembered may be told all the same.
      const outcome = await run.catch((error: unknown) => (error as MediaError).code)
      if (operation.name === 'thumbnail') expect(outcome).toBe('CANCELLED')
      expect(app.executor.admission.usedBytes).toBe(0)
    })
  },
)
