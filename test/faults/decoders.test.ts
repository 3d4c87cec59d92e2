import { utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { anApp, dataIn, faultyOperations } from '../support/app.ts'
import { aFolder, aLibrary, aPhoto } from '../support/library.ts'

const limits = { 'workers.timeoutMs': 4000, 'workers.memoryBytes': 700 << 20 }

describe('decoders that crash, hang and hoard memory', () => {
  it('cost three files of two hundred and three, which are named with the reason, and nothing else', async () => {
    using folder = aFolder()
    const library = join(folder.path, 'library')
    await aLibrary(library, 200)
    for (const [at, fault] of ['segfault', 'hang', 'hog'].entries()) {
      const path = join(library, 'folder 1', `${fault}-${at}.jpg`)
      writeFileSync(path, await aPhoto(1000 + at))
      utimesSync(path, 1_700_000_000, 1_700_000_000)
    }
    await using app = anApp(dataIn(folder.path), limits, faultyOperations)
    const failures = app.heard('task.failed')

    const end = await app.jobs.startImport(library).ended

    expect(end.state).toBe('finished')
    expect(end.files).toMatchObject({ done: 200, quarantined: 3, failed: 0, skipped: 0 })
    const named = failures.map(({ path, code, quarantined }) => [path.split('/').at(-1), code, quarantined]).sort()
    expect(named).toEqual([
      ['hang-1.jpg', 'DECODER_TIMED_OUT', true],
      ['hog-2.jpg', 'DECODER_OUT_OF_MEMORY', true],
      ['segfault-0.jpg', 'DECODER_CRASHED', true],
    ])
    expect(failures.find(({ code }) => code === 'DECODER_CRASHED')?.message).toContain('SIGSEGV')

    const again = app.heard('task.failed')
    const second = await app.jobs.startImport(library).ended
    expect(second.tasks.done).toBe(0)
    expect(second.files).toMatchObject({ cached: 200, quarantined: 3 })
    expect(again.map(({ remembered }) => remembered)).toEqual([true, true, true])
  })
})
