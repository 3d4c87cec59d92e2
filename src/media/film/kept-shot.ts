import { pictureOf } from '../picture/raster.ts'
import type { Picture } from '../picture.ts'
import { type Look, renderFrame } from './render.ts'
import type { Shot } from './shot.ts'

/** A frame that was taken, the way it is shown, and its largest rendering so far. */
export interface KeptShot extends Shot {
  readonly look: Look
  readonly source: string
  picture?: Picture
}

/** A shot and the way it is shown. */
export const shownAs = (shot: Shot, look: Look): KeptShot => ({
  ...shot,
  look,
  source: `frame at ${(shot.ms / 1000).toFixed(2)} s`,
})

/** Its picture of at least an edge, in full size without one; rendered anew only when a larger one is wanted than before. */
export async function pictureIn(shot: KeptShot, edge: number | undefined): Promise<Picture> {
  const picture = covers(shot.picture, edge) ? shot.picture : await render(shot, edge)
  shot.picture = picture
  return picture
}

/** Whether a rendering is large enough for what is wanted now. */
function covers(picture: Picture | undefined, edge = Number.POSITIVE_INFINITY): picture is Picture {
  if (picture === undefined) return false
  const isFull = picture.width === picture.fullWidth && picture.height === picture.fullHeight
  return isFull || Math.max(picture.width, picture.height) >= edge
}

async function render({ frame, look, source, damage }: KeptShot, edge: number | undefined): Promise<Picture> {
  const { intent, ...raster } = await renderFrame(frame, look, edge)
  return pictureOf({ ...raster, intent: { ...intent, source }, ...(damage === undefined ? {} : { damage }) })
}
