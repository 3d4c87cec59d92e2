import { takeExif } from './exif-blocks.ts'
import { attempt, type Blocks } from './found.ts'
import { takeJpeg } from './jpeg.ts'
import { type ByteView, partOf } from './source.ts'
import { type TiffDirectory, TiffReader } from './tiff.ts'

const tag = { subfile: 254, width: 256, height: 257, bits: 258, photometric: 262, subDirectories: 330 }
const codingTags: ReadonlySet<number> = new Set(Object.values(tag))
/** Scanned books have hundreds of pages; a loop is found by its offsets, an endless chain by this. */
const maxPages = 10_000

const photometrics: Record<number, string> = { 0: 'grey', 1: 'grey', 5: 'cmyk', 8: 'lab', 9: 'lab', 10: 'lab' }

/** Reads a TIFF file: Exif from the first directory, and the number of pages from the chain. */
export function takeTiff(view: ByteView, blocks: Blocks): void {
  takeExif(view, blocks)
  const tiff = new TiffReader(view)
  const seen = new Set<number>()
  let pages = 0
  for (let offset = tiff.first; offset > 0 && offset < view.size && !seen.has(offset) && seen.size < maxPages; ) {
    seen.add(offset)
    const directory = tiff.directory(offset, codingTags)
    if (directory.entries.size === 0) break
    // Bit 0: a smaller version of another picture; bit 2: a mask.
    if (((tiff.numbers(directory.entries.get(tag.subfile))[0] ?? 0) & 5) === 0) {
      if (pages === 0) takeCoding(tiff, directory, blocks)
      pages++
    }
    offset = directory.next
  }
  if (pages > 1) blocks.facts.pages = pages
}

/** Reads a camera's raw file: Exif from its first directory, the coding from the one that holds the full picture. */
export function takeRaw(view: ByteView, blocks: Blocks): void {
  const mark = view.bytes(0, 16)
  if (mark.toString('latin1') === 'FUJIFILMCCD-RAW ') {
    // Fuji: a JPEG with all metadata lies inside; its size is not that of the raw picture.
    const place = view.bytes(84, 8)
    takeJpeg(partOf(view, place.readUInt32BE(0), place.readUInt32BE(4)), blocks)
    for (const fact of ['width', 'height', 'bitDepth', 'colorSpace'] as const) delete blocks.facts[fact]
    return
  }
  takeExif(view, blocks)
  attempt(() => {
    const tiff = new TiffReader(view)
    const main = tiff.directory(tiff.first, codingTags)
    const below = tiff.numbers(main.entries.get(tag.subDirectories)).slice(0, 8)
    const full = [main, ...below.map((offset) => tiff.directory(offset, codingTags))].find(
      ({ entries }) => tiff.numbers(entries.get(tag.subfile))[0] === 0,
    )
    if (full) takeCoding(tiff, full, blocks)
    // The colours of a sensor are those of no colour space.
    delete blocks.facts.colorSpace
  })
}

function takeCoding(tiff: TiffReader, { entries }: TiffDirectory, { facts }: Blocks): void {
  const first = (name: number) => tiff.numbers(entries.get(name))[0]
  const [width, height, bits, photometric] = [
    first(tag.width),
    first(tag.height),
    first(tag.bits),
    first(tag.photometric),
  ]
  if (width) facts.width = width
  if (height) facts.height = height
  // Without the tag a sample has one bit: fax pages often leave it out.
  facts.bitDepth = bits || 1
  const colorSpace = photometrics[photometric ?? -1]
  if (colorSpace) facts.colorSpace = colorSpace
}
