import type { Drawn } from './drawn.ts'

/** What can be said of all frames together, which decides how they are best written. */
export interface Survey {
  readonly isOpaque: boolean
  /** All colours that occur, as RGBA in one number; absent above 256 of them. */
  readonly colours?: readonly number[]
  /** A colour (RGB in one number) that does not occur, for opaque frames of more colours than that. */
  readonly spare?: number
}

const most = 256

/** Looks through all frames; of those with more than 8 bits a sample the colours are not counted. */
export async function survey(drawn: Drawn): Promise<Survey> {
  let isOpaque = true
  const colours = new Set<number>()
  const used = new Uint8Array(2 ** 21)
  for await (const frame of drawn.frames()) {
    if (drawn.depth > 8) isOpaque &&= isOpaqueDeep(frame)
    else {
      let last = -1
      for (let at = 0; at < frame.length; at += 4) {
        const colour = frame.readUInt32BE(at)
        if (colour === last) continue
        last = colour
        if ((colour & 255) !== 255) isOpaque = false
        if (colours.size <= most) colours.add(colour)
        const place = colour >>> 8
        used[place >> 3] = (used[place >> 3] ?? 0) | (1 << (place & 7))
      }
    }
    if (!isOpaque && (drawn.depth > 8 || colours.size > most)) break
  }
  if (drawn.depth === 8 && colours.size <= most) return { isOpaque, colours: [...colours] }
  const free = isOpaque && drawn.depth === 8 ? used.findIndex((byte) => byte < 255) : -1
  if (free < 0) return { isOpaque }
  return { isOpaque, spare: 8 * free + Math.log2(~(used[free] ?? 0) & ((used[free] ?? 0) + 1)) }
}

function isOpaqueDeep(frame: Buffer): boolean {
  const samples = new Uint16Array(frame.buffer, frame.byteOffset, frame.length / 2)
  for (let at = 3; at < samples.length; at += 4) if (samples[at] !== 65_535) return false
  return true
}
