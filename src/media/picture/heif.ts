import { toPictureError } from './fault.ts'
import { decodeStills, samplesOf } from './ffmpeg.ts'
import type { PictureHeader } from './header.ts'
import type { HeifFile, HeifItem } from './heif-boxes.ts'
import { decodeWithLibheif } from './libheif.ts'
import { orientPixels } from './orient.ts'
import { withProfile } from './profile.ts'
import type { Raster } from './raster.ts'
import { type Edge, intentOf } from './sharp.ts'
import { shrinkTo, withoutIdleAlpha } from './still.ts'
import { needsConversion, toSrgb } from './tone.ts'

/**
 * Decodes a HEIC: its coded pictures by FFmpeg, joined where it is a grid, turned as the container says (EXIF has no say here).
 * What is built in other ways goes to libheif, which knows them all but takes twice the time.
 */
export async function decodeHeif(bytes: Buffer, header: PictureHeader, edge: Edge): Promise<Raster> {
  const plan = header.heif ? planOf(header.heif) : null
  if (!plan) return finish(withoutIdleAlpha(inTone(await decodeWithLibheif(bytes), header)), header, edge)
  try {
    const { pixels, isWhole } = await decodePlan(plan, header, edge)
    const oriented = orientPixels(await shrinkTo(pixels, edge), header.orientation)
    const raster = await finish({ ...pixels, ...oriented }, header, edge)
    return isWhole ? raster : { ...raster, damage: 'parts of the picture can not be read' }
  } catch (thrown) {
    throw toPictureError(thrown)
  }
}

type Bare = Pick<Raster, 'data' | 'width' | 'height' | 'channels'>

/** libheif leaves the tones of the file as they are, in 8 bits. */
function inTone(pixels: Bare, { colour }: PictureHeader): Bare {
  const { data, width, height, channels } = pixels
  if (!colour || channels === 1 || !needsConversion(colour)) return pixels
  const deep = Uint16Array.from(data, (value) => value * 257)
  return { data: toSrgb({ data: deep, width, height, channels }, colour), width, height, channels }
}

async function finish(pixels: Bare, header: PictureHeader, edge: Edge): Promise<Raster> {
  const small = await shrinkTo(pixels, edge)
  const { data, width, height, channels } = header.icc ? await withProfile(small, header.icc) : small
  return {
    data,
    width,
    height,
    channels,
    fullWidth: header.width ?? width,
    fullHeight: header.height ?? height,
    intent: intentOf(header),
  }
}

/** Pictures to decode and where each belongs. */
interface Plan {
  readonly tiles: readonly HeifItem[]
  readonly columns: number
  readonly rows: number
  readonly width: number
  readonly height: number
  readonly codec: 'hevc' | 'av1'
  readonly setup?: Buffer
}

const codecs: Readonly<Record<string, Plan['codec']>> = { hvc1: 'hevc', av01: 'av1' }

/** How the primary item is put together; null when it is more than a picture or a grid of equal ones without alpha. */
function planOf(heif: HeifFile): Plan | null {
  const { primary } = heif
  const { width, height } = primary
  if (width === undefined || height === undefined || primary.otherProperties.includes('clap')) return null
  const isGrid = primary.type === 'grid'
  const grid = isGrid ? Buffer.concat(primary.parts) : undefined
  const columns = (grid?.[3] ?? 0) + 1
  const rows = (grid?.[2] ?? 0) + 1
  const tiles = isGrid ? heif.references('dimg', primary.id).map((id) => heif.item(id)) : [primary]
  const items = tiles.filter((tile) => tile !== undefined)
  const [first] = items
  if (!first || items.length !== tiles.length || items.length !== columns * rows) return null
  const codec = codecs[first.type]
  const isUniform = items.every(
    (tile) => tile.type === first.type && tile.width === first.width && tile.height === first.height,
  )
  const hasAlpha = heif.referrers('auxl', primary.id).length > 0 && hasAlphaItem(heif)
  if (!codec || !isUniform || hasAlpha || (codec === 'hevc' && !first.setup)) return null
  return { tiles: items, columns, rows, width, height, codec, ...(first.setup ? { setup: first.setup } : {}) }
}

/** Whether one of the helpers of the primary item is its alpha plane; others are depth and gain maps. */
const hasAlphaItem = (heif: HeifFile): boolean =>
  heif.referrers('auxl', heif.primary.id).some((id) => heif.item(id)?.auxiliary?.includes('alpha'))

async function decodePlan(plan: Plan, header: PictureHeader, edge: Edge): Promise<{ pixels: Bare; isWhole: boolean }> {
  const [first] = plan.tiles
  const tileWidth = first?.width ?? plan.width
  const tileHeight = first?.height ?? plan.height
  const colour = header.colour
  const isConverted = colour !== undefined && needsConversion(colour)
  const shrink = shrinkOf(plan, tileWidth, tileHeight, edge)
  const pixelBytes = isConverted ? 6 : 3
  const width = Math.ceil(plan.width / shrink)
  const height = Math.ceil(plan.height / shrink)
  const canvas = Buffer.alloc(width * height * pixelBytes, 128)
  const size = { width: tileWidth / shrink, height: tileHeight / shrink }
  let decoded = 0
  const pictures = plan.tiles.map(({ parts }) => (parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts)))
  const options = { isStrict: false, ...(plan.setup ? { setup: plan.setup } : {}) }
  await decodeStills(plan.codec, pictures, options, async (frame, index) => {
    const samples = await samplesOf(frame, isConverted ? 'rgb16' : 'rgb', size, colour)
    const left = (index % plan.columns) * size.width
    const top = Math.floor(index / plan.columns) * size.height
    const rowBytes = Math.min(size.width, width - left) * pixelBytes
    for (let y = 0; y < Math.min(size.height, height - top); y++) {
      const from = y * size.width * pixelBytes
      samples.copy(canvas, ((top + y) * width + left) * pixelBytes, from, from + rowBytes)
    }
    decoded++
  })
  const data = isConverted
    ? toSrgb(
        { data: new Uint16Array(canvas.buffer, canvas.byteOffset, canvas.length / 2), width, height, channels: 3 },
        colour,
      )
    : canvas
  return { pixels: { data, width, height, channels: 3 }, isWhole: decoded === plan.tiles.length }
}

/** By how much tiles can be shrunk while they are converted, so that their seams stay on whole pixels. */
function shrinkOf(plan: Plan, tileWidth: number, tileHeight: number, edge: Edge): number {
  if (edge === 'full') return 1
  const fits = [8, 4, 2].find(
    (factor) =>
      Math.max(plan.width, plan.height) / factor >= edge && tileWidth % factor === 0 && tileHeight % factor === 0,
  )
  return fits ?? 1
}
