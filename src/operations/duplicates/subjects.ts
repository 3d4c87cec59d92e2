import type { FormatName, Kind } from '../../media/formats.ts'
import type { CollectionView, Member } from '../collection-operation.ts'
import type { FilmPrint } from '../film-fingerprint/likeness.ts'
import { type Look, lookFromText } from '../look.ts'
import { halvesOf } from './hash-index.ts'
import { type Moment, momentOf } from './shots.ts'

/** An asset of the collection with all that decides whether it is a duplicate, and which one is kept. */
export interface Subject {
  readonly asset: string
  readonly pixelId: string
  readonly kind: Kind
  readonly format: FormatName
  readonly bytes: number
  readonly width?: number
  readonly height?: number
  /** Absent for stills. */
  readonly durationMs?: number
  /** Absolute, in the order in which they would be kept, once `orderPaths` has been here. */
  readonly paths: string[]
  /** 0–100, of `quality-issues`. */
  readonly score?: number
  /** As `quality-issues` saw it. */
  readonly sharpness?: Sharpness
  /** ISO 8601, as the file says it. */
  readonly takenAt?: string
  /** The same, where it is told to the second. */
  readonly moment?: Moment
  /** Make and model, with the serial number where the file has one. */
  readonly camera?: string
  /** How many normalised fields its metadata fill. */
  readonly fields: number
  /** None for what is no picture or could not be decoded; two for pictures with transparency. */
  readonly faces: readonly Face[]
  /** Only of films whose frames could be decoded. */
  readonly print?: FilmPrint
}

/** How sharp a picture is at the size at which it was judged. */
export interface Sharpness {
  /** Longest edge of that size, in pixels. */
  readonly judgedEdge: number
  /** How wide edges usually are there; only told of pictures that are blurred or lack resolution. */
  readonly edgeWidthPx?: number
}

/** One way in which a picture looks: as it is on white, or its colours without their transparency. */
export interface Face {
  readonly isOpaque: boolean
  /** Perceptual hashes of the picture turned by EXIF orientation 1–8, each in two halves, the upper one first. */
  readonly hashes: Uint32Array
  readonly look: Look
}

/** Gathers the members of a collection by their content; byte copies become paths of one subject. In the order of ids. */
export function gatherSubjects(collection: CollectionView, onMember: () => void): Subject[] {
  const subjects = new Map<string, Subject>()
  for (const member of collection.members()) {
    onMember()
    const known = subjects.get(member.asset)
    if (known) known.paths.push(member.path)
    else subjects.set(member.asset, subjectOf(member))
  }
  return [...subjects.values()].sort((one, other) => (one.asset < other.asset ? -1 : 1))
}

function subjectOf({ asset, pixelId, kind, format, bytes, width, height, path, results, ...member }: Member): Subject {
  const quality = results['quality-issues'] as KnownQuality | undefined
  const sharpness = sharpnessOf(quality)
  const { tags: _, ...metadata } = (results.metadata ?? {}) as Partial<KnownMetadata>
  // Of animated pictures only the metadata tell it.
  const durationMs = member.durationMs ?? metadata.durationMs
  const moment = momentOf(metadata.takenAt)
  const { make, model, serial } = metadata.camera ?? {}
  const camera = [make, model, serial].filter(Boolean).join(' ')
  return {
    asset,
    pixelId,
    kind,
    format,
    bytes,
    ...(width === undefined ? {} : { width }),
    ...(height === undefined ? {} : { height }),
    ...(durationMs === undefined ? {} : { durationMs }),
    paths: [path],
    ...(quality?.score === undefined ? {} : { score: quality.score }),
    ...(sharpness ? { sharpness } : {}),
    ...(metadata.takenAt ? { takenAt: metadata.takenAt } : {}),
    ...(moment ? { moment } : {}),
    ...(camera ? { camera } : {}),
    fields: Object.keys(metadata).length,
    ...(kind === 'film' && results.fingerprint
      ? { faces: [], print: results.fingerprint as FilmPrint }
      : { faces: facesOf(results.fingerprint as KnownFingerprint | undefined) }),
  }
}

/** What is looked at in the answers of other operations. */
interface KnownMetadata {
  readonly tags: unknown
  readonly takenAt: string
  readonly durationMs: number
  readonly camera: { make?: string; model?: string; serial?: string }
}

interface KnownQuality {
  readonly score?: number
  readonly issues?: readonly { readonly evidence?: { readonly edgeWidthPx?: unknown } }[]
  readonly judgedAt?: { readonly width: number; readonly height: number }
}

interface KnownFace {
  readonly orientedHashes: readonly string[]
  readonly look: { luma: string; chroma: string }
}

type KnownFingerprint = KnownFace & { readonly opaque?: KnownFace }

function sharpnessOf({ judgedAt, issues = [] }: KnownQuality = {}): Sharpness | undefined {
  if (!judgedAt) return undefined
  const widths = issues.map(({ evidence }) => evidence?.edgeWidthPx).filter((width) => typeof width === 'number')
  const judgedEdge = Math.max(judgedAt.width, judgedAt.height)
  return { judgedEdge, ...(widths[0] === undefined ? {} : { edgeWidthPx: widths[0] }) }
}

function facesOf(fingerprint: KnownFingerprint | undefined): Face[] {
  if (!fingerprint) return []
  const asSeen = faceOf(fingerprint, false)
  const opaque = fingerprint.opaque && faceOf(fingerprint.opaque, true)
  return [asSeen, opaque].filter((face) => face !== undefined)
}

function faceOf({ orientedHashes, look }: KnownFace, isOpaque: boolean): Face | undefined {
  const known = lookFromText(look)
  return known && { isOpaque, hashes: Uint32Array.from(orientedHashes.flatMap(halvesOf)), look: known }
}
