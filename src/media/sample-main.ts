/**
 * Draws the sample library into the folder named as the only argument, in a process of its own: landscapes with the
 * metadata of cameras, in several formats, and among them what a real library has too: a copy, a sideways photo, a
 * dark one, a blurred one and a broken one. Drawn aside and renamed, so that half a library is never seen.
 */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import sharp, { type Sharp } from 'sharp'

const [target = ''] = process.argv.slice(2)
const width = 1600
const height = 1067

const cameras = [
  ['Canon', 'Canon EOS R6', 'RF24-105mm F4 L IS USM'],
  ['FUJIFILM', 'X-T5', 'XF23mmF2 R WR'],
  ['Apple', 'iPhone 15', 'iPhone 15 back camera 6.86mm f/1.6'],
] as const

/** A small generator with a seed (mulberry32), so that the library is the same everywhere. */
function randomOf(seed: number): () => number {
  let state = seed * 0x9e3779b9
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

function landscape(seed: number): string {
  const random = randomOf(seed)
  const hue = Math.floor(random() * 360)
  const horizon = height * (0.35 + random() * 0.2)
  const sun = { x: width * (0.15 + random() * 0.7), y: horizon * (0.35 + random() * 0.5), r: 40 + random() * 70 }
  const ridges = [0, 1, 2, 3].map((ridge) => {
    const base = horizon + (ridge * (height - horizon)) / 4
    const points: string[] = []
    for (let x = 0; x <= width; x += 40) {
      const swell = Math.sin(x / (90 + 60 * ridge) + seed + ridge) * (60 - 10 * ridge) + (random() - 0.5) * 34
      points.push(`${x},${Math.round(base - 30 + swell)}`)
    }
    const light = 48 - ridge * 11
    return `<polygon fill="hsl(${(hue + 150 + ridge * 12) % 360} ${28 + ridge * 6}% ${light}%)" points="0,${height} ${points.join(' ')} ${width},${height}"/>`
  })
  const trees = Array.from({ length: 26 }, () => {
    const x = random() * width
    const size = 40 + random() * 110
    const y = height * (0.8 + random() * 0.2)
    return `<polygon fill="hsl(${(hue + 140) % 360} 40% ${8 + random() * 10}%)" points="${x},${y - size} ${x - size / 4},${y} ${x + size / 4},${y}"/>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <defs><linearGradient id="sky" x2="0" y2="1"><stop stop-color="hsl(${hue} 55% 45%)"/><stop offset="1" stop-color="hsl(${(hue + 40) % 360} 80% 82%)"/></linearGradient></defs>
    <rect width="100%" height="100%" fill="url(#sky)"/><circle cx="${sun.x}" cy="${sun.y}" r="${sun.r}" fill="hsl(45 95% 85%)"/>
    ${ridges.join('')}${trees.join('')}</svg>`
}

function photo(seed: number): Sharp {
  const [make, model, lens] = cameras[seed % cameras.length] ?? cameras[0]
  const taken = `2024:${String(1 + (seed % 12)).padStart(2, '0')}:${String(1 + (seed % 27)).padStart(2, '0')} 1${seed % 10}:24:0${seed % 10}`
  const grain = {
    create: {
      width,
      height,
      channels: 3 as const,
      background: '#000',
      noise: { type: 'gaussian' as const, mean: 128, sigma: 9 },
    },
  }
  return sharp(Buffer.from(landscape(seed)))
    .composite([{ input: grain, blend: 'soft-light' }])
    .withExif({
      IFD0: { Make: make, Model: model, ImageDescription: `Sample landscape ${seed}`, Artist: 'mediamill' },
      IFD2: {
        DateTimeOriginal: taken,
        ExposureTime: `1/${60 << (seed % 4)}`,
        FNumber: `${28 + (seed % 5) * 10}/10`,
        ISOSpeedRatings: String(100 << (seed % 4)),
        FocalLength: `${24 + seed * 3}/1`,
        LensModel: lens,
      },
      ...(seed % 3 === 0 ? { IFD3: gpsOf(seed) } : {}),
    })
}

/** The same with its pixels fixed, for what has to happen after the grain is on. */
const drawn = async (seed: number): Promise<Sharp> => sharp(await photo(seed).png().toBuffer()).keepExif()

const gpsOf = (seed: number) => ({
  GPSLatitudeRef: 'N',
  GPSLatitude: `${46 + (seed % 3)}/1 ${seed % 60}/1 0/1`,
  GPSLongitudeRef: 'E',
  GPSLongitude: `${7 + (seed % 5)}/1 ${(seed * 7) % 60}/1 0/1`,
})

async function draw(folder: string): Promise<void> {
  for (const place of ['mountains', 'coast', 'odd ones']) mkdirSync(join(folder, place), { recursive: true })
  for (let seed = 1; seed <= 18; seed++) {
    const place = seed % 2 === 0 ? 'mountains' : 'coast'
    await photo(seed)
      .jpeg({ quality: 88 })
      .toFile(join(folder, place, `IMG_${1000 + seed}.jpg`))
  }
  await photo(19)
    .webp({ quality: 82 })
    .toFile(join(folder, 'coast', 'evening.webp'))
  await photo(20)
    .avif({ quality: 55, effort: 2 })
    .toFile(join(folder, 'coast', 'morning.avif'))
  await photo(21)
    .png()
    .toFile(join(folder, 'mountains', 'poster.png'))
  const odd = join(folder, 'odd ones')
  await photo(2).jpeg({ quality: 88 }).toFile(join(odd, 'IMG_1002 (copy).jpg'))
  await (await drawn(4)).resize(640).jpeg({ quality: 60 }).toFile(join(odd, 'IMG_1004-small.jpg'))
  await (await drawn(22))
    .rotate(90)
    .withMetadata({ orientation: 8 })
    .jpeg({ quality: 88 })
    .toFile(join(odd, 'sideways.jpg'))
  await (await drawn(23)).linear(0.16, 0).jpeg({ quality: 88 }).toFile(join(odd, 'too dark.jpg'))
  await (await drawn(24)).blur(9).jpeg({ quality: 88 }).toFile(join(odd, 'blurred.jpg'))
  const whole = await photo(25).jpeg({ quality: 88 }).toBuffer()
  writeFileSync(join(odd, 'cut short.jpg'), whole.subarray(0, Math.floor(whole.length * 0.6)))
}

const aside = join(dirname(target), `.${process.pid}.part`)
try {
  await draw(aside)
  renameSync(aside, target)
} finally {
  rmSync(aside, { recursive: true, force: true })
}
