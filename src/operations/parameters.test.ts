import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { inWords } from './expectations.ts'
import { parametersFromTexts, parametersOf, parseParameters } from './parameters.ts'

const step = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('crop'),
    width: z.union([z.int().min(1), z.string().regex(/^\d+%$/, 'expected pixels or a share')]).describe('How wide.'),
  }),
  z.strictObject({ kind: z.literal('grey') }),
])

const schema = z.object({
  steps: z.array(step).max(3).default([]).describe('What is done.'),
  at: z
    .union([z.literal('best'), z.number().min(0)])
    .default('best')
    .describe('When.'),
  kinds: z.array(z.string()).optional().describe('Plain words.'),
  sizes: z.array(z.int()).optional().describe('Plain numbers.'),
  quality: z.int().min(1).max(100).optional().describe('How good.'),
  format: z.enum(['webp', 'jpeg']).default('webp').describe('The format.'),
  target: z
    .object({ metric: z.enum(['ssim', 'psnr']).describe('Which.'), score: z.number().describe('How much.') })
    .optional()
    .describe('What is aimed at.'),
})

const fromTexts = (texts: Record<string, string>) => parametersFromTexts(schema, texts)
const refusal = (given: unknown): string => {
  try {
    parseParameters(schema, given)
    return 'accepted'
  } catch (error) {
    return (error as Error).message
  }
}

describe('parameters of texts', () => {
  it('reads a list of objects as JSON', () => {
    const steps = [{ kind: 'crop', width: 20 }, { kind: 'grey' }]
    expect(fromTexts({ steps: ` ${JSON.stringify(steps)}` })).toEqual({ steps })
  })

  it('leaves bad JSON a text, which the schema refuses in words', () => {
    const given = fromTexts({ steps: '[{"kind":"grey"' })
    expect(given).toEqual({ steps: '[{"kind":"grey"' })
    expect(refusal(given)).toBe('Expected array for "steps", but it was "[{\\"kind\\":\\"grey\\"".')
  })

  it('divides lists of plain values at commas, whatever they begin with, and takes them as JSON too', () => {
    expect(fromTexts({ kinds: 'a,b', sizes: '1,2,x' })).toEqual({ kinds: ['a', 'b'], sizes: [1, 2, 'x'] })
    expect(fromTexts({ kinds: '[draft],b' })).toEqual({ kinds: ['[draft]', 'b'] })
    expect(fromTexts({ kinds: '["a,b"]' })).toEqual({ kinds: ['a,b'] })
  })

  it('reads an object as a whole or by its parts', () => {
    const target = { metric: 'ssim', score: 0.9 }
    expect(fromTexts({ target: '{"metric":"ssim","score":0.9}' })).toEqual({ target })
    expect(fromTexts({ 'target.metric': 'ssim', 'target.score': '0.9' })).toEqual({ target })
  })

  it('takes a union as the number it can be, else as the word', () => {
    expect(fromTexts({ at: '2.5' })).toEqual({ at: 2.5 })
    expect(fromTexts({ at: 'best' })).toEqual({ at: 'best' })
  })

  it('reads JSON where a whole parameter may be a list or a word', () => {
    const either = z.object({ only: z.union([z.literal('all'), z.array(z.strictObject({ id: z.int() }))]) })
    expect(parametersFromTexts(either, { only: '[{"id":1}]' })).toEqual({ only: [{ id: 1 }] })
    expect(parametersFromTexts(either, { only: 'all' })).toEqual({ only: 'all' })
  })

  it('leaves texts of parameters that nobody knows as they are', () => {
    expect(fromTexts({ unknown: '[1]', 'a.b': '{}' })).toEqual({ unknown: '[1]', a: { b: '{}' } })
    expect(Object.keys(fromTexts({ '__proto__.x': '1' }))).toEqual(['__proto__.x'])
    expect(({} as Record<string, unknown>).x).toBeUndefined()
  })
})

