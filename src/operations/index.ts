import type { Kind } from '../media/formats.ts'
import { analyze } from './analyze.ts'
import { analyzeCollection } from './analyze-collection.ts'
import type { CollectionOperation } from './collection-operation.ts'
import { compare } from './compare.ts'
import { duplicates } from './duplicates.ts'
import { enhance } from './enhance.ts'
import { filmConvert } from './film-convert.ts'
import { filmFingerprint } from './film-fingerprint.ts'
import { filmQuality } from './film-quality.ts'
import { filmQualityIssues } from './film-quality-issues.ts'
import { filmThumbnail } from './film-thumbnail.ts'
import { fingerprint } from './fingerprint.ts'
import { metadata } from './metadata.ts'
import type { Operation } from './operation.ts'
import { optimize } from './optimize.ts'
import { packageFilm } from './package.ts'
import { pictureConvert } from './picture-convert.ts'
import { pictureThumbnail } from './picture-thumbnail.ts'
import { placeholder } from './placeholder.ts'
import { preview } from './preview.ts'
import { probe } from './probe.ts'
import { qualityIssues } from './quality-issues.ts'
import { resize } from './resize.ts'
import { sprite } from './sprite.ts'
import { transform } from './transform.ts'
import { validate } from './validate.ts'

/** Every operation there is. Adding one: its file, its test, and its line here. */
export const operations: readonly Operation[] = [
  pictureThumbnail,
  placeholder,
  fingerprint,
  analyze,
  resize,
  transform,
  compare,
  qualityIssues,
  enhance,
  metadata,
  optimize,
  pictureConvert,
  probe,
  validate,
  filmThumbnail,
  packageFilm,
  filmConvert,
  filmQuality,
  sprite,
  preview,
  filmQualityIssues,
  filmFingerprint,
] as unknown as readonly Operation[]

/** The operation of this name for a kind of media; undefined when there is none, or none for that kind. */
export const findOperation = (name: string, kind: Kind): Operation | undefined =>
  operations.find((operation) => operation.name === name && operation.accepts.includes(kind))

/** All operations of a name: one, or one for pictures and one for films. */
export const operationsNamed = (name: string): readonly Operation[] =>
  operations.filter((operation) => operation.name === name)

/** Every operation on a whole collection. Adding one: its file, its test, and its line here. */
export const collectionOperations: readonly CollectionOperation[] = [
  duplicates,
  analyzeCollection,
] as unknown as readonly CollectionOperation[]

/** The collection operation of this name; undefined when there is none. */
export const findCollectionOperation = (name: string): CollectionOperation | undefined =>
  collectionOperations.find((operation) => operation.name === name)
