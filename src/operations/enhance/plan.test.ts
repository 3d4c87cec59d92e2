import { describe, expect, it } from 'vitest'
import { hasCorpus } from '../../../test/support/corpus.ts'
import { clipped, colourPsnr, psnr, qualitySets, rendered, wholePixels } from '../../../test/support/enhance.ts'
import type { Picture } from '../../media/picture.ts'
import { codeOf, lightOf } from '../light.ts'
import type { IssueKind } from '../quality/assess.ts'
import { carryOut } from './carry-out.ts'
import { type CorrectionName, callsFor, correctionNames } from './corrections.ts'
import { type Plan, planFor } from './plan.ts'

/** The picture corrected as if just this had been found in it. */
async function corrected(picture: Picture, kind: IssueKind, amount = 0.75): Promise<{ picture: Picture; plan: Plan }> {
  const calls = callsFor([{ kind, severity: 0.5, confidence: 1, evidence: {} }], correctionNames)
  const full = await wholePixels(picture)
  const plan = await planFor(picture, full, { calls, amount })
  return { picture: picture.withPixels(await carryOut(full, plan, async () => undefined)), plan }
}

const kinds: Readonly<Record<string, IssueKind>> = {
  underexposed: 'underexposed',
  overexposed: 'overexposed',
  'low-contrast': 'low-contrast',
  noise: 'noise',
  jpeg: 'compression',
}

describe.skipIf(!hasCorpus)('corrections', () => {
  it.each(Object.entries(kinds))('bring photos spoiled by %s nearer to what they were', async (defect, kind) => {
    let seen = 0
    for (const { pristine, degraded } of qualitySets()) {
      const good = await rendered(pristine)
      for (const { file } of degraded.filter((each) => each.defect === defect)) {
        const bad = await rendered(file)
        const { picture, plan } = await corrected(bad, kind)
        const [before, after] = [await psnr(bad, good), await psnr(picture, good)]
        if (plan.corrections.length > 0) expect(after, file).toBeGreaterThanOrEqual(before)
        const [clips, more] = [await clipped(bad), await clipped(picture)]
        for (const [index, count] of more.entries()) expect(count, file).toBeLessThanOrEqual(clips[index] ?? 0)
        seen++
      }
    }
    expect(seen).toBeGreaterThan(9)
  })

  it.each([1, 2, 3])(
    'lift photos by what level %i of darkness took, not by more than a stop too much',
    async (level) => {
      for (const { degraded } of qualitySets()) {
        const dark = degraded.find((each) => each.defect === 'underexposed' && each.level === level)
        const { plan } = await corrected(await rendered(dark?.file ?? ''), 'underexposed', 1)
        const stops = plan.corrections[0]?.details.stops ?? 0
        expect(stops).toBeGreaterThan(0.5 * level)
        expect(stops).toBeLessThan(level + 1)
      }
    },
  )

  it('take a tint away that a wrong white balance left, over several photos', async () => {
    const gains = [
      [1.23, 1.07, 0.81],
      [0.81, 1.07, 1.23],
      [1.11, 0.81, 0.9],
    ]
    let gained = 0
    for (const { pristine } of qualitySets()) {
      const good = await rendered(pristine)
      const full = await wholePixels(good)
      for (const tint of gains) {
        const data = full.data.map((value, at) => codeOf(Math.min(1, (lightOf[value] ?? 0) * (tint[at % 3] ?? 1))))
        const bad = good.withPixels({ ...full, data: Buffer.from(data) })
        const { picture } = await corrected(bad, 'color-cast')
        gained += (await colourPsnr(picture, good)) - (await colourPsnr(bad, good))
      }
    }
    // In a single photo nobody can tell a tint of the light from one of the scene.
    expect(gained / 15).toBeGreaterThan(1)
  })

  it('make edges of blurred photos steeper', async () => {
    for (const { degraded } of qualitySets()) {
      const blurred = await rendered(degraded.find(({ defect }) => defect === 'blur')?.file ?? '')
      const { picture } = await corrected(blurred, 'blur')
      expect(await steepness(picture)).toBeGreaterThan(1.2 * (await steepness(blurred)))
    }
  })
})

/** Mean difference of neighbours. */
async function steepness(picture: Picture): Promise<number> {
  const { data, width } = await wholePixels(picture, 'grey')
  let sum = 0
  for (let at = 1; at < data.length; at++) if (at % width !== 0) sum += Math.abs((data[at] ?? 0) - (data[at - 1] ?? 0))
  return sum / data.length
}

describe('calls', () => {
  const issue = (kind: IssueKind) => ({ kind, severity: 0.5, confidence: 0.9, evidence: {} })

  it('come in the order in which corrections are made, noise before light', () => {
    const names = callsFor([issue('underexposed'), issue('blur'), issue('noise')], correctionNames).map(
      ({ name }) => name,
    )
    expect(names).toEqual(['denoise', 'exposure', 'sharpen'])
  })

  it('are only those that are allowed and that can be answered', () => {
    const allowed: CorrectionName[] = ['contrast']
    expect(callsFor([issue('underexposed'), issue('low-contrast')], allowed).map(({ name }) => name)).toEqual([
      'contrast',
    ])
    expect(callsFor([issue('low-resolution'), issue('corrupt'), issue('motion-blur')], correctionNames)).toEqual([])
  })
})
