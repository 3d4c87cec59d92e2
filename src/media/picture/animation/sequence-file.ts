import { box } from '../embed/box.ts'

/** A track of an AVIF sequence as it was coded. */
export interface CodedTrack {
  readonly samples: readonly CodedSample[]
  /** Body of `av1C`. */
  readonly setup: Buffer
  readonly depth: number
  /** Whether every frame can be shown without others. */
  readonly isIntra: boolean
}

/** A frame as it was coded. */
export interface CodedSample {
  readonly data: Buffer
  /** Whether it can be shown without those before it. */
  readonly isKey: boolean
}

/** What is written into an AVIF sequence. */
export interface SequenceParts {
  readonly width: number
  readonly height: number
  readonly colour: CodedTrack
  readonly alpha?: CodedTrack
  /** Milliseconds of each frame. */
  readonly delays: readonly number[]
  /** How often it is shown; 0 for ever. */
  readonly loop: number
  /** Body of `colr`. */
  readonly colours: readonly Buffer[]
}

/**
 * An AVIF that moves, in the order of ISO/IEC 23008-12: the first frame as a picture for readers of still ones, then the tracks,
 * alpha in one of its own. No encoder's name and no time of making stand in it, so the same frames give the same bytes.
 */
export function writeSequenceFile(parts: SequenceParts): Buffer {
  const { colour, alpha } = parts
  const tracks = alpha ? [colour, alpha] : [colour]
  const isHigh = (colour.setup[1] ?? 0) >> 5 === 1
  const brands = ['avis', 'avif', 'msf1', 'iso8', 'mif1', 'miaf', isHigh ? 'MA1A' : 'MA1B']
  const ftyp = box('ftyp', Buffer.from('avis\0\0\0\0', 'latin1'), Buffer.from(brands.join(''), 'latin1'))
  // Each frame with its alpha, so that a file that comes bit by bit can be shown as far as it is there.
  const data = colour.samples.flatMap((_, frame) => tracks.flatMap(({ samples }) => samples[frame]?.data ?? []))
  const build = (start: number): Buffer[] => {
    const places = placesOf(data, tracks.length, start)
    return [metaBox(parts, places), movieBox(parts, places)]
  }
  // Their lengths hang on nothing that stands in them.
  const [meta, moov] = build(0)
  const start = ftyp.length + (meta?.length ?? 0) + (moov?.length ?? 0) + 8
  return Buffer.concat([ftyp, ...build(start), box('mdat', ...data)])
}

/** Where the frames of each track lie in the file. */
type Places = readonly (readonly number[])[]

function placesOf(data: readonly Buffer[], tracks: number, start: number): Places {
  const places: number[][] = Array.from({ length: tracks }, () => [])
  let at = start
  for (const [index, { length }] of data.entries()) {
    places[index % tracks]?.push(at)
    at += length
  }
  return places
}

const text = (words: string): Buffer => Buffer.from(words, 'latin1')

function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length)
  for (const [at, value] of values.entries()) bytes.writeUInt32BE(value >>> 0, 4 * at)
  return bytes
}

function shorts(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length)
  for (const [at, value] of values.entries()) bytes.writeUInt16BE(value, 2 * at)
  return bytes
}

function long(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(Number.isFinite(value) ? BigInt(value) : 2n ** 64n - 1n)
  return bytes
}

const fullBox = (type: string, versionAndFlags: number, ...content: readonly Buffer[]): Buffer =>
  box(type, numbers(versionAndFlags), ...content)

const handler = (type: string): Buffer => fullBox('hdlr', 0, numbers(0), text(type), numbers(0, 0, 0), Buffer.alloc(1))

/** The name of alpha among all that helps a picture. */
const alphaName = text('urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0')

const sizeOf = ({ width, height }: SequenceParts): Buffer => fullBox('ispe', 0, numbers(width, height))

const depthsOf = ({ depth }: CodedTrack, channels: number): Buffer =>
  fullBox('pixi', 0, Buffer.from([channels, ...Array<number>(channels).fill(depth)]))

