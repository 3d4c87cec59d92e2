import type { Metadata, Sharp } from 'sharp'
import type { RewriteOptions } from '../picture.ts'
import type { Encodable } from './encode.ts'
import { formatTraits } from './encoder-settings.ts'
import type { PictureHeader } from './header.ts'
import { readIcc } from './icc.ts'

/** In which colours and depth a picture goes from its file to the encoder. */
export interface Colours {
  readonly depth: Encodable['depth']
  /** What the depth would have to be for nothing to be lost. */
  readonly keptDepth: Encodable['depth']
  readonly isIccIgnored: boolean
  readonly icc?: Buffer
  readonly profile?: string
  readonly open: (image: Sharp) => Sharp
}

/** Decides the colours; undefined when libvips would not convert them as the rendering does. `hasTint`: a colour is laid below or around. */
export function coloursOf(
  header: PictureHeader,
  found: Metadata,
  { format, color, resize }: RewriteOptions,
  hasTint: boolean,
): Colours | undefined {
  const { hasProfile, hasCmyk, hasGrey, depth: most } = formatTraits[format]
  const space = found.space === 'b-w' || found.space === 'grey16' ? 'grey' : found.space === 'cmyk' ? 'cmyk' : 'rgb'
  if (found.depth !== 'uchar' && found.depth !== 'ushort') return undefined
  const icc = header.icc ? readIcc(header.icc) : null
  const isForeign = icc !== null && icc.space === space && !icc.isSrgb
  // Profiles that the file only names can libvips neither hand on nor apply, and of odd ones the rendering knows better.
  if (icc && !icc.isSrgb && (icc.space !== space || !found.hasProfile)) return undefined
  const isCmyk = space === 'cmyk'
  const isKept = color === 'keep' && (isCmyk ? hasCmyk && resize?.fit !== 'contain' : hasProfile || !isForeign)
  const isDeep = found.depth === 'ushort'
  if (!isKept && isForeign && (isDeep || space === 'grey')) return undefined
  const bits = isDeep ? (found.bitsPerSample ?? 16) : 8
  const keptDepth = !isKept || bits <= 8 ? 8 : bits <= 10 ? 10 : bits <= 12 ? 12 : 16
  const depth = most === 8 ? 8 : most === 12 ? lesser(keptDepth, 12) : keptDepth > 8 ? 16 : 8
  if (isKept && isCmyk) {
    const open = (image: Sharp): Sharp => image.pipelineColourspace('cmyk').toColourspace('cmyk').keepIccProfile()
    return { depth: 8, keptDepth: 8, isIccIgnored: false, open, ...(isForeign ? { profile: icc.name } : {}) }
  }
  // Two channels are too few for JPEG XL's encoder, and a tint needs three.
  const isGrey = space === 'grey' && hasGrey && !hasTint && !(found.hasAlpha && format === 'jxl')
  const written = isGrey ? (depth > 8 ? 'grey16' : 'b-w') : depth > 8 ? 'rgb16' : 'srgb'
  const isAttached = isKept && hasProfile && icc !== null && icc.space === space && (isGrey || space === 'rgb')
  if (isKept && isForeign && !isAttached) return undefined
  const open = (image: Sharp): Sharp => {
    if (space === 'grey' && !isGrey) image.pipelineColourspace(isDeep ? 'rgb16' : 'srgb')
    image.toColourspace(written)
    return isAttached ? image.keepIccProfile() : image
  }
  return {
    depth,
    keptDepth,
    isIccIgnored: !isForeign || isKept,
    open,
    ...(isAttached && header.icc ? { icc: header.icc, profile: icc.name } : {}),
  }
}

const lesser = <Value extends number>(one: Value, other: Value): Value => (one < other ? one : other)
