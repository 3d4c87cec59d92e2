import { AV_CODEC_FLAG_LOW_DELAY } from 'node-av/constants'
import { describe, expect, it } from 'vitest'
import { makeFilm } from '../../../test/support/films.ts'
import { temporaryFolder } from '../../../test/support/temporary.ts'
import type { FormatName } from '../formats.ts'
import { openDecoder } from './decoder.ts'
import { openInput } from './ffmpeg.ts'
import { mainTrack } from './probe.ts'

async function threadsFor(
  video: string,
  format: FormatName,
  width: number,
): Promise<{ count: number; isSoon: boolean }> {
  const path = `${temporaryFolder()}/film.${format}`
  await makeFilm(path, { video, width, height: 416, seconds: 0.1 })
  const context = await openInput(path, format)
  try {
    const stream = mainTrack(context)
    if (stream === undefined) throw new Error('there is no picture track')
    const decoder = openDecoder(stream, { path, maxPixels: 1e6, sharesFrames: true })
    const told = { count: decoder.threadCount, isSoon: decoder.hasFlags(AV_CODEC_FLAG_LOW_DELAY) }
    decoder.freeContext()
    return told
  } finally {
    await context.closeInput()
  }
}

describe('a decoder of single frames', () => {
  it('shares large ones of AV1 among two threads, neither of which waits for a second frame', async () => {
    expect(await threadsFor('libsvtav1', 'mp4', 640)).toEqual({ count: 2, isSoon: true })
  })

  it('has one thread for small ones, and where damage would make the picture hang on chance', async () => {
    expect(await threadsFor('libsvtav1', 'mp4', 320)).toEqual({ count: 1, isSoon: false })
    expect(await threadsFor('libx265', 'mp4', 640)).toEqual({ count: 1, isSoon: false })
    expect(await threadsFor('libvpx-vp9', 'webm', 640)).toEqual({ count: 1, isSoon: false })
  })
})
