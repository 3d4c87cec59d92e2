import { hash } from 'node:crypto'

/** All that a remembered result hangs on. */
export interface CacheQuestion {
  /** Content id or pixel id of the asset, as the operation's `dependsOn` says. */
  readonly subject: string
  readonly operation: string
  readonly version: number
  /** Parsed parameters: defaults filled in, so that asking for a default is the same question as not asking. */
  readonly params: unknown
  /** Names and versions of the libraries that do the work. */
  readonly engine: string
  /** Names the content of the files beside it that were read too; absent when none was. */
  readonly sidecar?: string | undefined
  /** Ending of its name; absent when the answer does not hang on it. */
  readonly extension?: string | undefined
}

/** 27 base64url characters are 162 bits: no two questions meet by chance, and an index entry stays short. */
const digestLength = 27

/** The short stable name of a question, `operation@version:digest`; refuses params that JSON can not tell apart. */
export function cacheKey({ subject, operation, version, params, engine, sidecar, extension }: CacheQuestion): string {
  const named = extension === undefined ? [] : [{ extension }]
  const hangsOn = [subject, params, engine, ...(sidecar === undefined ? [] : [sidecar]), ...named]
  const digest = hash('sha256', canonicalJson(hangsOn), 'base64url').slice(0, digestLength)
  return `${operation}@${version}:${digest}`
}

/** JSON with sorted keys and without undefined members: equal values give equal text, whatever order they were built in. */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value)
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${Array.from(value, (item) => canonicalJson(item)).join(',')}]`
  if (isPlainObject(value)) {
    const members = Object.keys(value)
      .filter((name) => value[name] !== undefined)
      .sort()
      .map((name) => `${JSON.stringify(name)}:${canonicalJson(value[name])}`)
    return `{${members.join(',')}}`
  }
  // NaN, dates, maps and functions would all become `null` or `{}` and share one remembered answer.
  throw new TypeError(`A cache key is made of JSON values only, not of ${describe(value)}.`)
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function describe(value: unknown): string {
  return typeof value === 'object' && value !== null ? value.constructor.name : String(value)
}
