import { type PngChunk, pngChunk, pngChunks, pngSignature } from '../png-chunks.ts'
import { decodeFile, drawParts, type Part, type Samples } from './draw-parts.ts'
import type { Drawn } from './drawn.ts'

/** An APNG that moves: what is drawn for each frame, and where. */
export interface Apng extends Pick<Drawn, 'width' | 'height' | 'delays' | 'loop'> {
  readonly depth: 8 | 16
  readonly parts: readonly ApngPart[]
  /** Whether frames, or parts of the last one, are missing. */
  readonly isCut: boolean
  /** The first chunk, the header. */
  readonly header: Buffer
  /** A palette and the like, which count for all frames. */
  readonly shared: readonly PngChunk[]
}

interface ApngPart extends Part {
  readonly delayMs: number
  readonly data: Buffer[]
}

/**
 * Reads the frames of an APNG, which libvips takes for a still picture; undefined when there are not several, or when they
 * contradict the canvas.
 */
export function readApng(png: Buffer): Apng | undefined {
  const chunks = [...pngChunks(png)]
  const header = chunks.find(({ type }) => type === 'IHDR')?.data
  const control = chunks.find(({ type }) => type === 'acTL')?.data
  if (header?.length !== 13 || control?.length !== 8) return undefined
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)]
  const declared = partsOf(chunks)
  const parts = declared.filter(({ data }) => data.length > 0)
  const isInside = parts.every(
    (part) => part.width > 0 && part.height > 0 && part.left + part.width <= width && part.top + part.height <= height,
  )
  if (parts.length < 2 || !isInside) return undefined
  return {
    width,
    height,
    depth: header[8] === 16 ? 16 : 8,
    delays: parts.map(({ delayMs }) => delayMs),
    loop: control.readUInt32BE(4),
    isCut: parts.length < declared.length || chunks.at(-1)?.type !== 'IEND',
    parts,
    header,
    shared: chunks.filter(({ type }) => type === 'PLTE' || type === 'tRNS'),
  }
}

/** Draws the frames of an APNG one by one. `isDeep` keeps 16 bits a sample where it has them; `isStrict` fails at what can not be read. */
export function drawApng(apng: Apng, options: { readonly isDeep: boolean; readonly isStrict: boolean }): Drawn {
  const { width, height, delays, loop, parts } = apng
  const how = { depth: options.isDeep ? apng.depth : 8, isStrict: options.isStrict } as const
  const decode = (part: ApngPart): Promise<Samples> => decodePart(apng, part, how)
  return {
    ...{ width, height, depth: how.depth, delays, loop },
    frames: () => drawParts(parts, { width, height, ...how, decode }),
  }
}

/** The frames with the data of each; the picture for readers without animation is one only when a control stands before it. */
function partsOf(chunks: readonly PngChunk[]): ApngPart[] {
  const parts: ApngPart[] = []
  for (const { type, data } of chunks) {
    if (type === 'fcTL' && data.length === 26) parts.push(partOf(data))
    else if (type === 'IDAT') parts.at(-1)?.data.push(data)
    else if (type === 'fdAT') parts.at(-1)?.data.push(data.subarray(4))
  }
  return parts
}

function partOf(control: Buffer): ApngPart {
  const [width = 0, height = 0, left = 0, top = 0] = [4, 8, 12, 16].map((at) => control.readUInt32BE(at))
  return {
    width,
    height,
    left,
    top,
    // A denominator of 0 means hundredths of a second.
    delayMs: Math.round((control.readUInt16BE(20) * 1000) / (control.readUInt16BE(22) || 100)),
    end: ends[control[24] ?? 0] ?? 'stays',
    isOver: control[25] === 1,
    data: [],
  }
}

const ends = ['stays', 'wiped', 'undone'] as const

function decodePart(
  { header, shared }: Apng,
  part: ApngPart,
  how: { readonly depth: 8 | 16; readonly isStrict: boolean },
): Promise<Samples> {
  const own = Buffer.from(header)
  own.writeUInt32BE(part.width)
  own.writeUInt32BE(part.height, 4)
  const png = Buffer.concat([
    pngSignature,
    pngChunk('IHDR', own),
    ...shared.map(({ type, data }) => pngChunk(type, data)),
    pngChunk('IDAT', Buffer.concat(part.data)),
    pngChunk('IEND', Buffer.alloc(0)),
  ])
  return decodeFile(png, part, how)
}
