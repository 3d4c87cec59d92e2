import type { MetadataTagValue } from '../metadata.ts'

/** One thing a file says: `value` for machines, `shown` where people read something else (`Pattern` for 5). */
export interface FoundTag {
  readonly value: FoundValue
  readonly shown?: MetadataTagValue
}

/** Any value as decoded; lists of lists occur in GPS times only. */
export type FoundValue = MetadataTagValue

/** Name to tag within one group. */
export type FoundGroup = Record<string, FoundTag>

/** Group to names to tags: `exif`, `xmp`, `iptc`, `icc`, `png`, `quicktime`, … */
export type FoundGroups = Record<string, FoundGroup>

/** What the coding itself tells, whatever the metadata says; sizes as coded, before any turning. */
export interface CodingFacts {
  width?: number
  height?: number
  /** Turning that the coding itself asks for (JPEG XL), 1–8. */
  orientation?: number
  bitDepth?: number
  colorSpace?: string
  pages?: number
  durationMs?: number
}

/** The blocks of metadata that were cut out of a container, not decoded yet, each bounded in size. */
export interface Blocks {
  /** A small classic TIFF with the main, Exif, GPS and interoperability directories, without blobs. */
  exif?: Buffer
  /** XMP packets: the main one first. */
  readonly xmp: Buffer[]
  /** IPTC-IIM records. */
  iptc?: Buffer
  /** MD5 of the IPTC records when XMP was last written, in hex; another value now means that IPTC is newer. */
  iptcDigest?: string
  icc?: Buffer
  /** Texts that containers keep beside the standards. */
  readonly groups: FoundGroups
  readonly facts: CodingFacts
}

/** Blocks of a file of which nothing is known yet. */
export const noBlocks = (): Blocks => ({ xmp: [], groups: {}, facts: {} })

/** Adds a text to a group of the container, once: the first of a name stays. */
export function addText(blocks: Blocks, group: string, name: string, value: MetadataTagValue): void {
  if (value === '') return
  const tags = blocks.groups[group] ?? {}
  blocks.groups[group] = tags
  if (!Object.hasOwn(tags, name)) tags[name] = { value }
}

/** Runs one step; what is broken in its block stays absent and the other blocks are still read. */
export function attempt(step: () => void): void {
  try {
    step()
  } catch {
    // Unreadable metadata in a readable picture is no failure of the picture.
  }
}