/** The first frame as an item. */
function metaBox(parts: SequenceParts, places: Places): Buffer {
  const { colour, alpha, colours } = parts
  const tracks = alpha ? [colour, alpha] : [colour]
  const rows = tracks.map(({ samples }, index) =>
    Buffer.concat([shorts(index + 1, 0, 1), numbers(places[index]?.[0] ?? 0, samples[0]?.data.length ?? 0)]),
  )
  const entries = tracks.map((_, index) => fullBox('infe', 2 << 24, shorts(index + 1, 0), text('av01\0')))
  const own = [sizeOf(parts), box('av1C', colour.setup), depthsOf(colour, 3)]
  const properties = [...own, ...colours.map((body) => box('colr', body))]
  const helping = alpha ? [box('av1C', alpha.setup), depthsOf(alpha, 1), fullBox('auxC', 0, alphaName)] : []
  // The highest bit marks what a reader has to understand.
  const linksOf = (id: number, properties: readonly number[]): Buffer =>
    Buffer.concat([shorts(id), Buffer.from([properties.length, ...properties])])
  const first = properties.length + 1
  const links = [
    linksOf(
      1,
      properties.map((_, at) => (at === 1 ? 0x80 : 0) | (at + 1)),
    ),
  ]
  if (alpha) links.push(linksOf(2, [1, 0x80 | first, first + 1, 0x80 | (first + 2)]))
  return fullBox(
    'meta',
    0,
    handler('pict'),
    fullBox('pitm', 0, shorts(1)),
    fullBox('iloc', 0, Buffer.from([0x44, 0]), shorts(rows.length), ...rows),
    fullBox('iinf', 0, shorts(entries.length), ...entries),
    ...(alpha ? [fullBox('iref', 0, box('auxl', shorts(2, 1, 1)))] : []),
    box('iprp', box('ipco', ...properties, ...helping), fullBox('ipma', 0, numbers(links.length), ...links)),
  )
}

/** All times are in milliseconds. */
const timescale = 1000

const unity = numbers(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)

function movieBox(parts: SequenceParts, places: Places): Buffer {
  const { colour, alpha, delays, loop } = parts
  const once = delays.reduce((sum, ms) => sum + ms, 0)
  const whole = long(loop === 0 ? Number.POSITIVE_INFINITY : once * loop)
  const tracks = alpha ? [colour, alpha] : [colour]
  return box(
    'moov',
    fullBox(
      'mvhd',
      1 << 24,
      ...[long(0), long(0), numbers(timescale), whole],
      ...[numbers(0x10000, 0x1000000, 0, 0), unity, Buffer.alloc(24), numbers(tracks.length + 1)],
    ),
    ...tracks.map((track, index) => {
      const isAlpha = index > 0
      return box(
        'trak',
        fullBox(
          'tkhd',
          (1 << 24) | 1,
          ...[long(0), long(0), numbers(index + 1, 0), whole, Buffer.alloc(16), unity],
          numbers(parts.width * 0x10000, parts.height * 0x10000),
        ),
        ...(isAlpha ? [box('tref', box('auxl', numbers(1)))] : []),
        // The flag says that it is repeated until the time of the track is over.
        box(
          'edts',
          fullBox('elst', (1 << 24) | (loop === 1 ? 0 : 1), numbers(1), long(once), long(0), numbers(0x10000)),
        ),
        box(
          'mdia',
          fullBox('mdhd', 1 << 24, long(0), long(0), numbers(timescale), long(once), shorts(0x55c4, 0)),
          handler(isAlpha ? 'auxv' : 'pict'),
          box(
            'minf',
            fullBox('vmhd', 1, numbers(0, 0)),
            box('dinf', fullBox('dref', 0, numbers(1), fullBox('url ', 1))),
            sampleTable(parts, track, places[index] ?? []),
          ),
        ),
      )
    }),
  )
}

function sampleTable(parts: SequenceParts, track: CodedTrack, places: readonly number[]): Buffer {
  const { samples } = track
  const keys = samples.flatMap(({ isKey }, at) => (isKey ? [at + 1] : []))
  const times = runsOf(parts.delays)
  return box(
    'stbl',
    fullBox('stsd', 0, numbers(1), sampleEntry(parts, track)),
    fullBox('stts', 0, numbers(times.length), ...times.map((run) => numbers(...run))),
    fullBox('stsc', 0, numbers(1, 1, 1, 1)),
    fullBox('stsz', 0, numbers(0, samples.length), ...samples.map(({ data }) => numbers(data.length))),
    fullBox('stco', 0, numbers(places.length, ...places)),
    ...(keys.length < samples.length ? [fullBox('stss', 0, numbers(keys.length, ...keys))] : []),
  )
}

function sampleEntry(parts: SequenceParts, track: CodedTrack): Buffer {
  const isAlpha = track === parts.alpha
  const [ownFrames, itself, mostOthers] = [1 << 31, 1 << 30, 15 << 26]
  const references = track.isIntra ? ownFrames | itself : itself | mostOthers
  return box(
    'av01',
    ...[Buffer.alloc(6), shorts(1), Buffer.alloc(16), shorts(parts.width, parts.height)],
    ...[numbers(0x480000, 0x480000, 0), shorts(1), Buffer.alloc(32), shorts(0x18, 0xffff)],
    box('av1C', track.setup),
    ...(isAlpha ? [] : parts.colours.map((body) => box('colr', body))),
    fullBox('ccst', 0, numbers(references)),
    ...(isAlpha ? [fullBox('auxi', 0, alphaName)] : []),
  )
}

/** Equal times after each other, as their number and the time. */
function runsOf(delays: readonly number[]): [count: number, ms: number][] {
  const runs: [number, number][] = []
  for (const ms of delays) {
    const last = runs.at(-1)
    if (last?.[1] === ms) last[0]++
    else runs.push([1, ms])
  }
  return runs
}
