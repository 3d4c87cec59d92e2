import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cacheKey, canonicalJson } from './key.ts'

const question = {
  subject: 'a'.repeat(64),
  operation: 'thumbnail',
  version: 2,
  params: { edge: 250, format: 'webp' },
  engine: 'sharp 0.35.5',
}

/** The same value, with the members of every object in the opposite order. */
const reversed = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, member]) => [name, reversed(member)]),
  )
}

/** JSON values as parsed parameters have them; -0 is 0 in JSON. */
const json = fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.parse(JSON.stringify(value)) as unknown)

describe('cacheKey', () => {
  it('is operation, version and 27 characters that are safe in a URL', () => {
    expect(cacheKey(question)).toMatch(/^thumbnail@2:[\w-]{27}$/)
  })

  it('stays the same from release to release, so that a cache outlives an update', () => {
    expect(cacheKey(question)).toBe('thumbnail@2:f3ZaBrjvDF891IdcecOz3rFHzZ5')
  })

  it.each([
    ['subject', { subject: 'b'.repeat(64) }],
    ['operation', { operation: 'preview' }],
    ['version', { version: 3 }],
    ['parameter value', { params: { edge: 251, format: 'webp' } }],
    ['additional parameter', { params: { edge: 250, format: 'webp', fit: 'cover' } }],
    ['missing parameter', { params: { edge: 250 } }],
    ['engine', { engine: 'sharp 0.35.6' }],
  ])('differs with another %s', (_name, change) => {
    expect(cacheKey({ ...question, ...change })).not.toBe(cacheKey(question))
  })

  it('can not be fooled by moving text from one part into the next', () => {
    expect(cacheKey({ ...question, subject: 'ab', engine: 'c' })).not.toBe(
      cacheKey({ ...question, subject: 'a', engine: 'bc' }),
    )
  })

  it('takes an undefined parameter for one that was not given', () => {
    const params = { ...question.params, quality: undefined }
    expect(cacheKey({ ...question, params })).toBe(cacheKey(question))
  })

  it('does not care for the order of keys, at any depth', () => {
    fc.assert(
      fc.property(json, (params) => {
        expect(cacheKey({ ...question, params: reversed(params) })).toBe(cacheKey({ ...question, params }))
      }),
    )
  })

  it('differs for any two parameters that are not equal, and only for these', () => {
    fc.assert(
      fc.property(json, json, (one, other) => {
        const areSame = cacheKey({ ...question, params: one }) === cacheKey({ ...question, params: other })
        expect(areSame).toBe(isDeepStrictEqual(one, other))
      }),
    )
  })

  it('differs when one member anywhere is changed', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), json, { minKeys: 1 }), fc.nat(), json, (params, place, value) => {
        const names = Object.keys(params)
        const name = names[place % names.length] ?? ''
        const changed = { ...params, [name]: [value, params[name]] }
        expect(cacheKey({ ...question, params: changed })).not.toBe(cacheKey({ ...question, params }))
      }),
    )
  })
})

describe('canonicalJson', () => {
  it('reads back as the value it was made of', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(value)
      }),
    )
  })

  it('tells a text from a number that looks the same', () => {
    expect(canonicalJson({ at: '5' })).not.toBe(canonicalJson({ at: 5 }))
  })

  it.each([
    ['NaN', Number.NaN],
    ['a Date', new Date(0)],
    ['a Map', new Map()],
    ['a function', () => 1],
    ['a hole in a list', [undefined]],
  ])('refuses %s, which JSON would make equal to something else', (_name, value) => {
    expect(() => canonicalJson({ value })).toThrow(TypeError)
  })
})
