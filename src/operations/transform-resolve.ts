import { bordersOf, planResize, type Size } from '../media/picture/step-sizes.ts'
import type { PictureStep } from '../media/picture.ts'
import type { AskedStep } from './transform-steps.ts'

type Asked<Kind extends AskedStep['kind']> = Extract<AskedStep, { kind: Kind }>

/** What a step that names no other file does to a picture of this size, with shares and places turned into pixels. */
export function resolveStep(asked: Exclude<AskedStep, { kind: 'watermark' }>, size: Size): PictureStep {
  switch (asked.kind) {
    case 'crop':
      return resolveCrop(asked, size)
    case 'resize':
      return resolveResize(asked, size)
    case 'pad':
      return resolvePad(asked, size)
    case 'rotate':
      return { kind: 'rotate', degrees: asked.degrees, ...backgroundOf(asked) }
    default:
      return asked
  }
}

function resolveCrop(asked: Asked<'crop'>, size: Size): PictureStep {
  const within = { width: pixelsOf(asked.width, size.width, 1), height: pixelsOf(asked.height, size.height, 1) }
  const { width, height } = asked.aspect === undefined ? within : largestOf(asked.aspect, within)
  // A piece that reaches from edge to edge one way is not scaled by `cover`, only cut where the focus says.
  if (asked.focus) return { kind: 'resize', width, height, fit: 'cover', focus: asked.focus, enlarge: false }
  const { place } = asked
  const across = place.includes('left') ? 0 : place.includes('right') ? 1 : 0.5
  const down = place.includes('top') ? 0 : place.includes('bottom') ? 1 : 0.5
  const left = asked.left === undefined ? between(across, size.width - width) : pixelsOf(asked.left, size.width, 0)
  const top = asked.top === undefined ? between(down, size.height - height) : pixelsOf(asked.top, size.height, 0)
  return { kind: 'crop', left, top, width, height }
}

/** A piece wider than the picture lies at 0, and is refused for its width. */
const between = (share: number, room: number): number => Math.max(0, Math.floor(share * room))

function largestOf(aspect: string, { width, height }: Size): Size {
  const [across = 1, down = 1] = aspect.split(':').map(Number)
  const ratio = across / down
  return width / height > ratio
    ? { width: Math.max(1, Math.round(height * ratio)), height }
    : { width, height: Math.max(1, Math.round(width / ratio)) }
}

/** The resize that is asked of a picture of this size. */
function resolveResize(asked: Asked<'resize'>, size: Size): Extract<PictureStep, { kind: 'resize' }> {
  const { kind, fit, focus, enlarge } = asked
  return {
    kind,
    fit,
    focus,
    enlarge,
    ...(asked.width === undefined ? {} : { width: pixelsOf(asked.width, size.width, 1) }),
    ...(asked.height === undefined ? {} : { height: pixelsOf(asked.height, size.height, 1) }),
    ...backgroundOf(asked),
  }
}

/**
 * The resize that begins a transformation, as steps on a smaller decode of the picture with this full size: the sizes are
 * reckoned from the full one, so that they are the same to the pixel. `edge` is the longest side the decode must have.
 */
export function resolveFirstResize(asked: Asked<'resize'>, full: Size): { edge: number; steps: PictureStep[] } {
  const step = resolveResize(asked, full)
  const { scaled, box } = planResize(full, step)
  const edge = Math.max(scaled.width, scaled.height)
  if (step.fit === 'cover') return { edge, steps: [{ ...step, ...box, enlarge: true }] }
  const sized: PictureStep = { kind: 'resize', ...scaled, fit: 'fill', focus: 'centre', enlarge: true }
  if (step.fit !== 'contain') return { edge, steps: [sized] }
  return { edge, steps: [sized, { kind: 'pad', ...bordersOf(scaled, box), ...backgroundOf(asked) }] }
}

function resolvePad(asked: Asked<'pad'>, { width, height }: Size): PictureStep {
  const border = (own: number | string | undefined, whole: number): number => pixelsOf(own ?? asked.all, whole, 0)
  return {
    kind: 'pad',
    top: border(asked.top, height),
    right: border(asked.right, width),
    bottom: border(asked.bottom, height),
    left: border(asked.left, width),
    ...backgroundOf(asked),
  }
}

/** A length in pixels; a share is one of `whole`, and all of it is meant when nothing is said. */
function pixelsOf(length: number | string | undefined, whole: number, least: number): number {
  if (length === undefined) return whole
  if (typeof length === 'number') return length
  return Math.max(least, Math.round((Number.parseFloat(length) / 100) * whole))
}

const backgroundOf = ({ background }: { background?: string | undefined }): { background?: string } =>
  background === undefined ? {} : { background }
