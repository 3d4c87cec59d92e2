import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { z } from 'zod'
import { MediaError } from '../errors.ts'
import type { CollectionOperation } from '../operations/collection-operation.ts'
import { collectionOperations, operations } from '../operations/index.ts'
import type { Operation } from '../operations/operation.ts'
import { parametersFromTexts, parametersOf, parseParameters } from '../operations/parameters.ts'

/** What the words behind "run NAME" say. */
export interface RunWords {
  readonly files: readonly string[]
  /** Parameters of the operation as texts, by their names in camel case. */
  readonly texts: Readonly<Record<string, string>>
  readonly wantsHelp: boolean
  /** Id or folder of a collection to run over. */
  readonly collection?: string
  /** Folder into which the new files are copied. */
  readonly out?: string
}

/** Files and folders are words; `--name value` and `--name=value` are parameters, `--name` alone is true. */
export function splitWords(words: readonly string[]): RunWords {
  const files: string[] = []
  const texts: Record<string, string> = {}
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    if (!word.startsWith('--')) {
      // As from a variable that was never set: it would stand for the folder one is in.
      if (word === '') throw new MediaError('PARAMS_INVALID', ['Expected a file or folder, but a name was empty.'])
      files.push(word)
      continue
    }
    const [flag = '', inline] = word.slice(2).split(/=(.*)/s)
    const next = words[at + 1]
    const isValue = next !== undefined && !next.startsWith('--') && (!isSwitch(flag) || /^(true|false)$/.test(next))
    const takesNext = inline === undefined && isValue
    if (takesNext) at++
    const name = flag.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
    const text = inline ?? (takesNext ? (next ?? '') : '')
    // Given twice it is a list, which is written with commas.
    texts[name] = texts[name] === undefined ? text : `${texts[name]},${text}`
  }
  const { help, collection, out, ...parameters } = texts
  for (const [flag, value] of Object.entries({ collection, out })) {
    if (value === '') throw new MediaError('PARAMS_INVALID', [`--${flag} needs the path of a folder.`])
  }
  return {
    files,
    texts: parameters,
    wantsHelp: help !== undefined,
    ...(collection === undefined ? {} : { collection }),
    ...(out === undefined ? {} : { out }),
  }
}

const isSwitch = (flag: string): boolean =>
  [...operations, ...collectionOperations].some(({ params }) =>
    parametersOf(params).some(({ name, type }) => type === 'boolean' && kebab(name) === flag),
  )

/** `maxBytes` as a flag is called: `max-bytes`. */
export const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/**
 * The parameters of texts, checked before any file is opened: one of the operations of the name must take them. Files
 * that they name are made absolute.
 */
export function parametersFor(
  named: readonly (Operation | CollectionOperation)[],
  texts: Readonly<Record<string, string>>,
): Record<string, unknown> {
  // Of a picture's and a film's operation the one that is meant knows more of the names, and tells best what is wrong.
  const known = ({ params }: { readonly params: z.ZodObject }) =>
    Object.keys(texts).filter((name) => (name.split('.')[0] ?? '') in params.shape).length
  let refusal: unknown
  for (const operation of named.toSorted((one, other) => known(other) - known(one))) {
    try {
      const params = operation.params as z.ZodObject
      const given = parametersFromTexts(params, texts)
      const parsed = parseParameters(params, given)
      const mapFiles = 'mapFiles' in operation ? operation.mapFiles : undefined
      return mapFiles ? mapFiles(parsed, (name) => (isAssetId(name) ? name : resolve(name))) : given
    } catch (error) {
      refusal ??= error
    }
  }
  throw refusal
}

const isAssetId = (name: string): boolean => /^(s-)?[0-9a-f]{6,64}$/.test(name) && !existsSync(name)
