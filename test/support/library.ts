import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { removeFolder, temporaryFolder } from './temporary.ts'

/** A temporary folder that vanishes with `using`, at the latest when the test file ends. */
export function aFolder(prefix?: string) {
  const path = temporaryFolder(prefix)
  return { path, [Symbol.dispose]: () => removeFolder(path) }
}

/** A small photo-like JPEG, different for each seed: a gradient with a few blots. */
export function aPhoto(seed: number, width = 96, height = 72): Promise<Buffer> {
  const hue = (seed * 47) % 360
  const blots = [0, 1, 2]
    .map((blot) => {
      const x = (seed * 31 + blot * 53) % width
      const y = (seed * 17 + blot * 29) % height
      return `<circle cx="${x}" cy="${y}" r="${6 + ((seed + blot) % 9)}" fill="hsl(${(hue + 120 * blot) % 360} 70% 50%)"/>`
    })
    .join('')
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <defs><linearGradient id="g" y2="1"><stop stop-color="hsl(${hue} 60% 70%)"/><stop offset="1" stop-color="hsl(${(hue + 60) % 360} 60% 30%)"/></linearGradient></defs>
    <rect width="100%" height="100%" fill="url(#g)"/>${blots}</svg>`
  return sharp(Buffer.from(svg))
    .jpeg()
    .withExif({ IFD0: { Make: 'mediamill', Model: 'Test', ImageDescription: `photo ${seed}` } })
    .toBuffer()
}

/** A tree of `count` small photos in folders of 50, with a modification time in the past, so that none has to settle. */
export async function aLibrary(root: string, count: number): Promise<string[]> {
  const paths: string[] = []
  const { writeFileSync, utimesSync } = await import('node:fs')
  for (let at = 0; at < count; at++) {
    const folder = join(root, `folder ${Math.floor(at / 50)}`)
    mkdirSync(folder, { recursive: true })
    const path = join(folder, `photo-${String(at).padStart(4, '0')}.jpg`)
    writeFileSync(path, await aPhoto(at))
    utimesSync(path, 1_700_000_000 + at, 1_700_000_000 + at)
    paths.push(path)
  }
  return paths
}
