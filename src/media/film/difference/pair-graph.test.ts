import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { makeFilm } from '../../../../test/support/films.ts'
import { aFolder } from '../../../../test/support/library.ts'
import { openMedia } from '../../open.ts'

const folder = aFolder()
afterAll(() => folder[Symbol.dispose]())

const io = { signal: new AbortController().signal, progress: () => {} }

const deep = { video: 'libx265', pixelFormat: 'yuv420p10le' }
const deepAv1 = { ...deep, video: 'libsvtav1' }

it.each([
  ['deep colours in 192 columns', 192, 120, deep],
  ['deep colours in 200 columns', 200, 120, deep],
  ['deep colours in 210 columns', 210, 120, deep],
  ['deep colours in 320 columns, of a decoder that leaves room behind each line', 320, 180, deepAv1],
  ['pictures of very few pixels', 48, 40, { video: 'mpeg4' }],
  ['pictures of two lines', 48, 2, { video: 'mpeg4' }],
])('measures XPSNR of %s', async (name, width, height, other) => {
  const recipe = { width, height, seconds: 0.4 }
  const paths = [join(folder.path, `${name}.mp4`), join(folder.path, `${name} again.mkv`)] as const
  await makeFilm(paths[0], recipe)
  await makeFilm(paths[1], { ...recipe, ...other })
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
