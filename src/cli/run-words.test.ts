import { describe, expect, it } from 'vitest'
import { operationsNamed } from '../operations/index.ts'
import { parametersFor, splitWords } from './run-words.ts'

const convert = (...words: string[]) => parametersFor(operationsNamed('convert'), splitWords(words).texts)

describe('the words behind run', () => {
  it('are files and parameters, in either spelling', () => {
    expect(splitWords(['a.mov', '--from-ms', '5', '--preset=web', 'b.mov', '--hardware'])).toEqual({
      files: ['a.mov', 'b.mov'],
      texts: { fromMs: '5', preset: 'web', hardware: '' },
      wantsHelp: false,
    })
  })

  it('name no file by nothing, which would be the folder one is in', () => {
    expect(() => splitWords(['a.mov', ''])).toThrow(/was empty/)
  })

  it('are those of a picture’s or of a film’s operation, whichever knows them', () => {
    expect(convert('--format', 'avif')).toMatchObject({ format: 'avif' })
    expect(convert('--preset', 'small', '--target-quality.score', '38')).toMatchObject({
      preset: 'small',
      targetQuality: { score: 38 },
    })
  })

  it('are refused in the name of the operation that is meant', () => {
    expect(() => convert('--video', 'xyz')).toThrow(/h264.*for "video", but it was "xyz"/)
    expect(() => convert('--format', 'xyz')).toThrow(/avif.*for "format", but it was "xyz"/)
    expect(() => convert('--preset', 'web', '--crf', '99')).toThrow(/crf/)
    expect(() => convert('--nothing', '1')).toThrow(/There is no parameter "nothing"/)
  })
})
