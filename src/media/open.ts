import { writeFile } from 'node:fs/promises'
import { MediaError, toMediaError } from '../errors.ts'
import type { OpenedFilm } from './film/open-film.ts'
import { Opening } from './film/opening.ts'
import { extensionOf, kindOf } from './formats.ts'
import { decodedBytesOf, defaultLimits } from './limits.ts'
import type { Identity, Media, MediaCounts, MediaLimits, MetadataEdits } from './media.ts'
import type { Metadata } from './metadata.ts'
import type { Naming } from './naming.ts'
import type { PictureHeader } from './picture/header.ts'
import { jpegCodingOf } from './picture/jpeg-coding.ts'
import type { Picture } from './picture.ts'
import { Pictures, pictureDecoders, pictureHeaders } from './pictures.ts'
import { idsOf } from './pixel-id.ts'
import { readSidecars } from './sidecar.ts'
import { sniff, sniffBytes } from './sniff.ts'
import { releaseSource, type Source, withSource } from './source.ts'

/**
 * Opens a file: tells what it is, names its content, reads its header, and decodes only when asked. Throws FILE_MISSING,
 * FILE_UNREADABLE, EMPTY_FILE or UNSUPPORTED_CONTENT; whatever else is wrong with it is thrown where it is needed.
 */
export async function openMedia(
  path: string,
  limits: MediaLimits = defaultLimits,
  naming: Naming = {},
): Promise<Media> {
  const { source, ids, opening } = await withSource(path, naming, async (source, file) => {
    // FFmpeg reads while the content is hashed.
    const opening = kindOf(source.format) === 'picture' ? undefined : new Opening(source, limits)
    try {
      const { contentId, pixelId } = source.known ?? source.names ?? (await idsOf(source, file))
      return { source, ids: { contentId, pixelId }, opening }
    } catch (error) {
      await opening?.close()
      throw error
    }
  })
  const { id: sidecarId, packets } = await readSidecars(path)
  const extension = extensionOf(path)
  const besides = sidecarId === undefined ? { extension } : { extension, sidecarId }
  const named = { source, ids: { ...ids, ...besides }, sidecars: packets }
  return opening === undefined ? openPicture(named, limits) : openMoving(named, opening, limits)
}

type Ids = Pick<Identity, 'contentId' | 'pixelId' | 'sidecarId' | 'extension'>

/** A file with its names and what lies beside it. */
interface Named {
  readonly source: Source
  readonly ids: Ids
  readonly sidecars: readonly Buffer[]
}

async function openPicture({ source, ids, sidecars }: Named, limits: MediaLimits): Promise<Media> {
  const { readPictureHeader } = await pictureHeaders()
  const header = await readPictureHeader(source)
  const counts: MediaCounts = { pictureDecodes: 0, demuxes: 0, framesDecoded: 0 }
  const identity = identityOf(source, ids, header)
  const pictures = new Pictures(source, header, limits, counts)
  const others = new Others(limits)
  return {
    path: source.path,
    identity,
    counts,
    expect: (edge, more) => pictures.expect(edge, more),
    picture: (want) => pictures.take(want?.edge),
    encode: (options, { edge }) => pictures.encode(options, edge),
    rewrite: async (options) => {
      const { rewritePicture } = await import('./picture/rewrite.ts')
      return rewritePicture({ source, header, limits, rendered: () => pictures.take() }, options)
    },
    repack: async (options) => {
      const { repackPicture } = await import('./picture/repack.ts')
      return repackPicture({ source, header, limits }, options)
    },
    jpegCoding: () => (source.format === 'jpeg' ? jpegCodingOf(source.whole ?? source.head) : undefined),
    decode: (data, want) => decodeBytes(data, want?.edge, limits),
    other: (path) => others.open(path),
    withMetadata: (edits) => withMetadata(source, edits),
    // FFmpeg shows a picture as a film of one frame, but nothing here wants that.
    film: () => Promise.reject(new Error('a still picture is no film')),
    frame: () => Promise.reject(new Error('a still picture is no film')),
    metadata: async (options) => {
      if (options?.of) return metadataOfBytes(options.of, source, limits, options.deep)
      const { readMetadata } = await import('./metadata/read-metadata.ts')
      const { width, height } = identity
      return readMetadata(source.path, {
        format: source.format,
        sidecars,
        ...(width === undefined || height === undefined ? {} : { width, height }),
        ...(options?.deep ? { deep: true } : {}),
      })
    },
    close: async (how = { isDone: false }) => {
      await pictures.close(how)
      await others.close()
    },
  }
}

/** Decodes a picture that is in memory alone. */
async function decodeBytes(data: Buffer, edge: number | undefined, limits: MediaLimits): Promise<Picture> {
  const format = await sniff(data.subarray(0, sniffBytes))
  if (format === null) throw new MediaError('UNSUPPORTED_CONTENT', ['no known signature'])
  const source: Source = { path: '', bytes: data.length, format, head: data.subarray(0, sniffBytes), whole: data }
  const [{ readPictureHeader }, { decodePicture }] = await Promise.all([pictureHeaders(), pictureDecoders()])
  return decodePicture(source, await readPictureHeader(source), edge ?? 'full', limits)
}

