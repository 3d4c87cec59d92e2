import type { MetadataEdits } from '../media.ts'

/** A copy of a file with other metadata, as bytes; the file itself is not touched. Throws TOOL_MISSING without exiftool. */
export async function editMetadata(_path: string, _edits: MetadataEdits): Promise<Buffer> {
  throw new Error('not built yet')
}
