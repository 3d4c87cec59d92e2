import type { HeifFile } from './heif-boxes.ts'
import type { JpegParts } from './jpeg-parts.ts'

/** What tells a gain map: Adobe's and Google's XMP, ISO 21496-1, and Apple's name for its own. */
const marks = ['hdrgm:Version', 'Semantic="GainMap"', 'urn:iso:std:iso:ts:21496:-1', 'aux:hdrgainmap']

// The metadata of the picture, up to its scan, and of a second picture behind its end, stand within this.
const searchedBytes = 256 * 1024

/** Whether a JPEG carries a second picture that makes it brighter on screens that can (Ultra HDR and its kin). */
export function jpegHasGainMap(bytes: Buffer, { scan = searchedBytes, end = bytes.length }: JpegParts): boolean {
  const parts = [bytes.subarray(0, Math.min(scan, searchedBytes)), bytes.subarray(end, end + searchedBytes)]
  return parts.some((part) => marks.some((mark) => part.includes(mark, 0, 'latin1')))
}

/** Whether the primary picture of a HEIF file has a gain map: a `tmap` item made from both, or Apple's helper picture. */
export function heifHasGainMap(heif: HeifFile): boolean {
  const { id } = heif.primary
  return (
    heif.referrers('dimg', id).some((maker) => heif.item(maker)?.type === 'tmap') ||
    heif.referrers('auxl', id).some((helper) => heif.item(helper)?.auxiliary?.includes('hdrgainmap'))
  )
}
