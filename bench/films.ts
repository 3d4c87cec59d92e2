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

/** Draws a film with sound in H.264 and AAC, with a key frame every `keyFrames` frames as encoders set them by default. */
export async function drawFilm(
  path: string,
  { size, seconds, keyFrames = 250 }: { size: string; seconds: number; keyFrames?: number },
): Promise<string> {
  const picture = ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=30:duration=${seconds}`]
  const sound = ['-f', 'lavfi', '-i', `sine=frequency=440:duration=${seconds}`]
  const codecs = [
    '-c:v',
    'libx264',
    '-preset',
    'veryfast',
    '-g',
    String(keyFrames),
    '-pix_fmt',
    'yuv420p',
    '-c:a',
    'aac',
  ]
  await run('ffmpeg', ['-v', 'error', '-y', ...picture, ...sound, ...codecs, path])
  return path
}
