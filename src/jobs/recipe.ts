import { createHash } from 'node:crypto'
import type { Step } from '../executor/task.ts'
import type { Kind } from '../media/formats.ts'
import { engineVersions } from '../media/versions.ts'
import { findOperation } from '../operations/index.ts'

/** What an import does with each kind of media, in this order: cheap facts first, so that a crash later leaves them. */
const recipe: Readonly<Record<Kind, readonly (readonly [operation: string, params?: Record<string, unknown>])[]>> = {
  picture: [
    ['metadata'],
    ['thumbnail', { edge: 1440, format: 'jpeg', role: 'preview' }],
    ['thumbnail'],
    ['placeholder'],
    ['fingerprint'],
    ['analyze'],
  ],
  film: [
    ['probe'],
    ['metadata'],
    ['thumbnail', { edge: 1440, format: 'jpeg', role: 'preview' }],
    ['thumbnail'],
    ['sprite'],
    ['quality-issues'],
    ['fingerprint'],
    ['preview'],
  ],
  sound: [['probe'], ['metadata'], ['quality-issues']],
}

const steps = new Map<Kind, readonly Step[]>()

/** The steps of an import for a kind of media, parameters parsed. */
export function importSteps(kind: Kind): readonly Step[] {
  const known = steps.get(kind)
  if (known) return known
  const made = recipe[kind].map(([name, params = {}]): Step => {
    const operation = findOperation(name, kind)
    if (!operation) throw new Error(`the import recipe names "${name}", which does not take a ${kind}`)
    const role = params.role === undefined ? '' : `:${params.role}`
    return { operation, params: operation.params.parse(params), label: `${name}${role}` }
  })
  steps.set(kind, made)
  return made
}

/** What finished and failed files must have been imported with, to be left alone. */
export interface RecipeMarks {
  readonly finished: string
  /** Changes with every release of a decoder: what one could not read, the next one may. */
  readonly failed: string
}

/**
 * Two short texts for everything an import's results hang on: steps, parameters, versions of operations and decoders.
 * Files imported with another one are looked at again; what is remembered of them is not made anew.
 */
export function recipeMarks(): RecipeMarks {
  const parts = (Object.keys(recipe) as Kind[]).flatMap((kind) =>
    importSteps(kind).map(({ operation, params }) => [kind, operation.name, operation.version, params]),
  )
  const { series, exact } = engineVersions()
  return { finished: markOf([parts, series]), failed: markOf([parts, exact]) }
}

const markOf = (parts: unknown): string => createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)