async function withMetadata({ path, format }: Source, edits: MetadataEdits): Promise<Buffer> {
  const { editMetadata } = await import('./metadata/edit.ts')
  return editMetadata(path, format, edits)
}

/** What a copy says of itself. Films can be opened from a file only, so for a moment it is one. */
async function metadataOfBytes(
  data: Uint8Array,
  { path, format }: Source,
  limits: MediaLimits,
  deep = false,
): Promise<Metadata> {
  const { withTemporaryFile } = await import('./metadata/temporary.ts')
  return withTemporaryFile(path, format, async (aside) => {
    await writeFile(aside, data)
    const media = await openMedia(aside, limits)
    try {
      return await media.metadata({ deep })
    } finally {
      await media.close()
    }
  })
}

/** Further files that one work needs, closed together. */
class Others {
  readonly #limits: MediaLimits
  readonly #opened: Media[] = []

  constructor(limits: MediaLimits) {
    this.#limits = limits
  }

  async open(path: string): Promise<Media> {
    const media = await openMedia(path, this.#limits)
    this.#opened.push(media)
    return media
  }

  async close(): Promise<void> {
    for (const media of this.#opened.splice(0)) await media.close()
  }
}

function identityOf({ format, bytes }: Source, ids: Ids, header: PictureHeader): Identity {
  const { width, height, pages } = header
  const size = width === undefined || height === undefined ? {} : { width, height }
  // Those of other formats lie beside each other, and are never shown one after the other.
  const frames = header.frames ?? (format === 'gif' || format === 'webp' ? pages : undefined) ?? 1
  return {
    ...ids,
    kind: 'picture',
    format,
    bytes,
    ...size,
    ...(frames > 1 ? { frames } : {}),
    decodedBytes: decodedBytesOf(format, 'picture', width, height),
  }
}

async function openMoving(
  { source: { whole, ...source }, ids, sidecars }: Named,
  opening: Opening,
  limits: MediaLimits,
): Promise<Media> {
  // It was needed for the ids alone.
  releaseSource({ ...source, ...(whole ? { whole } : {}) })
  const others = new Others(limits)
  // A film that can not be opened still has an identity; its fault is thrown by whatever needs the film.
  const identity = opening.identity
    ? { ...withoutSidecar(opening.identity), ...ids }
    : filmIdentity(source, ids, await opening.found())
  const bestFrame = async (want?: { edge?: number }) => (await opening.frame('best', want)).picture
  return {
    path: source.path,
    identity,
    get counts() {
      return opening.counts
    },
    expect: (edge, more) => opening.expect(edge, more?.isLast ?? false),
    picture: bestFrame,
    encode: async (options, want) => (await bestFrame(want)).encode(options),
    rewrite: () => Promise.reject(new Error('a film is no picture to write anew')),
    repack: () => Promise.resolve(undefined),
    jpegCoding: () => undefined,
    decode: (data, want) => decodeBytes(data, want?.edge, limits),
    other: (path) => others.open(path),
    withMetadata: (edits) => withMetadata(source, edits),
    frame: (at, want) => opening.frame(at, want).catch(toldAsMedia),
    film: () =>
      opening
        .open()
        .then(({ film }) => film)
        .catch(toldAsMedia),
    metadata: async (options) => {
      if (options?.of) return metadataOfBytes(options.of, source, limits, options.deep)
      const { readMetadata } = await import('./metadata/read-metadata.ts')
      const { probe } = (await opening.open()).film
      const { format } = source
      return readMetadata(source.path, { format, probe, sidecars, ...(options?.deep ? { deep: true } : {}) })
    },
    close: async () => {
      await opening.close()
      await others.close()
    },
  }
}

const toldAsMedia = (thrown: unknown): never => {
  throw toMediaError(thrown)
}

/** What lies beside a film may be another one now. */
function withoutSidecar({ sidecarId: _, ...known }: Identity): Identity {
  return known
}

function filmIdentity({ format, bytes }: Source, ids: Ids, opened: OpenedFilm | undefined): Identity {
  const film = opened?.film
  const [video] = film?.probe.video ?? []
  const declared = kindOf(format)
  const hasOnlySound = film !== undefined && video === undefined && film.probe.audio.length > 0
  const kind = video ? 'film' : hasOnlySound ? 'sound' : declared
  const durationMs = film?.probe.container.durationMs
  const { displayWidth: width, displayHeight: height } = video ?? {}
  return {
    ...ids,
    kind,
    format,
    bytes,
    ...(width !== undefined && height !== undefined ? { width, height } : {}),
    ...(durationMs === undefined ? {} : { durationMs }),
    ...(video && opened ? { originMs: opened.originMs } : {}),
    decodedBytes: decodedBytesOf(format, kind, width, height),
  }
}
