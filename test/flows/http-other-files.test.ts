import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { aFolder, aPhoto } from '../support/library.ts'
import { aServer, type Json, json } from '../support/server.ts'

const folder = aFolder()
const library = join(folder.path, 'library')
const photo = join(library, 'photo.jpg')
const outside = join(folder.path, 'outside.jpg')
const compare = '/api/image-processing/compare'
const transform = '/api/image-processing/transform'
let running: Awaited<ReturnType<typeof aServer>>

beforeAll(async () => {
  mkdirSync(library)
  writeFileSync(photo, await aPhoto(1))
  writeFileSync(join(library, 'other.jpg'), await aPhoto(2))
  writeFileSync(join(library, 'text.jpg'), 'no picture')
  writeFileSync(outside, await aPhoto(3))
  running = await aServer(folder.path, { settings: { roots: [library] } })
})

afterAll(async () => {
  await running?.[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

const file = async (seed: number) => new File([new Uint8Array(await aPhoto(seed))], `photo ${seed}.jpg`)
const watermarked = (image: string) => JSON.stringify([{ kind: 'watermark', image }])

describe('an operation that needs another file', () => {
  it('takes it by its path below an allowed folder', async () => {
    const answer = await json(await running.post(compare, { path: photo, reference: join(library, 'other.jpg') }))
    expect(answer.result).toMatchObject({ identical: false, width: 96 })
  })

  it('refuses one outside, wherever it is named', async () => {
    await running.import(library)
    const { collection } = (await running.get('/api/collections')).items[0]
    const asked: [string, Json][] = [
      [compare, { path: photo, reference: outside }],
      [transform, { path: photo, steps: JSON.parse(watermarked(outside)) }],
      ['/api/bulk-operations/run', { operation: 'compare', collection, reference: outside }],
    ]
    for (const [path, body] of asked) {
      const response = await running.post(path, body)
      expect([response.status, (await json(response)).code]).toEqual([403, 'PATH_FORBIDDEN'])
    }
  })

  it('takes it along in a form, under the name of its field', async () => {
    const same = await running.form(compare, { file: await file(5), reference: await file(5) })
    expect((await json(same)).result).toMatchObject({ identical: true })
    const marked = await running.form(transform, {
      file: await file(5),
      steps: watermarked('logo'),
      logo: await file(6),
    })
    expect([marked.status, (await json(marked)).result]).toMatchObject([200, { width: 96, height: 72 }])
    expect(readdirSync(join(folder.path, 'data', 'uploads'))).toEqual([])
  })

  it('remembers its answer by the content of both, whatever they are called', async () => {
    const ask = async () => json(await running.form(compare, { file: await file(7), reference: await file(8) }))
    expect((await ask()).cached).toBe(false)
    expect((await ask()).cached).toBe(true)
    const other = await running.form(compare, { file: await file(7), reference: await file(9) })
    expect((await json(other)).cached).toBe(false)
  })

  it('says which file is at fault', async () => {
    const response = await running.post(compare, { path: photo, reference: join(library, 'text.jpg') })
    const { code, detail } = await json(response)
    expect([response.status, code]).toEqual([422, 'UNSUPPORTED_CONTENT'])
    expect(detail).toMatch(/other file .*text\.jpg/)
    expect((await running.post(compare, { path: photo, reference: 'abcdef012345' })).status).toBe(404)
  })

  it('names one that came in a form by its field, not by where it lay', async () => {
    const reference = new File(['no picture'], 'words.jpg')
    const { code, detail } = await json(await running.form(compare, { file: await file(5), reference }))
    expect(code).toBe('UNSUPPORTED_CONTENT')
    expect(detail).toContain('The other file "reference": ')
  })
})
