/**
 * The floor of operations on pictures: the decoding and encoding that they can not do without, and nothing else.
 * Arguments: the name of the work, and how many of the first lines only warm up. On stdin one JSON a line: the path, and for
 * `optimize` the qualities to be tried.
 */
import { readFile } from 'node:fs/promises'
import sharp, { type Sharp } from 'sharp'
import { encodersFor } from '../../src/media/picture/encoder-settings.ts'
import { loadPacker } from '../../src/media/picture/packer.ts'
import { kernel, pictureOf } from '../../src/media/picture/raster.ts'
import { assessedEdge, assessPicture } from '../../src/operations/quality/assess.ts'
import { answerLines, shareLines } from './share.ts'

/** One picture of the work. */
interface Line {
  readonly path: string
  readonly qualities?: readonly number[]
}

const [name, warmUps] = process.argv.slice(2)
if (name) await shareLines(import.meta.filename, name, Number(warmUps))
else {
  sharp.concurrency(1)
  sharp.cache(false)
  answerLines<string>((job, line) => floors[job]?.(JSON.parse(line) as Line) ?? Promise.reject(new Error(job)))
}

/** Works by the names of our operations; each answers a number that ours has to agree with. */
const floors: Readonly<Record<string, (line: Line) => Promise<number>>> = {
  async thumbnail({ path }) {
    return (await decoded(path, 250).webp({ quality: 80, effort: 2 }).toBuffer()).length
  },

  async convert({ path }) {
    return (await sharp(path).autoOrient().webp({ quality: 80, effort: 4 }).toBuffer()).length
  },

  /** Windows in two qualities to begin with, the file packed, and each quality encoded; all of them are seen again. */
  async optimize({ path, qualities = [] }) {
    const original = await readFile(path)
    const { data, info } = await sharp(original).autoOrient().raw().toBuffer({ resolveWithObject: true })
    const { width, height, channels } = info
    const encoded = async (image: Sharp, quality: number): Promise<Buffer> => {
      const [encoder] = encodersFor({ format: 'jpeg', quality, effort: 'best' }, { width, height, depth: 8 })
      if (!encoder) throw new Error('there is no encoder')
      const file = await encoder(image).toBuffer()
      await sharp(file).raw().toBuffer()
      return file
    }
    for (let window = 0; window < 5 && qualities[0] !== undefined; window++) {
      const place = { left: Math.floor((window * (width - 512)) / 4), top: Math.floor((window * (height - 512)) / 4) }
      const cut = () => sharp(data, { raw: { width, height, channels } }).extract({ ...place, width: 512, height: 512 })
      for (const quality of [qualities[0] - 5, qualities[0]]) await encoded(cut(), quality)
    }
    const { compressJpeg } = await loadPacker()
    const packed = await compressJpeg(original)
    await sharp(packed).raw().toBuffer()
    const lengths = [packed.length]
    for (const quality of qualities) lengths.push((await encoded(sharp(original).autoOrient(), quality)).length)
    return Math.min(...lengths)
  },

  analyze: ({ path }) => statistics(path),

  /** Decoded, and measured by our own functions: what is held against it is all that a server does around them. */
  async 'quality-issues'({ path }) {
    const { data, info } = await decoded(path, assessedEdge).raw().toBuffer({ resolveWithObject: true })
    const { width, height, channels } = info
    const { autoOrient } = await sharp(path).metadata()
    const full = { fullWidth: autoOrient.width, fullHeight: autoOrient.height }
    const intent = { orientation: 1, orientationFrom: 'none', profile: 'untagged' } as const
    const picture = pictureOf({ data, width, height, channels: channels as 1 | 3 | 4, ...full, intent })
    return (await assessPicture(picture, {})).score
  },
}

/** Decoded as the operations do: shrunk on load, upright. */
const decoded = (path: string, edge: number): Sharp =>
  sharp(path, { autoOrient: true }).resize(edge, edge, { fit: 'inside', withoutEnlargement: true, kernel })

/** Mean luma of what the measuring operations look at, 0–1. */
async function statistics(path: string): Promise<number> {
  const { data, info } = await decoded(path, 1440).raw().toBuffer({ resolveWithObject: true })
  const { width, height, channels } = info
  const { channels: found } = await sharp(data, { raw: { width, height, channels } }).stats()
  const [red = 0, green = red, blue = red] = found.map(({ mean }) => mean)
  return (0.299 * red + 0.587 * green + 0.114 * blue) / 255
}
