/**
 * The floor of a cold import: two pictures of each file from one shrunk decode, written to disk, and nothing else. As
 * many processes as there are cores, each with libvips on one thread, each taking the next file when it is done.
 * Arguments: the folder to write to; then a list of paths on stdin, one a line. Without a folder it is one of the processes.
 */
import { fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { basename, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { workerEnvironment } from '../../src/executor/settings.ts'

const [out] = process.argv.slice(2)
if (out) await share(out, (await text(process.stdin)).trim().split('\n'))
else await work()

async function share(folder: string, paths: readonly string[]): Promise<void> {
  const startedAt = performance.now()
  let next = 0
  const lanes = Array.from({ length: availableParallelism() }, () => {
    const child = fork(import.meta.filename, [], { env: { ...process.env, ...workerEnvironment() } })
    return new Promise<void>((resolve, reject) => {
      child.on('message', () => {
        const path = paths[next++]
        if (path) child.send({ path, folder })
        else child.disconnect()
      })
      child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a process ended with ${code}`))))
    })
  })
  await Promise.all(lanes)
  process.stdout.write(JSON.stringify({ workMs: performance.now() - startedAt }))
}

/** Encodes as an import does (src/operations/thumbnail.ts, src/media/picture/raster.ts); the bench compares the bytes. */
async function work(): Promise<void> {
  const { default: sharp } = await import('sharp')
  const { kernel } = await import('../../src/media/picture/raster.ts')
  sharp.concurrency(1)
  sharp.cache(false)
  process.on('message', async ({ path, folder }: { path: string; folder: string }) => {
    const decoded = sharp(path, { autoOrient: true }).resize(1440, 1440, {
      fit: 'inside',
      withoutEnlargement: true,
      kernel,
    })
    const { data, info } = await decoded.raw().toBuffer({ resolveWithObject: true })
    const raw = { width: info.width, height: info.height, channels: info.channels }
    const name = join(folder, basename(path, '.jpg'))
    await sharp(data, { raw }).jpeg({ quality: 82, optimiseCoding: false }).toFile(`${name}.jpeg`)
    await sharp(data, { raw })
      .resize(250, 250, { fit: 'inside', kernel })
      .webp({ quality: 80, effort: 2 })
      .toFile(`${name}.webp`)
    process.send?.('done')
  })
  process.send?.('ready')
}