describe('descriptions of parameters', () => {
  it('tells the shapes that the elements of a list may have', () => {
    const [steps] = parametersOf(schema)
    expect(steps).toMatchObject({ name: 'steps', type: 'array', defaultValue: [] })
    expect(steps?.variants?.map(({ name, parameters }) => [name, parameters.map((one) => one.name)])).toEqual([
      ['kind: crop', ['width']],
      ['kind: grey', []],
    ])
  })
})

describe('refused parameters', () => {
  it('names what was expected, for what, and what came', () => {
    expect(refusal({ quality: 0 })).toBe('Expected a number of at least 1 for "quality", but it was 0.')
    expect(refusal({ format: 'gif' })).toBe('Expected one of "webp", "jpeg" for "format", but it was "gif".')
    expect(refusal({ target: { metric: 'ssim' } })).toBe('Expected number for "target.score", but it is missing.')
  })

  it('says in words how much there may be', () => {
    const many = z.object({
      steps: z.array(z.int()).min(1).max(3).optional(),
      text: z.string().min(1).max(20).optional(),
      share: z.number().gt(0).lt(1).optional(),
      bins: z.literal([64, 256]).optional(),
    })
    const words = (given: unknown) => {
      const { error } = many.safeParse(given)
      return error?.issues.map(({ message }) => inWords(message))
    }
    expect(words({ steps: [], text: '', share: 0 })).toEqual([
      'a list of at least 1 item',
      'a text that is not empty',
      'a number above 0',
    ])
    expect(words({ steps: [1, 2, 3, 4], text: 'x'.repeat(21), share: 1, bins: 7 })).toEqual([
      'a list of at most 3 items',
      'a text of at most 20 characters',
      'a number below 1',
      'one of 64, 256',
    ])
    expect(words({ steps: [1.5], share: Number.POSITIVE_INFINITY })).toEqual(['a whole number', 'number'])
  })

  it('names every fault, and each once', () => {
    expect(refusal({ quality: 'x', steps: 'a text longer than three' })).toBe(
      'Expected array for "steps", but it was "a text longer than three". Expected number for "quality", but it was "x".',
    )
  })

  it('lists the known names when one is unknown, nested ones with a dot', () => {
    expect(refusal({ qualty: 1 })).toBe(
      'There is no parameter "qualty"; known are: steps, at, kinds, sizes, quality, format, target.metric, target.score.',
    )
  })

  it('says in which element of a list the fault lies', () => {
    const steps = [{ kind: 'grey' }, { kind: 'crop', width: 0 }]
    expect(refusal({ steps })).toBe(
      'Expected a number of at least 1 for "width" in number 2 of "steps" (kind: crop), but it was 0.',
    )
    expect(refusal({ steps: [{ kind: 'crop', width: '7' }] })).toBe(
      'Expected pixels or a share for "width" in number 1 of "steps" (kind: crop), but it was "7".',
    )
    expect(refusal({ steps: [{ kind: 'crop', widht: 7, width: 7 }] })).toBe(
      'There is no parameter "widht" in number 1 of "steps" (kind: crop); known are: kind, width.',
    )
    expect(refusal({ steps: [3] })).toBe('Expected object for number 1 of "steps", but it was 3.')
  })

  it('lists the kinds when an element is of none of them', () => {
    expect(refusal({ steps: [{ kind: 'crp' }] })).toBe(
      'Expected one of "crop", "grey" for "kind" in number 1 of "steps", but it was "crp".',
    )
    expect(refusal({ steps: [{}] })).toBe(
      'Expected one of "crop", "grey" for "kind" in number 1 of "steps", but it is missing.',
    )
  })

  it('joins what the alternatives of a union expect', () => {
    expect(refusal({ at: true })).toBe('Expected "best" or number for "at", but it was true.')
  })

  it('shortens what came', () => {
    expect(refusal({ format: 'x'.repeat(5000) }).length).toBeLessThan(250)
  })

  it('refuses what is no object at all', () => {
    expect(refusal(null)).toBe('Expected object for the parameters, but it was null.')
    expect(refusal([1])).toBe('Expected object for the parameters, but it was [1].')
  })
})
