import { copyFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { runOperation } from '../../src/executor/run.ts'
import { anApp, dataIn } from '../../test/support/app.ts'
import { cutOff, overwritten, packetsOf } from '../../test/support/damage.ts'
import { makeFilm } from '../../test/support/films.ts'
import { aFolder } from '../../test/support/library.ts'
import { recordingIo } from '../../test/support/operation-io.ts'
import { MediaError } from '../errors.ts'
import { openMedia } from '../media/open.ts'
import { validate } from './validate.ts'

const folder = aFolder()
afterAll(() => folder[Symbol.dispose]())
const at = (name: string) => join(folder.path, name)

async function validated(path: string, params: Record<string, unknown> = {}, signal?: AbortSignal) {
  const media = await openMedia(path)
  try {
    const result = await validate.run(media, validate.params.parse(params), recordingIo(signal).io)
    return validate.result.strict().parse(result)
  } finally {
    await media.close()
  }
}

describe('validate', () => {
  it('says of a whole film that it is ok, and what was read for that', async () => {
    await makeFilm(at('whole.mp4'), { audio: 'aac' })
    expect(await validated(at('whole.mp4'))).toMatchObject({
      verdict: 'ok',
      damage: [],
      mode: 'quick',
      format: 'mp4',
      extension: { found: 'mp4', fits: true },
      unchecked: [],
    })
    const { framesDecoded, packetsRead } = await validated(at('whole.mp4'), { mode: 'thorough' })
    expect(framesDecoded).toBeGreaterThan(100)
    expect(packetsRead).toBeGreaterThanOrEqual(framesDecoded)
  })

  it('names the damaged stretch in words and milliseconds', async () => {
    await makeFilm(at('damaged.mkv'), { seconds: 4, gop: 25 })
    const key = (await packetsOf(at('damaged.mkv'))).find(({ ms }) => ms === 2000)
    overwritten(at('damaged.mkv'), at('damaged.mkv'), (key?.at ?? 0) + 12, (key?.at ?? 0) + (key?.bytes ?? 0))
    const { verdict, damage } = await validated(at('damaged.mkv'), { mode: 'thorough' })
    expect(verdict).toBe('damaged')
    for (const { fromMs, toMs } of damage) {
      expect(fromMs).toBeGreaterThanOrEqual(1900)
      expect(toMs).toBeLessThanOrEqual(3000)
    }
  })

  it('answers that a film without its index is unreadable, and why', async () => {
    await makeFilm(at('recording.mp4'))
    // The index of this one stands at the end.
    cutOff(at('recording.mp4'), at('recording.mp4'), readFileSync(at('recording.mp4')).indexOf('moov') - 4)
    const { verdict, reason, framesDecoded } = await validated(at('recording.mp4'))
    expect([verdict, framesDecoded]).toEqual(['unreadable', 0])
    expect(reason).toContain('moov')
  })

  it('answers that a film of which nothing can be decoded is unreadable', async () => {
    await makeFilm(at('rubbish.mkv'))
    for (const { at: from, bytes } of await packetsOf(at('rubbish.mkv'))) {
      overwritten(at('rubbish.mkv'), at('rubbish.mkv'), from + 8, from + bytes, 'zeros')
    }
    const { verdict, reason } = await validated(at('rubbish.mkv'), { mode: 'thorough' })
    expect([verdict, typeof reason]).toEqual(['unreadable', 'string'])
  })

  it.each([
    ['nothing.mp4', '', 'EMPTY_FILE'],
    ['text.mp4', 'This is no film.', 'UNSUPPORTED_CONTENT'],
  ])('fails on %s, which is no film', async (name, content, code) => {
    writeFileSync(at(name), content)
    await expect(validated(at(name))).rejects.toMatchObject({ code })
  })

  it('compares the ending of the name with the content', async () => {
    await makeFilm(at('right.webm'), { video: 'libvpx-vp9' })
    expect((await validated(at('right.webm'))).extension.fits).toBe(true)
    renameSync(at('right.webm'), at('wrong.AVI'))
    expect((await validated(at('wrong.AVI'))).extension).toMatchObject({ found: 'avi', fits: false })
    renameSync(at('wrong.AVI'), at('none'))
    const { extension, verdict } = await validated(at('none'))
    expect([extension.found, extension.expected[0], extension.fits, verdict]).toEqual(['', 'webm', false, 'ok'])
  })

  it('remembers its answer for the same content with the same ending alone', async () => {
    await using app = anApp(dataIn(folder.path))
    await makeFilm(at('one.mp4'))
    for (const name of ['two.mp4', 'three.mkv']) copyFileSync(at('one.mp4'), at(name))
    const ask = async (name: string) => {
      const { cached, result } = await runOperation(app, { path: at(name), operation: 'validate', params: {} })
      return [cached, (result as { extension: { fits: boolean } }).extension.fits]
    }
    expect(await ask('one.mp4')).toEqual([false, true])
    expect(await ask('two.mp4')).toEqual([true, true])
    expect(await ask('three.mkv')).toEqual([false, false])
    expect(await ask('three.mkv')).toEqual([true, false])
  })

  it('ends with the reason when nobody waits any more', async () => {
    await makeFilm(at('whole.mp4'), { audio: 'aac' })
    const stop = new AbortController()
    stop.abort(new MediaError('CANCELLED'))
    await expect(validated(at('whole.mp4'), { mode: 'thorough' }, stop.signal)).rejects.toMatchObject({
      code: 'CANCELLED',
    })
  })
})
