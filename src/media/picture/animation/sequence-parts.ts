import { box } from '../embed/box.ts'

/** A track of an AVIF sequence as it was coded. */
export interface CodedTrack {
  readonly samples: readonly CodedSample[]
  /** Body of `av1C`. */
  readonly setup: Buffer
  readonly depth: number
  /** Whether every frame can be shown without others. */
  readonly isIntra: boolean
}

/** A frame as it was coded. */
export interface CodedSample {
  readonly data: Buffer
  /** Whether it can be shown without those before it. */
  readonly isKey: boolean
}

/** What is written into an AVIF sequence. */
export interface SequenceParts {
  readonly width: number
  readonly height: number
  readonly colour: CodedTrack
  readonly alpha?: CodedTrack
  /** Milliseconds of each frame. */
  readonly delays: readonly number[]
  /** How often it is shown; 0 for ever. */
  readonly loop: number
  /** Body of `colr`. */
  readonly colours: readonly Buffer[]
}

/** Where the frames of each track lie in the file. */
export type Places = readonly (readonly number[])[]

/** Letters as bytes. */
export const text = (words: string): Buffer => Buffer.from(words, 'latin1')

/** Numbers of 32 bits. */
export function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length)
  for (const [at, value] of values.entries()) bytes.writeUInt32BE(value >>> 0, 4 * at)
  return bytes
}

/** Numbers of 16 bits. */
export function shorts(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length)
  for (const [at, value] of values.entries()) bytes.writeUInt16BE(value, 2 * at)
  return bytes
}

/** A number of 64 bits; the largest for what has no end. */
export function long(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(Number.isFinite(value) ? BigInt(value) : 2n ** 64n - 1n)
  return bytes
}

/** A box with a version in its highest byte and flags in the others. */
export const fullBox = (type: string, versionAndFlags: number, ...content: readonly Buffer[]): Buffer =>
  box(type, numbers(versionAndFlags), ...content)

/** What a track or a group of items is for. */
export const handler = (type: string): Buffer =>
  fullBox('hdlr', 0, numbers(0), text(type), numbers(0, 0, 0), Buffer.alloc(1))

/** The name of alpha among all that helps a picture. */
export const alphaName = text('urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0')
