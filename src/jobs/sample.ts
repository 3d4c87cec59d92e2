import { fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { MediaError } from '../errors.ts'

const script = new URL(
  import.meta.url.endsWith('.ts') ? '../media/sample-main.ts' : '../media/sample-main.js',
  import.meta.url,
)

/** Draws a small library below the data folder, for newcomers without one at hand; answers its folder. Makes it once. */
export async function makeSample(data: string): Promise<string> {
  // Beside the data folder's own files, which imports never enter, and so below a name of its own.
  const folder = join(data, 'sample library')
  if (existsSync(folder)) return folder
  await new Promise<void>((resolve, reject) => {
    const child = fork(script, [folder], { execArgv: ['--disable-warning=ExperimentalWarning'] })
    child.once('error', reject)
    child.once('exit', (code) =>
      code === 0 ? resolve() : reject(new MediaError('INTERNAL', [`the sample library could not be drawn (${code})`])),
    )
  })
  return folder
}
