import { type Box, boxes, type CodedColour } from '../heif-boxes.ts'

/** An AVIF that moves: its frames as they are coded, and how they are shown. */
export interface Sequence {
  readonly width: number
  readonly height: number
  /** Pictures of AV1, each the next frame. */
  readonly samples: readonly Buffer[]
  /** Of each frame, in a track of its own. */
  readonly alpha?: readonly Buffer[]
  /** Milliseconds of each frame. */
  readonly delays: readonly number[]
  /** How often it is shown; 0 for ever. */
  readonly loop: number
  /** Whether frames are missing at the end. */
  readonly isCut: boolean
  readonly icc?: Buffer
  readonly colour?: CodedColour
}

/**
 * Reads the tracks of an AVIF sequence; undefined when there are not several frames, when they are to be cut or put together in
 * ways that are not known here, and when the boxes contradict each other. Frames behind the end of a cut file are left out.
 */
export function readSequence(file: Buffer): Sequence | undefined {
  try {
    return read(file)
  } catch (thrown) {
    // Reading past the end is how a cut or lying box shows itself.
    if (thrown instanceof RangeError) return undefined
    throw thrown
  }
}

function read(file: Buffer): Sequence | undefined {
  const moov = find(boxes(file), 'moov')
  if (!moov) return undefined
  const tracks = boxes(moov)
    .filter(({ name }) => name === 'trak')
    .flatMap(({ body }) => trackOf(body) ?? [])
  const main = tracks.find(({ handler, helps }) => (handler === 'pict' || handler === 'vide') && helps === undefined)
  if (!main || main.isOdd) return undefined
  const samples = samplesOf(main.table, file)
  const { width, height, count } = main
  if (count < 2 || samples.length === 0 || width === 0 || height === 0) return undefined
  const helper = tracks.find(({ helps, isAlpha }) => helps === main.id && isAlpha)
  const alpha = helper && samplesOf(helper.table, file).slice(0, samples.length)
  return {
    width,
    height,
    samples,
    ...(alpha && alpha.length > 0 ? { alpha } : {}),
    delays: delaysOf(main, samples.length),
    loop: main.loop,
    isCut: samples.length < count || (helper !== undefined && (alpha?.length ?? 0) < Math.min(count, helper.count)),
    ...(main.icc ? { icc: main.icc } : {}),
    ...(main.colour ? { colour: main.colour } : {}),
  }
}

interface Track extends Pick<Sequence, 'width' | 'height' | 'loop' | 'icc' | 'colour'> {
  readonly id: number
  readonly handler: string
  /** The track that it helps to show. */
  readonly helps?: number
  readonly isAlpha: boolean
  /** Cut, or with its alpha multiplied into the colours. */
  readonly isOdd: boolean
  readonly timescale: number
  /** Frames that are declared. */
  readonly count: number
  readonly table: readonly Box[]
}

const find = (from: readonly Box[], name: string): Buffer | undefined => from.find((box) => box.name === name)?.body

/** The first box on a way of names. */
function inside(body: Buffer, ...names: readonly string[]): Buffer | undefined {
  return names.reduce<Buffer | undefined>((at, name) => at && find(boxes(at), name), body)
}

function trackOf(trak: Buffer): Track | undefined {
  const parts = boxes(trak)
  const head = find(parts, 'tkhd')
  const media = find(parts, 'mdia')
  const times = media && inside(media, 'mdhd')
  const handler = media && inside(media, 'hdlr')
  const table = media && inside(media, 'minf', 'stbl')
  if (!head || !times || !handler || !table) return undefined
  const stbl = boxes(table)
  const entry = boxes(find(stbl, 'stsd')?.subarray(8) ?? Buffer.alloc(0)).find(({ name }) => name === 'av01')
  if (!entry) return undefined
  const traits = boxes(entry.body.subarray(visualEntryBytes))
  const links = boxes(find(parts, 'tref') ?? Buffer.alloc(0))
  const helps = find(links, 'auxl')?.readUInt32BE(0)
  return {
    id: head.readUInt32BE(head[0] === 1 ? 20 : 12),
    handler: handler.toString('latin1', 8, 12),
    ...(helps === undefined ? {} : { helps }),
    isAlpha: find(traits, 'auxi')?.includes('alpha', 0, 'latin1') ?? false,
    isOdd: find(traits, 'clap') !== undefined || find(links, 'prem') !== undefined,
    width: entry.body.readUInt16BE(24),
    height: entry.body.readUInt16BE(26),
    timescale: times.readUInt32BE(times[0] === 1 ? 20 : 12),
    count: find(stbl, 'stsz')?.readUInt32BE(8) ?? 0,
    loop: loopOf(inside(trak, 'edts', 'elst'), head),
    ...coloursOf(traits),
    table: stbl,
  }
}

