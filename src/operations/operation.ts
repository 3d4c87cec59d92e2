import type { z } from 'zod'
import type { CacheCategory } from '../cache/categories.ts'
import type { FilmIo } from '../media/film.ts'
import type { Kind } from '../media/formats.ts'
import type { Identity, Media } from '../media/media.ts'

/** Where an operation stands in the API: `/api/<group>/<name>`. */
export type OperationGroup = 'image-processing' | 'advanced-image-processing' | 'video-processing'

/** A file that an operation makes. */
export interface ArtifactDraft {
  /** What it is for: `thumbnail`, `preview`, `sheet`, … */
  readonly role: string
  /** A name of the format table, or another file ending such as `vtt`. */
  readonly format: string
  readonly width?: number
  readonly height?: number
  /** The file name by which other files of the same answer refer to it, such as a playlist to its segments. */
  readonly name?: string
}

/** What the executor lends to a running operation; its `signal` has the MediaError to throw as reason. */
export interface OperationIo extends FilmIo {
  /** Tells whoever waits what was found meanwhile, in a sentence. It is no part of the answer. */
  note(sentence: string): void
  /** Keeps a file that was made: written aside, then renamed into the artifact store. */
  artifact(draft: ArtifactDraft, content: Uint8Array): Promise<void>
  /** The same for a file that is too large for memory: `write` makes it at the path it is given. Gives what `write` gave. */
  file<Written>(draft: ArtifactDraft, write: (path: string) => Promise<Written>): Promise<Written>
  /**
   * A folder for several files that refer to each other; whoever watches the work may read there meanwhile. Keep with
   * `file` what shall stay: the folder is gone afterwards.
   */
  folder(): Promise<string>
}

/** One set of parameters that shows what the operation can do; run by the docs and by the tests. */
export interface OperationExample<Params> {
  readonly title: string
  readonly params: Params
}

/**
 * What an operation declares about itself. The HTTP door, the command, its help, the cache key, metric labels, the
 * reference page and the contract test all come from this.
 */
export interface Operation<Params extends z.ZodObject = z.ZodObject, Result extends z.ZodObject = z.ZodObject> {
  /** Unique within a kind of media. */
  readonly name: string
  readonly group: OperationGroup
  readonly accepts: readonly Kind[]
  /** Raised whenever the same input would give another answer; it is part of the cache key. */
  readonly version: number
  readonly category: CacheCategory
  /** `pixels`: an edit of mere metadata leaves the result valid. `content`: any other byte makes it anew. */
  readonly dependsOn: 'pixels' | 'content'
  /** Also hangs on the XMP files beside the file; absent for what does not read them. */
  readonly readsSidecars?: boolean
  /** Also hangs on the ending of the file's name; absent for what does not look at it. */
  readonly readsExtension?: boolean
  readonly summary: string
  readonly params: Params
  readonly result: Result
  /** Roles of the artifacts it makes; empty when the answer is all. */
  readonly artifacts: readonly string[]
  readonly examples: readonly OperationExample<z.input<Params>>[]
  /**
   * Says which parameters name other files, by giving the parameters back with each name replaced. Whoever runs the
   * operation puts absolute paths there, and content ids into the key. Absent when none does.
   */
  mapFiles?(params: z.output<Params>, to: (named: string) => string): z.output<Params>
  /** Whether a film or sound answers in less time than it would take to hash it when it is large. */
  isQuick?(params: z.output<Params>): boolean
  /** How many full decodes of the file it holds in memory at a time, for admission and limits; 1 when left out. */
  decodesHeld?(params: z.output<Params>): number
  /** Bytes that it holds of the frames of a picture that moves, beside those; absent when it looks at one frame. */
  framesHeld?(params: z.output<Params>, file: Identity): number
  /** The longest edge of the picture it works on, so that one decode serves all; absent when it needs no pixels. */
  edge?(params: z.output<Params>): number
  run(media: Media, params: z.output<Params>, io: OperationIo): Promise<z.output<Result>>
}

/** For `edge` of operations that need every pixel: longer than any picture whose decode is shared. */
export const wholeEdge = 65_535

/** Stand for another file in examples; the tests put a real one there. */
export const exampleFiles = { picture: 'other.jpg', film: 'other.mp4' } as const

/** Ties the types of `run` and `edge` to the schemas, and does nothing else. */
export function defineOperation<Params extends z.ZodObject, Result extends z.ZodObject>(
  operation: Operation<Params, Result>,
): Operation<Params, Result> {
  return operation
}
