import type { FormatName } from '../formats.ts'
import type { Metadata } from '../metadata.ts'
import type { Probe } from '../probe.ts'
import { hasBlocks, takeBlocks } from './blocks.ts'
import { readIcc } from './color.ts'
import { decodeExif } from './exif.ts'
import { filmTags } from './film.ts'
import type { Blocks, CodingFacts, FoundGroup, FoundGroups } from './found.ts'
import { isIptcNewer, readIptc } from './iptc.ts'
import { normalise, withoutAbsent } from './normalise.ts'
import { FileView } from './source.ts'
import { shownTags } from './tags.ts'
import { decodeXmp } from './xmp.ts'

/** What is known of a file before its metadata is read. */
export interface MetadataContext {
  readonly format: FormatName
  /** Size as seen (upright), when the header gave it; else it is taken from the coding. */
  readonly width?: number
  readonly height?: number
  /** Of a film or sound that is open already, so that it is not opened twice. */
  readonly probe?: Probe
  /** Also asks exiftool. */
  readonly deep?: boolean
}

interface Found {
  readonly groups: FoundGroups
  readonly facts: CodingFacts
  readonly isIptcNewer: boolean
}

/**
 * Reads what a file says of itself. Unreadable metadata is absent and no error; only a file that can not be opened
 * (FILE_UNREADABLE) and, for a deep read, a missing perl (TOOL_MISSING) are.
 */
export async function readMetadata(path: string, context: MetadataContext): Promise<Metadata> {
  const found = context.probe
    ? { ...filmTags(context.probe), isIptcNewer: false }
    : await readFile(path, context.format)
  if (!context.deep) return answer(found, context)
  const { readDeep } = await import('./deep.ts')
  const deep = await readDeep(path)
  return answer({ ...found, groups: merged(found.groups, deep) }, context)
}

async function readFile(path: string, format: FormatName): Promise<Found> {
  if (!hasBlocks(format)) return { groups: {}, facts: {}, isIptcNewer: false }
  const view = new FileView(path)
  try {
    return await decodeBlocks(takeBlocks(view, format))
  } finally {
    view.close()
  }
}

async function decodeBlocks(blocks: Blocks): Promise<Found> {
  const { facts } = blocks
  const exif = blocks.exif ? await decodeExif(blocks.exif).catch(() => ({})) : {}
  const icc = blocks.icc ? orNothing(() => readIcc(blocks.icc as Buffer)) : undefined
  // Without colours a profile of colours has no say.
  if (icc && !['grey', 'cmyk', 'lab'].includes(facts.colorSpace ?? '')) facts.colorSpace = icc.colorSpace
  const { iptc, iptcDigest } = blocks
  const profile: FoundGroup = icc
    ? { ColorSpace: { value: icc.data.trim() }, ...(icc.description && { Description: { value: icc.description } }) }
    : {}
  return {
    groups: {
      exif,
      xmp: blocks.xmp.length > 0 ? await decodeXmp(blocks.xmp) : {},
      iptc: (iptc && orNothing(() => readIptc(iptc))) ?? {},
      icc: profile,
      ...blocks.groups,
    },
    facts,
    isIptcNewer: iptc !== undefined && isIptcNewer(iptc, iptcDigest),
  }
}

function orNothing<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

function answer({ groups, facts, isIptcNewer: newer }: Found, context: MetadataContext): Metadata {
  const orientation = orientationOf(groups)
  const isTurned = (facts.orientation ?? orientation ?? 1) >= 5 && !context.probe
  const [width, height] = isTurned ? [facts.height, facts.width] : [facts.width, facts.height]
  return {
    format: context.format,
    ...withoutAbsent({
      width: positive(context.width ?? width),
      height: positive(context.height ?? height),
      orientation: facts.orientation ?? orientation,
      colorSpace: facts.colorSpace ?? exifColorSpace(groups.exif ?? {}),
      bitDepth: positive(facts.bitDepth),
      pages: facts.pages,
      durationMs: positive(facts.durationMs),
    }),
    ...normalise(groups, newer),
    tags: shownTags(groups),
  } as Metadata
}

const positive = (value: number | undefined): number | undefined =>
  value !== undefined && value > 0 ? value : undefined

function orientationOf({ exif, xmp }: FoundGroups): number | undefined {
  const stored = Number(exif?.Orientation?.value ?? xmp?.Orientation?.value)
  return Number.isInteger(stored) && stored >= 1 && stored <= 8 ? stored : undefined
}

/** 1 is sRGB; 2 is no standard but means Adobe RGB; "uncalibrated" is Adobe RGB when the interoperability index is R03. */
function exifColorSpace(exif: FoundGroup): string | undefined {
  const space = exif.ColorSpace?.value
  if (space === 1) return 'srgb'
  return space === 2 || (space === 65535 && exif.InteroperabilityIndex?.value === 'R03') ? 'adobe-rgb' : undefined
}

/** What exiftool knows is added; where both read a tag, ours stays. */
function merged(own: FoundGroups, deep: FoundGroups): FoundGroups {
  const groups: FoundGroups = { ...own }
  for (const [group, tags] of Object.entries(deep)) groups[group] = { ...tags, ...groups[group] }
  return groups
}
