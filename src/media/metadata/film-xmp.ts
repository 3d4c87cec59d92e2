import { MiB } from '../../units.ts'
import type { FormatName } from '../formats.ts'
import { boxesOf } from './boxes.ts'
import { FileView } from './source.ts'

const adobe = 'be7acfcb97a942e89c71999491e3afac'
const boxed: ReadonlySet<FormatName> = new Set(['mp4', 'mov', 'm4a', '3gp'])

/** XMP packets of a film, which FFmpeg passes over: a box of Adobe's in MP4, a box of the user's data in QuickTime. */
export function filmXmp(path: string, format: FormatName): Buffer[] {
  if (!boxed.has(format)) return []
  let view: FileView | undefined
  try {
    view = new FileView(path)
    const boxes = boxesOf(view)
    const movie = boxes.filter(({ type }) => type === 'moov').flatMap(({ body }) => boxesOf(body))
    const own = movie.filter(({ type }) => type === 'udta').flatMap(({ body }) => boxesOf(body))
    return [
      ...[...boxes, ...movie].flatMap(({ type, body }) =>
        type === 'uuid' && body.bytes(0, 16).toString('hex') === adobe ? body.bytes(16, MiB) : [],
      ),
      ...own.flatMap(({ type, body }) => (type === 'XMP_' ? body.bytes(0, MiB) : [])),
    ]
  } catch {
    // The demuxer has answered already: what can not be read here is absent.
    return []
  } finally {
    view?.close()
  }
}
