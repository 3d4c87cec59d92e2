import type { Metadata } from '../metadata.ts'
import { boxesOf } from './boxes.ts'
import { numberOf } from './fields.ts'
import type { FoundGroup, FoundGroups } from './found.ts'
import type { ByteView } from './source.ts'

type Motion = NonNullable<Metadata['motion']>
type Stretch = Pick<Motion, 'videoOffsetBytes' | 'videoBytes'>

/**
 * Whether there is a film to the photo: inside of it (motion photo), or beside it under the same identifier (Live Photo,
 * where a film is recognised too). What only claims to have a film, as an editor cut it off, has none. `view` is the
 * whole file; without it only Live Photos are found.
 */
export function motionOf(groups: FoundGroups, view?: ByteView): Motion | undefined {
  const { xmp = {} } = groups
  const place = view && videoIn(view, xmp)
  if (place) {
    const at = numberOf((xmp.MotionPhotoPresentationTimestampUs ?? xmp.MicroVideoPresentationTimestampUs)?.value)
    // -1: the moment is not known.
    return { kind: 'motion-photo', ...place, ...(at !== undefined && at >= 0 ? { presentationMs: at / 1000 } : {}) }
  }
  const identifier = String(
    groups.makernotes?.ContentIdentifier?.value ?? groups.quicktime?.['content.identifier']?.value ?? '',
  )
  return /^[\w-]{8,64}$/.test(identifier) ? { kind: 'live-photo', identifier } : undefined
}

function videoIn(view: ByteView, xmp: FoundGroup): Stretch | undefined {
  return [samsungTrailer, videoBox, containerItem, microVideo]
    .map((find) => find(view, xmp))
    .find((place) => place && isFilm(view, place))
}

const isFilm = (view: ByteView, { videoOffsetBytes: at = -1, videoBytes = 0 }: Stretch): boolean =>
  at + videoBytes <= view.size && view.bytes(at + 4, 4).toString('latin1') === 'ftyp'

const samsungMotion = 0x0a30

/** Samsung: a directory of what was appended stands at the very end, offsets counted backwards from its own start. */
function samsungTrailer(view: ByteView): Stretch | undefined {
  const end = view.bytes(view.size - 8, 8)
  if (end.length < 8 || end.toString('latin1', 4) !== 'SEFT') return undefined
  const start = view.size - 8 - end.readUInt32LE(0)
  const directory = view.bytes(start, Math.min(end.readUInt32LE(0), 4096))
  if (directory.length < 12 || directory.toString('latin1', 0, 4) !== 'SEFH') return undefined
  const count = Math.min(directory.readUInt32LE(8), Math.floor((directory.length - 12) / 12))
  for (let at = 12; at < 12 + count * 12; at += 12) {
    if (directory.readUInt16LE(at + 2) !== samsungMotion) continue
    const offset = start - directory.readUInt32LE(at + 4)
    const head = view.bytes(offset, 8)
    // Two bytes, the type again, the length of a name, the name.
    if (head.length < 8 || head.readUInt16LE(2) !== samsungMotion) return undefined
    const before = 8 + head.readUInt32LE(4)
    return { videoOffsetBytes: offset + before, videoBytes: directory.readUInt32LE(at + 8) - before }
  }
  return undefined
}

/** HEIC and AVIF: a box of its own behind the picture. */
function videoBox(view: ByteView): Stretch | undefined {
  if (view.bytes(4, 4).toString('latin1') !== 'ftyp') return undefined
  let after = 0
  for (const { type, body } of boxesOf(view)) {
    const head = view.bytes(after, 4)
    const headBytes = head.length === 4 && head.readUInt32BE(0) === 1 ? 16 : 8
    if (type === 'mpvd') return { videoOffsetBytes: after + headBytes, videoBytes: body.size }
    after += headBytes + body.size
  }
  return undefined
}

/** Google: the items of the file in their order with their lengths; the first begins at 0 and its length is what is left. */
function containerItem(view: ByteView, { MotionPhoto: flag, Directory: directory }: FoundGroup): Stretch | undefined {
  if (numberOf(flag?.value) !== 1 || !Array.isArray(directory?.value)) return undefined
  let end = view.size
  for (const item of directory.value.toReversed()) {
    const [, semantic, length, padding] = String(item).split(' ')
    const bytes = Number(length)
    end -= Number(padding)
    if (semantic === 'MotionPhoto') return bytes > 0 ? { videoOffsetBytes: end - bytes, videoBytes: bytes } : undefined
    end -= bytes
  }
  return undefined
}

/** Google before 2018: the film ends with the file. */
function microVideo(view: ByteView, { MicroVideo: flag, MicroVideoOffset: offset }: FoundGroup): Stretch | undefined {
  const bytes = numberOf(offset?.value)
  if (numberOf(flag?.value) !== 1 || bytes === undefined || bytes <= 0) return undefined
  return { videoOffsetBytes: view.size - bytes, videoBytes: bytes }
}
