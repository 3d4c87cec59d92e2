import { compactTiff, type ExifDirectories } from '../../metadata/exif-blocks.ts'
import { bufferView } from '../../metadata/source.ts'
import { type TiffEntry, TiffReader } from '../../metadata/tiff.ts'

/**
 * Tags of the main directory that speak of the picture's content. The others of a TIFF or raw file tell how its pixels are
 * coded, which would be wrong in any other file.
 */
const contentTags: ReadonlySet<number> = new Set([
  ...[0x010e, 0x010f, 0x0110, 0x0112, 0x0131, 0x0132, 0x013b, 0x013c],
  ...[0x4746, 0x4749, 0x8298, 0x9c9b, 0x9c9c, 0x9c9d, 0x9c9e, 0x9c9f],
])

/** Reads the directories; throws RangeError when the bytes are no TIFF structure. */
export function readExif(block: Buffer): ExifDirectories {
  const tiff = new TiffReader(bufferView(block))
  const nothing: ReadonlyMap<number, TiffEntry> = new Map()
  const main = tiff.directory(tiff.first).entries
  const below = (parent: ReadonlyMap<number, TiffEntry>, pointer: number): ReadonlyMap<number, TiffEntry> => {
    const [offset] = tiff.numbers(parent.get(pointer))
    return offset ? tiff.directory(offset).entries : nothing
  }
  const exif = below(main, 0x8769)
  return {
    isLittle: tiff.isLittle,
    main: new Map([...main].filter(([tag]) => contentTags.has(tag))),
    exif: new Map([...exif].filter(([tag]) => tag !== 0xa005)),
    gps: below(main, 0x8825),
    interop: below(exif, 0xa005),
  }
}

/** The structure written anew, with what speaks of the content and nothing else. */
export const compactExif = (block: Buffer): Buffer => compactTiff(readExif(block))
