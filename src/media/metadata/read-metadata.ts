import type { FormatName } from '../formats.ts'
import type { Metadata } from '../metadata.ts'
import type { Probe } from '../probe.ts'
import { hasBlocks, takeBlocks } from './blocks.ts'
import { readIcc } from './color.ts'
import { decodeExif } from './exif.ts'
import { filmTags } from './film.ts'
import { filmBoxes } from './film-boxes.ts'
import type { Blocks, CodingFacts, FoundGroup, FoundGroups } from './found.ts'
import { isIptcNewer, readIptc, withWholeTexts } from './iptc.ts'
import { motionOf } from './motion.ts'
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
  /** XMP files beside it, the one to be believed first in front. */
  readonly sidecars?: readonly Buffer[]
  /** Also asks exiftool. */
  readonly deep?: boolean
}

interface Found {
  readonly groups: FoundGroups
  readonly facts: CodingFacts
  readonly isIptcNewer: boolean
  readonly motion: Metadata['motion']
}

/**
 * Reads what a file says of itself. Unreadable metadata is absent and no error; only a file that can not be opened
 * (FILE_UNREADABLE) and, for a deep read, a missing perl (TOOL_MISSING) are.
 */
export async function readMetadata(path: string, context: MetadataContext): Promise<Metadata> {
  const { format, probe, sidecars = [], deep } = context
  const inside = probe ? await readFilm(path, format, probe) : await readFile(path, format)
  const { exif = {}, ...others } = inside.groups
  // Tags are shown in this order until there are too many: what the sidecar says is not to be among those left out.
  const beside = sidecars.length > 0 ? { sidecar: await decodeXmp(sidecars) } : {}
  const found = { ...inside, groups: { exif, ...beside, ...others } }
  if (!deep) return answer(found, context)
  const { readDeep } = await import('./deep.ts')
  const groups = merged(found.groups, await readDeep(path))
  return answer({ ...found, groups, motion: found.motion ?? motionOf(groups) }, context)
}

async function readFilm(path: string, format: FormatName, probe: Probe): Promise<Found> {
  const { groups: told, facts } = filmTags(probe)
  const boxes = filmBoxes(path, format)
  const groups = {
    ...told,
    film: { ...boxes.texts, ...told.film },
    ...(boxes.xmp.length > 0 ? { xmp: await decodeXmp(boxes.xmp) } : {}),
  }
  return { groups, facts, isIptcNewer: false, motion: motionOf(groups) }
}

async function readFile(path: string, format: FormatName): Promise<Found> {
  if (!hasBlocks(format)) return { groups: {}, facts: {}, isIptcNewer: false, motion: undefined }
  const view = new FileView(path)
  try {
    const found = await decodeBlocks(takeBlocks(view, format))
    return { ...found, motion: orNothing(() => motionOf(found.groups, view)) }
  } finally {
    view.close()
  }
}

async function decodeBlocks(blocks: Blocks): Promise<Omit<Found, 'motion'>> {
  const { facts } = blocks
  const exif = blocks.exif ? await decodeExif(blocks.exif).catch(() => ({})) : {}
  const icc = blocks.icc ? orNothing(() => readIcc(blocks.icc as Buffer)) : undefined
  // Without colours a profile of colours has no say.
  if (icc && !['grey', 'cmyk', 'lab'].includes(facts.colorSpace ?? '')) facts.colorSpace = icc.colorSpace
  const profile: FoundGroup = icc
    ? { ColorSpace: { value: icc.data.trim() }, ...(icc.description && { Description: { value: icc.description } }) }
    : {}
  const xmp = blocks.xmp.length > 0 ? await decodeXmp(blocks.xmp) : {}
  const { iptc: records, iptcDigest } = blocks
  const iptc = (records && orNothing(() => readIptc(records))) ?? {}
  return {
    groups: { exif, xmp, iptc: withWholeTexts(iptc, xmp), icc: profile, ...blocks.groups },
    facts,
    isIptcNewer: records !== undefined && isIptcNewer(records, iptcDigest),
  }
}

function orNothing<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

function answer({ groups, facts, isIptcNewer: newer, motion }: Found, context: MetadataContext): Metadata {
  // Only pictures are turned by tags.
  const orientation = context.probe ? undefined : orientationOf(groups)
  const isTurned = (facts.orientation ?? orientation ?? 1) >= 5
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
    ...(motion ? { motion } : {}),
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
