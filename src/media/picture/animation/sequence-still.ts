import { box } from '../embed/box.ts'
import {
  alphaName,
  type CodedTrack,
  fullBox,
  handler,
  numbers,
  type Places,
  type SequenceParts,
  shorts,
  text,
} from './sequence-parts.ts'

/** The first frame of a sequence as an item, for readers of still pictures. */
export function metaBox(parts: SequenceParts, places: Places): Buffer {
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

const sizeOf = ({ width, height }: SequenceParts): Buffer => fullBox('ispe', 0, numbers(width, height))

const depthsOf = ({ depth }: CodedTrack, channels: number): Buffer =>
  fullBox('pixi', 0, Buffer.from([channels, ...Array<number>(channels).fill(depth)]))
