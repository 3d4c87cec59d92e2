import { expect, it } from 'vitest'
import { fileOfFrames, wandering } from '../../../../test/support/animations.ts'
import { rewrite } from '../../../../test/support/rewriting.ts'
import { pngChunks } from '../png-chunks.ts'

it('tells in an APNG of few colours of transparency only where frames have some', async () => {
  for (const isClear of [false, true]) {
    const original = await fileOfFrames(wandering({ isClear }), 'webp')
    const { data } = await rewrite(original, { format: 'png', effort: 'fast' })
    const types = [...pngChunks(data)].map(({ type }) => type)
    expect(types).toContain('PLTE')
    expect(types.includes('tRNS')).toBe(isClear)
  }
})
