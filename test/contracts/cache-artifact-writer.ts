/** Child process of the artifact tests: `forever FOLDER` until it is killed, `same FOLDER` in a race, `fill FOLDER` a disk. */
import { randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { createArtifactStore } from '../../src/cache/artifacts.ts'
import { toMediaError } from '../../src/errors.ts'

const [mode, folder = ''] = process.argv.slice(2)
const store = createArtifactStore(folder)
const tell = (line: object) => console.log(JSON.stringify(line))

if (mode === 'forever') {
  tell({ event: 'ready' })
  for (;;) await Promise.all([store.write(randomBytes(40_000), 'jpg'), store.write(randomBytes(700_000), 'jpg')])
}

if (mode === 'same') {
  for (let index = 0; index < 100; index++) await store.write(Buffer.alloc(20_000, `content ${index} `), 'jpg')
}

if (mode === 'fill') {
  try {
    for (;;) {
      await store.write(randomBytes(300_000), 'jpg')
      tell({ event: 'written' })
    }
  } catch (thrown) {
    const { code, message } = toMediaError(thrown)
    tell({ event: 'failed', code, message, parts: readdirSync(join(folder, 'tmp')).length })
  }
  const { id } = await store.write(randomBytes(100), 'jpg')
  tell({ event: 'small one', verified: await store.verify(id) })
}
