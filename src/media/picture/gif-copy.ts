import { afterSubBlocks, colourTableBytes } from './gif.ts'

/** Extensions that hold no part of the animation: comments, and applications other than those that say how often it is shown. */
const [extension, image, comment, application] = [0x21, 0x2c, 0xfe, 0xff]
const animationNames = /^(NETSCAPE2\.0|ANIMEXTS1\.0)/

/**
 * A GIF as it is, block by block, without comments, metadata and whatever lies behind its end; undefined when it is cut or
 * garbled. Frames that build on those before can show more colours together than one could be written with.
 */
export function copyGif(gif: Buffer): Buffer | undefined {
  if (gif.length < 13) return undefined
  const start = 13 + colourTableBytes(gif[10] ?? 0)
  const parts = [gif.subarray(0, start)]
  let at = start
  while (at < gif.length) {
    const kind = gif[at]
    if (kind === 0x3b) return Buffer.concat([...parts, gif.subarray(at, at + 1)])
    if (kind !== extension && kind !== image) return undefined
    const body = kind === extension ? at + 2 : at + 11 + colourTableBytes(gif[at + 9] ?? 0)
    const end = afterSubBlocks(gif, body)
    if (end > gif.length) return undefined
    const label = kind === extension ? gif[at + 1] : undefined
    const isKept = label !== application || animationNames.test(gif.toString('latin1', at + 3, at + 14))
    if (isKept && label !== comment) parts.push(gif.subarray(at, end))
    at = end
  }
  return undefined
}
