import { describe, expect, it } from 'vitest'
import { MiB } from '../units.ts'
import { CostModel } from './cost-model.ts'

describe('the cost model', () => {
  it('learns what a kind of file costs, by its ending whatever its case', () => {
    const model = new CostModel([])
    for (let n = 0; n < 50; n++) model.learn('a.JPG', 4 * MiB, 80)
    expect(model.predict('b.jpg', 4 * MiB)).toBeCloseTo(80)
    expect(model.predict('b.jpg', 8 * MiB)).toBeGreaterThan(100)
  })

  it('expects the mean of all of a kind it never met', () => {
    const model = new CostModel([])
    model.learn('a.jpg', MiB, 100)
    model.learn('a.mov', MiB, 300)
    expect(model.predict('a.xyz', MiB)).toBeCloseTo(200)
  })

  it('goes on from what an earlier process learnt', () => {
    const before = new CostModel([])
    before.learn('a.jpg', MiB, 100)
    expect(new CostModel(before.rows()).predict('b.jpg', MiB)).toBeCloseTo(100)
  })

  it('follows a machine that becomes slower', () => {
    const model = new CostModel([])
    for (let n = 0; n < 5000; n++) model.learn('a.jpg', MiB, 50)
    for (let n = 0; n < 2000; n++) model.learn('a.jpg', MiB, 100)
    expect(model.predict('a.jpg', MiB)).toBeGreaterThan(95)
  })
})