/** What stands in every entry that describes pictures, before its own boxes. */
const visualEntryBytes = 78

function coloursOf(traits: readonly Box[]): Pick<Track, 'icc' | 'colour'> {
  const found = traits.filter(({ name }) => name === 'colr').map(({ body }) => body)
  const icc = found.find((body) => /^(prof|rICC)/.test(body.toString('latin1', 0, 4)))
  const numbers = found.find((body) => body.toString('latin1', 0, 4) === 'nclx')
  return {
    ...(icc ? { icc: icc.subarray(4) } : {}),
    ...(numbers
      ? {
          colour: {
            primaries: numbers.readUInt16BE(4),
            transfer: numbers.readUInt16BE(6),
            matrix: numbers.readUInt16BE(8),
            isFullRange: numbers.readUInt8(10) >> 7 === 1,
          },
        }
      : {}),
  }
}

/** An edit that is marked as repeated fills the time of the track; files without one are shown for ever. */
function loopOf(edits: Buffer | undefined, head: Buffer): number {
  if (!edits) return 0
  if ((edits.readUInt8(3) & 1) === 0) return 1
  const one = edits[0] === 1 ? Number(edits.readBigUInt64BE(8)) : edits.readUInt32BE(8)
  const [all, endless] =
    head[0] === 1 ? [Number(head.readBigUInt64BE(28)), 2 ** 64] : [head.readUInt32BE(20), 2 ** 32 - 1]
  return all >= endless || one === 0 ? 0 : Math.max(1, Math.ceil(all / one))
}

/** The coded frames in order, as far as they lie within the file. */
function samplesOf(table: readonly Box[], file: Buffer): Buffer[] {
  const [sizes, runs] = [find(table, 'stsz'), find(table, 'stsc')]
  const places = find(table, 'stco') ?? find(table, 'co64')
  if (!sizes || !runs || !places) return []
  const isLong = find(table, 'stco') === undefined
  const same = sizes.readUInt32BE(4)
  const count = sizes.readUInt32BE(8)
  const chunks = places.readUInt32BE(4)
  const samples: Buffer[] = []
  let [run, perChunk] = [0, 0]
  for (let chunk = 0; chunk < chunks && samples.length < count; chunk++) {
    if (run < runs.readUInt32BE(4) && runs.readUInt32BE(8 + 12 * run) === chunk + 1) {
      perChunk = runs.readUInt32BE(12 + 12 * run)
      run++
    }
    let at = isLong ? Number(places.readBigUInt64BE(8 + 8 * chunk)) : places.readUInt32BE(8 + 4 * chunk)
    for (let index = 0; index < perChunk && samples.length < count; index++) {
      const size = same === 0 ? sizes.readUInt32BE(12 + 4 * samples.length) : same
      if (size === 0 || at + size > file.length) return samples
      samples.push(file.subarray(at, at + size))
      at += size
    }
  }
  return samples
}

/** From times in runs of equal ones; those that are not told are as long as the last that is. Rounded so that the sum stays. */
function delaysOf({ table, timescale }: Track, count: number): number[] {
  const runs = find(table, 'stts')
  const delays: number[] = []
  let [ms, at] = [0, 0]
  const add = (): void => {
    delays.push(Math.round(at + ms) - Math.round(at))
    at += ms
  }
  for (let run = 0; run < (runs?.readUInt32BE(4) ?? 0) && delays.length < count; run++) {
    const length = runs?.readUInt32BE(8 + 8 * run) ?? 0
    ms = ((runs?.readUInt32BE(12 + 8 * run) ?? 0) * 1000) / Math.max(1, timescale)
    for (let frame = 0; frame < length && delays.length < count; frame++) add()
  }
  while (delays.length < count) add()
  return delays
}
