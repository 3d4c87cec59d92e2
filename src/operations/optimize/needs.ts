import type { Media } from '../../media/media.ts'
import type { Picture } from '../../media/picture.ts'

/** What a picture needs of the format that it is written in. */
export interface Needs {
  /** Whether a pixel can be seen through. */
  readonly alpha: boolean
  /** Frames of an animation, or pages. */
  readonly frames: number
  /** Bits a sample. */
  readonly depth: number
  readonly width: number
  readonly height: number
  /** What lies in the file beside the picture, which no new file of it will hold: `film`, `gain map`, `other views`. */
  readonly extras: readonly string[]
}

/** What a picture needs, by its pixels and by what its file says of itself. */
export async function needsOf(media: Media, picture: Picture): Promise<Needs> {
  const { width, height } = picture
  const { pages, bitDepth, motion } = await media.metadata()
  const extras = [
    ...(motion?.kind === 'motion-photo' ? ['film'] : []),
    ...(picture.intent.gainMap === undefined ? [] : ['gain map']),
    ...(picture.intent.source?.startsWith('view ') ? ['other views'] : []),
  ]
  return { alpha: await isSeenThrough(picture), frames: pages ?? 1, depth: bitDepth ?? 8, width, height, extras }
}

/** Many files have an alpha channel in which everything is opaque. */
async function isSeenThrough(picture: Picture): Promise<boolean> {
  if (!picture.hasAlpha) return false
  const { width, height } = picture
  const { data } = await picture.pixels({ width, height, fit: 'fill', as: 'rgba' })
  for (let at = 3; at < data.length; at += 4) if (data[at] !== 255) return true
  return false
}
