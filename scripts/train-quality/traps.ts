import sharp from 'sharp'
import { blend, blur, map, type Rgb } from './degrade.ts'
import type { Random } from './random.ts'

/** Pictures that look flawed by their numbers and are as they were meant: made of a flawless one. */
export const trapsOf = {
  /** A sharp subject before a background far out of focus. */
  async 'shallow-focus'(picture: Rgb, random: Random): Promise<Rgb> {
    const background = await blur(picture, (random.between(5, 9) * picture.width) / 800)
    const [cx, cy] = [random.between(0.3, 0.7), random.between(0.3, 0.7)]
    const [rx, ry] = [random.between(0.14, 0.28), random.between(0.16, 0.32)]
    return blend(picture, background, (x, y) => {
      const distance = Math.hypot((x - cx) / rx, (y - cy) / ry)
      return distance < 0.85 ? 1 : distance > 1.15 ? 0 : (1.15 - distance) / 0.3
    })
  },
  /** Fog that thickens with the distance, which is above; the foreground keeps its full range. */
  async fog(picture: Rgb, random: Random): Promise<Rgb> {
    const air = random.between(185, 225)
    const mist = map(picture, () => air)
    const horizon = random.between(0.1, 0.3)
    const depth = random.between(0.5, 0.75)
    return blend(picture, mist, (_, y) => Math.min(1, 0.12 + Math.max(0, (y - horizon) / depth) ** 1.5))
  },
  /** A dark scene with bright lamps. */
  async night(picture: Rgb, random: Random): Promise<Rgb> {
    const dark = map(picture, (value) => 255 * (value / 255) ** 2.6 * 0.8)
    const data = Buffer.from(dark.data)
    const { width, height } = picture
    for (let lamp = random.integer(12, 40); lamp > 0; lamp--) {
      const [cx, cy] = [random.integer(3, width - 4), random.integer(3, height - 4)]
      const radius = random.between(1.2, 0.006 * width + 1.5)
      const colour = [255, random.integer(215, 250), random.integer(140, 235)]
      const reach = Math.ceil(radius * 3)
      for (let y = Math.max(0, cy - reach); y <= Math.min(height - 1, cy + reach); y++) {
        for (let x = Math.max(0, cx - reach); x <= Math.min(width - 1, cx + reach); x++) {
          const distance = Math.hypot(x - cx, y - cy)
          const share = distance <= radius ? 1 : 0.35 * Math.exp(-(distance - radius) / radius)
          for (let channel = 0; channel < 3; channel++) {
            const at = (y * width + x) * 3 + channel
            data[at] = Math.min(255, (data[at] ?? 0) + Math.round((colour[channel] ?? 0) * share))
          }
        }
      }
    }
    return { width, height, data }
  },
} as const satisfies Record<string, (picture: Rgb, random: Random) => Promise<Rgb>>

/** Pictures that are drawn, not taken. */
export const drawn = {
  /** Black lines on white paper. */
  'line-art'(random: Random): Promise<Rgb> {
    const [width, height] = sizeOf(random)
    const lines = Array.from({ length: random.integer(20, 60) }, () => {
      const points = Array.from({ length: 4 }, () => `${random.integer(0, width)} ${random.integer(0, height)}`)
      const stroke = random.between(1, 4).toFixed(1)
      return random.next() < 0.3
        ? `<circle cx="${random.integer(0, width)}" cy="${random.integer(0, height)}" r="${random.integer(10, 160)}" fill="none" stroke="#111" stroke-width="${stroke}"/>`
        : `<path d="M${points[0]}C${points[1]} ${points[2]} ${points[3]}" fill="none" stroke="#111" stroke-width="${stroke}"/>`
    })
    return render(width, height, `<rect width="100%" height="100%" fill="#fff"/>${lines.join('')}`)
  },
  /** Windows with text. */
  screenshot(random: Random): Promise<Rgb> {
    const [width, height] = sizeOf(random)
    const isDark = random.next() < 0.35
    const [paper, ink, bar] = isDark ? ['#1e1e24', '#d8d8de', '#2c2c36'] : ['#ffffff', '#222222', '#e9ebf0']
    const accent = random.pick(['#3367d6', '#c0392b', '#1e8e3e', '#8e44ad'])
    const parts = [
      `<rect width="100%" height="100%" fill="${paper}"/>`,
      `<rect width="100%" height="44" fill="${bar}"/>`,
      `<rect x="0" y="44" width="${Math.round(width * 0.2)}" height="100%" fill="${bar}"/>`,
    ]
    const letters = 'etaoin shrdlu cmfwyp vbgkqjxz '
    const fontSize = random.integer(12, 17)
    for (let y = 80; y < height - 10; y += Math.round(fontSize * 1.6)) {
      const text = Array.from(
        { length: random.integer(20, Math.floor(width / fontSize)) },
        () => letters[random.integer(0, letters.length - 1)],
      ).join('')
      const fill = random.next() < 0.12 ? accent : ink
      parts.push(
        `<text x="${Math.round(width * 0.23)}" y="${y}" font-family="DejaVu Sans" font-size="${fontSize}" fill="${fill}">${text}</text>`,
      )
      if (random.next() < 0.5) {
        parts.push(
          `<text x="14" y="${y}" font-family="DejaVu Sans" font-size="${fontSize}" fill="${ink}">${text.slice(0, 12)}</text>`,
        )
      }
      if (random.next() < 0.12) {
        parts.push(`<rect x="${Math.round(width * 0.5)}" y="${y}" width="140" height="34" rx="5" fill="${accent}"/>`)
      }
    }
    return render(width, height, parts.join(''))
  },
} as const satisfies Record<string, (random: Random) => Promise<Rgb>>

function sizeOf(random: Random): readonly [number, number] {
  return random.pick<readonly [number, number]>([
    [1440, 900],
    [1280, 720],
    [800, 600],
    [640, 960],
    [540, 400],
  ])
}

async function render(width: number, height: number, body: string): Promise<Rgb> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${body}</svg>`
  const { data } = await sharp(Buffer.from(svg))
    .flatten()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { data, width, height }
}
