import type { z } from 'zod'
import type { FormatName, Kind } from '../media/formats.ts'
import type { OperationExample, OperationGroup, OperationIo } from './operation.ts'

/** A file of a collection with what was found out about it. */
export interface Member {
  /** Content id. */
  readonly asset: string
  readonly pixelId: string
  readonly kind: Kind
  readonly format: FormatName
  readonly bytes: number
  readonly width?: number
  readonly height?: number
  readonly durationMs?: number
  /** Absolute. */
  readonly path: string
  /** Answers of the operations in `needs`, by name; an operation that failed on this file is missing. */
  readonly results: Readonly<Record<string, unknown>>
}

/** What a collection operation looks at. */
export interface CollectionView {
  readonly id: string
  readonly name: string
  readonly root: string
  /** Every media file that lies there now, read from the catalog while one iterates; byte copies are members of their own. */
  members(): Iterable<Member>
  /** Pairs of assets that somebody declared to be no duplicates, the smaller id first. */
  distinctPairs(): Iterable<readonly [string, string]>
}

/** What is lent to a running collection operation. */
export type CollectionIo = Pick<OperationIo, 'signal' | 'artifact' | 'progress'>

/** An operation that every asset has to undergo before, with its parameters. */
export interface Need {
  readonly operation: string
  readonly params?: Readonly<Record<string, unknown>>
  /** Kinds it is asked of; of all that it accepts when left out. */
  readonly kinds?: readonly Kind[]
  /**
   * At most so many assets of each format, drawn by `drawSample` of sample.ts: fairly, and the same ones every time. Other
   * members need no result of it. 0 asks nothing.
   */
  readonly sample?: number
}

/**
 * An operation on a whole collection: a job first does what it `needs` on every file, cache-first, then calls `run`, in
 * a thread of its own, on what is known. Its door, command and reference page come from this.
 */
export interface CollectionOperation<
  Params extends z.ZodObject = z.ZodObject,
  Result extends z.ZodObject = z.ZodObject,
> {
  readonly name: string
  readonly group: OperationGroup
  readonly version: number
  readonly summary: string
  readonly params: Params
  readonly result: Result
  readonly artifacts: readonly string[]
  readonly examples: readonly OperationExample<z.input<Params>>[]
  needs(params: z.output<Params>): readonly Need[]
  /** The answer in a few lines, for people at a terminal. */
  tell?(result: z.output<Result>): string[]
  /** Must look at `io.signal` now and then. */
  run(collection: CollectionView, params: z.output<Params>, io: CollectionIo): Promise<z.output<Result>>
}

/** Ties the types of `run` to the schemas, and does nothing else. */
export function defineCollectionOperation<Params extends z.ZodObject, Result extends z.ZodObject>(
  operation: CollectionOperation<Params, Result>,
): CollectionOperation<Params, Result> {
  return operation
}
