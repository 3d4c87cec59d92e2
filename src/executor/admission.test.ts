import { describe, expect, it } from 'vitest'
import { Admission } from './admission.ts'

const settled = async (promise: Promise<unknown>) =>
  Promise.race([promise.then(() => true), new Promise((resolve) => setImmediate(() => resolve(false)))])

describe('admission', () => {
  it('lets work begin while its bytes fit into the budget, and the next when room is given back', async () => {
    const admission = new Admission(1000)
    const first = await admission.admit(200, 'thumbnails')
    await admission.admit(200, 'thumbnails')
    await admission.admit(200, 'thumbnails')
    await admission.admit(250, 'thumbnails')
    const fifth = admission.admit(200, 'thumbnails')
    expect(await settled(fifth)).toBe(false)
    first()
    expect(await settled(fifth)).toBe(true)
    expect(admission.usedBytes).toBe(850)
  })

  it('runs giants one at a time', async () => {
    const admission = new Admission(1000)
    const giant = await admission.admit(300, 'thumbnails')
    const second = admission.admit(300, 'thumbnails')
    expect(await settled(second)).toBe(false)
    giant()
    expect(await settled(second)).toBe(true)
  })

  it('runs what exceeds the whole budget alone', async () => {
    const admission = new Admission(1000)
    const small = await admission.admit(100, 'thumbnails')
    const monster = admission.admit(5000, 'thumbnails')
    expect(await settled(monster)).toBe(false)
    small()
    expect(await settled(monster)).toBe(true)
  })

  it('lets the urgent pass those who wait longer', async () => {
    const admission = new Admission(100)
    const holder = await admission.admit(100, 'thumbnails')
    const order: string[] = []
    const bulk = admission.admit(100, 'thumbnails').then((release) => {
      order.push('bulk')
      release()
    })
    const person = admission.admit(100, 'interactive').then((release) => {
      order.push('person')
      release()
    })
    holder()
    await Promise.all([bulk, person])
    expect(order).toEqual(['person', 'bulk'])
  })

  it('keeps less urgent work from starving a waiting giant', async () => {
    const admission = new Admission(1000)
    const small = await admission.admit(200, 'thumbnails')
    const giant = admission.admit(900, 'interactive')
    const later = admission.admit(100, 'thumbnails')
    expect(await settled(later)).toBe(false)
    small()
    expect(await settled(giant)).toBe(true)
  })

  it('forgets who gives up waiting, and gives bytes back only once', async () => {
    const admission = new Admission(100)
    const release = await admission.admit(100, 'thumbnails')
    const control = new AbortController()
    const waiting = admission.admit(50, 'thumbnails', control.signal)
    control.abort(new Error('no longer'))
    await expect(waiting).rejects.toThrow('no longer')
    release()
    release()
    expect([admission.usedBytes, admission.waiting]).toEqual([0, 0])
  })
})
