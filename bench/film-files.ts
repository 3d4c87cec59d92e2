import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './commands.ts'
import { corpus } from './photos.ts'

/** All films of the corpus, in a stable order; empty where there is no corpus. */
export function corpusFilms(): string[] {
  const folder = join(corpus, 'videos')
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.(md|json)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

/** How a film is drawn. */
export interface Drawing {
  readonly size: string
  readonly seconds: number
  /** H.264, with a key frame every 250 frames as encoders set them by default, when left out. */
  readonly codec?: readonly string[]
}

const usual = ['-c:v', 'libx264', '-preset', 'veryfast', '-g', '250', '-pix_fmt', 'yuv420p']

/** Draws a film of 30 frames a second with sound in AAC. */
export async function drawFilm(path: string, { size, seconds, codec = usual }: Drawing): Promise<string> {
  const picture = ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=30:duration=${seconds}`]
  const sound = ['-f', 'lavfi', '-i', `sine=frequency=440:duration=${seconds}`]
  await run('ffmpeg', ['-v', 'error', '-y', ...picture, ...sound, ...codec, '-c:a', 'aac', path])
  return path
}

/** The same film so many times, one after the other. */
export async function repeatFilm(film: string, times: number, path: string): Promise<string> {
  await run('ffmpeg', ['-v', 'error', '-y', '-stream_loop', String(times - 1), '-i', film, '-c', 'copy', path])
  return path
}
