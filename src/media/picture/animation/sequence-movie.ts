import { box } from '../embed/box.ts'
import {
  alphaName,
  type CodedTrack,
  fullBox,
  handler,
  long,
  numbers,
  type Places,
  type SequenceParts,
  shorts,
} from './sequence-parts.ts'

/** All times are in milliseconds. */
const timescale = 1000

const unity = numbers(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)

/** The tracks of a sequence with their times. */
export function movieBox(parts: SequenceParts, places: Places): Buffer {
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
