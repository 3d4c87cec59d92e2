import type { CacheCategory } from '../../cache/categories.ts'
import type { Selection } from '../../catalog/selections.ts'
import type { Priority } from '../../executor/admission.ts'
import { type Asked, stepOf, stepsFor } from '../../executor/steps.ts'
import type { Step } from '../../executor/task.ts'
import type { Kind } from '../../media/formats.ts'
import type { CollectionOperation } from '../../operations/collection-operation.ts'
import { findCollectionOperation, findOperation } from '../../operations/index.ts'
import { parseParameters } from '../../operations/parameters.ts'
import { drawSample } from '../../operations/sample.ts'
import type { JobTools } from '../job-run.ts'

/** What a bulk run is asked to do, as its job records it. */
export interface RunAsked extends Asked {
  readonly selection: Selection
}

/** What a bulk run does with each file of its selection, and with all of them in the end. */
export interface RunPlan {
  /** Kinds of media it is about. */
  readonly kinds: readonly Kind[]
  /** Steps for a file; none when it is not meant. */
  steps(asset: { readonly id: string; readonly kind: Kind; readonly format: string }): readonly Step[]
  readonly priority: Priority
  /** The operation on the whole collection that follows. */
  readonly collection?: { readonly operation: CollectionOperation; readonly params: Record<string, unknown> }
}

/** Makes the plan of a run. Throws OPERATION_UNKNOWN and PARAMS_INVALID, and what is wrong with files that are named. */
export async function planRun(tools: JobTools, asked: RunAsked): Promise<RunPlan> {
  const operation = findCollectionOperation(asked.operation)
  if (operation) return planCollection(tools, operation, asked)
  const found = await stepsFor(tools, asked)
  const kinds = [...new Set(found.steps.flatMap((step) => step.operation.accepts))]
  const [first] = found.steps
  return {
    kinds,
    steps: ({ kind }) => [stepOf(found, kind)],
    priority: priorities[first?.operation.category ?? 'analysis'] ?? 'analysis',
  }
}

function planCollection({ catalog }: JobTools, operation: CollectionOperation, asked: RunAsked): RunPlan {
  const params = parseParameters(operation.params, asked.params)
  const needed = operation.needs(params).flatMap(({ operation: name, params: given = {}, kinds, sample }) =>
    (kinds ?? allKinds).flatMap((kind) => {
      const needed = findOperation(name, kind)
      if (!needed || sample === 0) return []
      const step: Step = { operation: needed, params: parseParameters(needed.params, given), label: name }
      return [{ kind, step, isMeant: sample === undefined ? undefined : drawn(kind, sample) }]
    }),
  )
  return {
    kinds: allKinds,
    steps: (asset) =>
      needed.filter(({ kind, isMeant }) => kind === asset.kind && (isMeant?.(asset) ?? true)).map(({ step }) => step),
    priority: 'analysis',
    collection: { operation, params },
  }

  /** Tells whether an asset is one of the few of its format that stand for all. */
  function drawn(kind: Kind, size: number) {
    const samples = new Map<string, ReadonlySet<string>>()
    return ({ id, format }: { id: string; format: string }): boolean => {
      const known = samples.get(format)
      const sample = known ?? new Set(drawSample(catalog.selections.sizes(asked.selection, [kind], format), size))
      if (!known) samples.set(format, sample)
      return sample.has(id)
    }
  }
}

const allKinds: readonly Kind[] = ['picture', 'film', 'sound']

/** How urgent bulk work of a category is. */
const priorities: Partial<Record<CacheCategory, Priority>> = {
  metadata: 'metadata',
  probe: 'metadata',
  thumbnail: 'thumbnails',
  conversion: 'conversion',
}
