import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp, { type OverlayOptions, type Sharp } from 'sharp'
import { cores, inRepository } from './commands.ts'

/** Real media with their sources; beside the clone unless MEDIAMILL_CORPUS names another folder. */
export const corpus = process.env.MEDIAMILL_CORPUS ?? inRepository('../shared/corpus')

const [width, height] = [4000, 3000]
const size = { width, height, channels: 3 as const, background: '#888' }

/** Photos that were made, and a sentence about them for the report. */
export interface PhotoLibrary {
  readonly paths: readonly string[]
  readonly description: string
}

/** Fills a folder with 12-megapixel camera JPEGs: windows of the corpus's large photos, or drawings where it is absent. */
export async function makePhotos(folder: string, count: number): Promise<PhotoLibrary> {
  mkdirSync(folder, { recursive: true })
  const bases = largePhotos()
  const grain = await drawGrain()
  const paths = Array.from({ length: count }, (_, at) => join(folder, `IMG_${String(at).padStart(5, '0')}.jpg`))
  let next = 0
  const lanes = Array.from({ length: cores }, async () => {
    for (let at = next++; at < count; at = next++) {
      const random = randomOf(at + 1)
      const picture = bases.length > 0 ? await windowOf(bases[at % bases.length] ?? '', random) : drawing(random)
      writeFileSync(paths[at] ?? '', await asCameraFile(picture.composite([grain]), at))
      makeOld(paths[at] ?? '')
    }
  })
  await Promise.all(lanes)
  const bytes = paths.reduce((sum, path) => sum + readFileSync(path).length, 0) / count
  const source =
    bases.length > 0 ? `windows of the corpus's ${bases.length} large photos` : 'drawn by code (no corpus here)'
  return {
    paths,
    description: `${count} JPEGs of 12 megapixels with EXIF, ${(bytes / 1e6).toFixed(1)} MB each, ${source}`,
  }
}

/** Fills folders of 500 with small JPEGs that differ in a comment only: many files for little disk. */
export async function makeSmallFiles(folder: string, count: number): Promise<void> {
  const photo = await asCameraFile(drawing(randomOf(1)).resize(160, 120), 0)
  for (let at = 0; at < count; at++) {
    const sub = join(folder, `folder ${String(Math.floor(at / 500)).padStart(4, '0')}`)
    if (at % 500 === 0) mkdirSync(sub, { recursive: true })
    const comment = Buffer.from(`....file ${at}`)
    comment.writeUInt16BE(0xfffe, 0)
    comment.writeUInt16BE(comment.length - 2, 2)
    const path = join(sub, `IMG_${String(at).padStart(6, '0')}.jpg`)
    writeFileSync(path, Buffer.concat([photo.subarray(0, 2), comment, photo.subarray(2)]))
    makeOld(path)
  }
}

function largePhotos(): string[] {
  const folder = join(corpus, 'photos', 'large')
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => /\.jpe?g$/i.test(name))
    .sort()
    .map((name) => join(folder, name))
}

async function windowOf(path: string, random: () => number): Promise<Sharp> {
  const { width: full = width, height: high = height } = (await sharp(path).metadata()).autoOrient
  const share = 0.8 + 0.2 * random()
  const area = { width: Math.floor(full * share), height: Math.floor(high * share) }
  const left = Math.floor(random() * (full - area.width))
  const top = Math.floor(random() * (high - area.height))
  const window = sharp(path)
    .autoOrient()
    .extract({ left, top, ...area })
    .resize(width, height)
  return random() < 0.5 ? window.flop() : window
}

function drawing(random: () => number): Sharp {
  const shapes = Array.from({ length: 60 }, () => {
    const [x, y, radius] = [random() * width, random() * height, 50 + random() * 600]
    return `<circle cx="${x}" cy="${y}" r="${radius}" fill="hsl(${random() * 360} 60% 50%)" fill-opacity="0.5"/>`
  })
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <rect width="100%" height="100%" fill="#888"/>${shapes.join('')}</svg>`
  return sharp(Buffer.from(svg)).removeAlpha()
}

/** The noise of a sensor: without it, windows that were enlarged would be files half as large as a camera's. */
async function drawGrain(): Promise<OverlayOptions> {
  const noise = { type: 'gaussian' as const, mean: 128, sigma: 14 }
  const input = await sharp({ create: { ...size, noise } })
    .raw()
    .toBuffer()
  return { input, raw: size, blend: 'soft-light' }
}

/** As a camera writes it, without a colour profile; every fifth stands upright by its orientation alone. */
async function asCameraFile(picture: Sharp, at: number): Promise<Buffer> {
  const exif = {
    IFD0: { Make: 'Canon', Model: 'Canon EOS 80D', DateTime: takenAt, ImageDescription: `photo ${at}` },
    IFD2: { DateTimeOriginal: takenAt, ISOSpeedRatings: '200', ExposureTime: '1/125', FNumber: '56/10' },
    IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '48/1 8/1 15/1', GPSLongitudeRef: 'E', GPSLongitude: '11/1 34/1 30/1' },
  }
  const orientation = at % 5 === 4 ? 6 : 1
  const file = await picture.jpeg({ quality: 93 }).withMetadata({ orientation, exif }).toBuffer()
  // sharp writes orientations only together with a colour profile, which cameras leave out.
  const profile = file.indexOf('ICC_PROFILE') - 4
  return Buffer.concat([file.subarray(0, profile), file.subarray(profile + 2 + file.readUInt16BE(profile + 2))])
}

const takenAt = '2019:07:14 12:30:05'

/** An import waits for files that were written a moment ago. */
const makeOld = (path: string): void => utimesSync(path, 1_700_000_000, 1_700_000_000)

/** Mulberry32: the same numbers for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed * 0x9e3779b1
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
