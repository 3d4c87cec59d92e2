import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { makeFilm } from '../../../../test/support/films.ts'
import { aFolder } from '../../../../test/support/library.ts'
import { openMedia } from '../../open.ts'

const folder = aFolder()
afterAll(() => folder[Symbol.dispose]())

const io = { signal: new AbortController().signal, progress: () => {} }

it.each([192, 200, 210])('measures deep colours of %d columns as it measures shallow ones', async (width) => {
  const recipe = { width, height: 120, seconds: 0.4 }
  const paths = [join(folder.path, `${width}.mp4`), join(folder.path, `${width}-deep.mkv`)] as const
  await makeFilm(paths[0], recipe)
  await makeFilm(paths[1], { ...recipe, video: 'libx265', pixelFormat: 'yuv420p10le' })
  const media = await openMedia(paths[1])
  try {
    const reference = await (await media.other(paths[0])).film()
    const { frames } = await (await media.film()).difference(reference, ['psnr', 'xpsnr'], io)
    expect(frames.length).toBe(10)
    for (const { psnr = 0, xpsnr = 0 } of frames) expect(Math.abs(psnr - xpsnr)).toBeLessThan(20)
  } finally {
    await media.close()
  }
})
