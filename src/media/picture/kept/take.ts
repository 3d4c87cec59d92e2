import sharp from 'sharp'
import { takeBlocks } from '../../metadata/blocks.ts'
import type { Blocks } from '../../metadata/found.ts'
import { bufferView, FileView } from '../../metadata/source.ts'
import type { Source } from '../../source.ts'
import { type ExifEdits, patchExif } from './exif.ts'
import { compactExif } from './exif-compact.ts'
import { iptcWithoutPlace, photoshopWith } from './iptc.ts'
import { patchXmp } from './xmp.ts'

/** Metadata of a file as it goes into the one that is written from it. */
export interface KeptMetadata {
  /** A TIFF structure. */
  readonly exif?: Buffer
  /** The same without notes of makers and other blobs, for containers that can not take the block as it is. */
  readonly plainExif?: Buffer
  /** A packet in UTF-8. */
  readonly xmp?: Buffer
  /** IPTC-IIM records. */
  readonly iptc?: Buffer
  /** The records among Photoshop's resources, as JPEG and PNG hold them. */
  readonly photoshop?: Buffer
}

/** Takes EXIF, XMP and IPTC out of a file and fits them to the new picture. Never throws: what can not be read is absent. */
export async function takeMetadata(source: Source, edits: ExifEdits): Promise<KeptMetadata> {
  const blocks = blocksOf(source)
  const block = await exifBlock(source)
  const plainExif = blocks.exif && orNothing(() => patchExif(compactExif(blocks.exif ?? Buffer.alloc(0)), edits))
  const exif = (block && orNothing(() => patchExif(block, edits))) ?? plainExif
  const xmp = blocks.xmp[0] && patchXmp(blocks.xmp[0], edits)
  const { iptc: old, iptcDigest: digest } = blocks
  const iptc = old && (edits.stripPlace ? iptcWithoutPlace(old) : old)
  const photoshop = iptc && old && photoshopWith(iptc, { records: old, ...(digest === undefined ? {} : { digest }) })
  return {
    ...(exif ? { exif } : {}),
    ...(plainExif ? { plainExif } : {}),
    ...(xmp ? { xmp } : {}),
    ...(iptc && iptc.length > 0 ? { iptc } : {}),
    ...(iptc && iptc.length > 0 && photoshop ? { photoshop } : {}),
  }
}

function blocksOf({ path, whole, format }: Source): Blocks {
  if (whole) return takeBlocks(bufferView(whole), format)
  const view = new FileView(path)
  try {
    return takeBlocks(view, format)
  } finally {
    view.close()
  }
}

/** Formats that hold EXIF as one block; in TIFF and raw files its parts lie anywhere among the pixels. */
const blockFormats: ReadonlySet<Source['format']> = new Set(['jpeg', 'png', 'webp', 'avif', 'heic'])

/** The block as it stands in the file, notes of makers and all. */
async function exifBlock({ format, whole, path }: Source): Promise<Buffer | undefined> {
  if (!blockFormats.has(format)) return undefined
  const found = await sharp(whole ?? path, { limitInputPixels: false, failOn: 'none' })
    .metadata()
    .catch(() => undefined)
  const bytes = found?.exif
  if (!bytes) return undefined
  const head = bytes.subarray(0, 64).toString('latin1')
  const start = head.search(/II\*\0|MM\0\*/)
  return start < 0 ? undefined : bytes.subarray(start)
}

function orNothing<Result>(make: () => Result): Result | undefined {
  try {
    return make()
  } catch (thrown) {
    if (thrown instanceof RangeError) return undefined
    throw thrown
  }
}
