import sharp from 'sharp'
import type { Source } from '../../source.ts'
import { decodeFile, drawParts, opaqueBlack } from './draw-parts.ts'
import type { Drawn } from './drawn.ts'
import { gifParts } from './gif-parts.ts'
import { webpParts } from './webp-parts.ts'

/** The frames of a GIF or WebP, and whether something may be seen through them. */
export interface OwnParts {
  readonly drawn: Drawn
  readonly hasAlpha: boolean
}

/**
 * Draws the frames of a GIF or WebP, each decoded once: libvips begins with the first again for every one that it is asked.
 * Undefined where it finds other frames than stand here, and for still pictures.
 */
export async function drawOwnParts({ format, whole }: Source, isStrict: boolean): Promise<OwnParts | undefined> {
  if (!whole || (format !== 'gif' && format !== 'webp')) return undefined
  const { width, height, pages = 1, delay = [], loop = 0, hasAlpha } = await sharp(whole, open).metadata()
  const parts = format === 'gif' ? gifParts(whole) : webpParts(whole)
  const isInside = parts.every((part) => part.left + part.width <= width && part.top + part.height <= height)
  if (pages < 2 || parts.length !== pages || !isInside) return undefined
  const how = { width, height, depth: 8, isStrict, ...(hasAlpha ? {} : { ground: opaqueBlack }) } as const
  return {
    drawn: {
      ...{ width, height, depth: 8, loop },
      delays: parts.map((_, frame) => delay[frame] ?? 0),
      frames: () => drawParts(parts, { ...how, decode: (part) => decodeFile(part.file(), part, how) }),
    },
    hasAlpha,
  }
}

const open = { limitInputPixels: false, failOn: 'none' } as const
