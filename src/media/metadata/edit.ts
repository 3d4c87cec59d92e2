import { constants } from 'node:fs'
import { copyFile, readFile, stat } from 'node:fs/promises'
import { MediaError } from '../../errors.ts'
import { formatBytes, GiB } from '../../units.ts'
import type { FormatName } from '../formats.ts'
import type { MetadataEdits } from '../media.ts'
import { hasBlocks, takeBlocks } from './blocks.ts'
import { placesOfEdits } from './edit-places.ts'
import { type ExiftoolEdits, readWithExiftool, writeWithExiftool } from './exiftool.ts'
import { iptcEncoding, isIptcNewer } from './iptc.ts'
import { FileView } from './source.ts'
import { withTemporaryFile } from './temporary.ts'

/** Formats into which exiftool writes. */
const writable: ReadonlySet<FormatName> = new Set([
  ...(['jpeg', 'png', 'webp', 'avif', 'heic', 'tiff', 'gif', 'jxl', 'jp2', 'raw'] as const),
  ...(['mp4', 'mov', 'm4a', '3gp'] as const),
])

/** The copy is held in memory on its way. */
const copyBytes = GiB

/**
 * A copy of a file with other metadata, as bytes, pixels and sound as they were; the file itself is not touched. Throws
 * OPERATION_UNFIT for formats that exiftool does not write and for files above 1 GiB, TOOL_MISSING without perl.
 */
export async function editMetadata(path: string, format: FormatName, edits: MetadataEdits): Promise<Buffer> {
  if (!writable.has(format)) throw unfit(`files of ${[...writable].join(', ')}`, `${format} file`)
  const { size } = await stat(path)
  if (size > copyBytes) throw unfit(`files of at most ${formatBytes(copyBytes)}`, `file of ${formatBytes(size)}`)
  return withTemporaryFile(path, format, async (aside) => {
    await copyFile(path, aside, constants.COPYFILE_FICLONE)
    const iptc = iptcIn(aside, format)
    if (iptc && iptc.encoding !== 'declared') await declareUtf8(aside, iptc.encoding)
    const told = Object.keys(await readWithExiftool(aside))
    const places = placesOfEdits(edits, told, iptc !== undefined)
    if (Object.keys(places).length === 0) return readFile(aside)
    // A digest that fitted shall fit again; one that did not says that XMP is older, which is as true as before.
    const isDigestDue = iptc?.isInStep && format === 'jpeg' && Object.keys(places).some((name) => /^IPTC:/.test(name))
    // A bare codestream of JPEG XL has no room for metadata: it is put into a box, which exiftool warns of.
    const isForced = format === 'jxl'
    await writeWithExiftool(
      aside,
      { ...places, ...(isDigestDue ? { 'Photoshop:IPTCDigest': 'new' } : {}) },
      { isForced },
    )
    if (edits.stripGps) await assertNoPlace(aside)
    return readFile(aside)
  })
}

const unfit = (takes: string, is: string) => new MediaError('OPERATION_UNFIT', ['metadata set', takes, is])

interface IptcState {
  readonly encoding: ReturnType<typeof iptcEncoding>
  /** Whether XMP has what IPTC has, as far as the digest tells. */
  readonly isInStep: boolean
}

function iptcIn(path: string, format: FormatName): IptcState | undefined {
  if (!hasBlocks(format)) return undefined
  const view = new FileView(path)
  try {
    const { iptc, iptcDigest } = takeBlocks(view, format)
    return iptc && { encoding: iptcEncoding(iptc), isInStep: !isIptcNewer(iptc, iptcDigest) }
  } finally {
    view.close()
  }
}

/** Writes IPTC anew in UTF-8: letters that Latin has not could not be written, and one record has one encoding. */
async function declareUtf8(path: string, encoding: 'utf8' | 'latin'): Promise<void> {
  const charset = encoding === 'utf8' ? ['-charset', 'iptc=UTF8'] : []
  const args = [...charset, '-tagsFromFile', '@', '-IPTC:all', '-IPTC:CodedCharacterSet=UTF8']
  await writeWithExiftool(path, { 'IPTC:CodedCharacterSet': 'UTF8' } satisfies ExiftoolEdits, { args })
}

/** Maker notes and tracks of films can hold places that can not be taken out; then nobody shall believe they were. */
async function assertNoPlace(path: string): Promise<void> {
  const left = Object.keys(await readWithExiftool(path)).find((key) =>
    /GPS(Latitude|Longitude|Position|Coordinates)/.test(key),
  )
  if (left)
    throw unfit('files whose place can be taken out', `file with a place in ${left.split(':').slice(0, -1).join(' ')}`)
}
