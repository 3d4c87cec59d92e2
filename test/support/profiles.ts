import { type RgbSpace, type Triple, toXyzD50 } from './colours.ts'

/** An ICC profile (version 2.1, display) of an RGB space: a matrix and three curves. */
export function rgbProfile(space: RgbSpace): Buffer {
  const matrix = toXyzD50(space)
  const column = (at: 0 | 1 | 2): Buffer => xyz([matrix[0][at], matrix[1][at], matrix[2][at]])
  const curve = curveOf(space.toLight)
  return profile('mntr', 'RGB ', 'XYZ ', [
    ['desc', description(space.name)],
    ['wtpt', xyz([0.9642, 1, 0.8249])],
    ['rXYZ', column(0)],
    ['gXYZ', column(1)],
    ['bXYZ', column(2)],
    ['rTRC', curve],
    ['gTRC', curve],
    ['bTRC', curve],
  ])
}

/** An ICC profile of a grey space by its curve. */
export function greyProfile(name: string, toLight: (value: number) => number): Buffer {
  return profile('mntr', 'GRAY', 'XYZ ', [
    ['desc', description(name)],
    ['wtpt', xyz([0.9642, 1, 0.8249])],
    ['kTRC', curveOf(toLight)],
  ])
}

/**
 * An ICC profile of a press by a table of two points an ink: the Lab colour of each of the 16 overprints of solid inks, bit
 * 3 cyan, 2 magenta, 1 yellow, 0 black.
 */
export function cmykProfile(name: string, overprint: (inks: number) => Triple): Buffer {
  const head = Buffer.alloc(52)
  head.write('mft2', 'latin1')
  head.set([4, 3, 2, 0], 8)
  for (const at of [12, 28, 44]) head.writeInt32BE(65536, at)
  head.writeUInt16BE(2, 48)
  head.writeUInt16BE(2, 50)
  const straight = Buffer.from([0, 0, 255, 255])
  const table = Buffer.alloc(16 * 3 * 2)
  for (let inks = 0; inks < 16; inks++) {
    const [lightness, a, b] = overprint(inks)
    // Lab of version 2: FF00 is 100, 8000 is the zero of a and b.
    table.writeUInt16BE(Math.round((lightness / 100) * 0xff00), inks * 6)
    table.writeUInt16BE(Math.round((a + 128) * 256), inks * 6 + 2)
    table.writeUInt16BE(Math.round((b + 128) * 256), inks * 6 + 4)
  }
  const tables = Buffer.concat([head, ...Array(4).fill(straight), table, ...Array(3).fill(straight)])
  return profile('prtr', 'CMYK', 'Lab ', [
    ['desc', description(name)],
    ['wtpt', xyz([0.9642, 1, 0.8249])],
    ['A2B0', tables],
  ])
}

function profile(
  kind: string,
  space: string,
  connection: string,
  tags: readonly (readonly [string, Buffer])[],
): Buffer {
  const table = Buffer.alloc(4 + 12 * tags.length)
  table.writeUInt32BE(tags.length)
  const bodies: Buffer[] = []
  let offset = 128 + table.length
  for (const [index, [name, body]] of tags.entries()) {
    const padded = Buffer.concat([body, Buffer.alloc(-body.length & 3)])
    table.write(name, 4 + 12 * index, 'latin1')
    table.writeUInt32BE(offset, 8 + 12 * index)
    table.writeUInt32BE(body.length, 12 + 12 * index)
    bodies.push(padded)
    offset += padded.length
  }
  const head = Buffer.alloc(128)
  head.writeUInt32BE(offset)
  head.writeUInt32BE(0x02100000, 8)
  head.write(`${kind}${space}${connection}`, 12, 'latin1')
  head.set([7, 230, 0, 1, 0, 1], 24)
  head.write('acsp', 36, 'latin1')
  for (const [index, value] of [0.9642, 1, 0.8249].entries())
    head.writeInt32BE(Math.round(value * 65536), 68 + 4 * index)
  return Buffer.concat([head, table, ...bodies])
}

function xyz(values: Triple): Buffer {
  const body = Buffer.alloc(20)
  body.write('XYZ ', 'latin1')
  for (const [index, value] of values.entries()) body.writeInt32BE(Math.round(value * 65536), 8 + 4 * index)
  return body
}

function curveOf(toLight: (value: number) => number): Buffer {
  const points = 4096
  const body = Buffer.alloc(12 + 2 * points)
  body.write('curv', 'latin1')
  body.writeUInt32BE(points, 8)
  for (let at = 0; at < points; at++) body.writeUInt16BE(Math.round(65535 * toLight(at / (points - 1))), 12 + 2 * at)
  return body
}

function description(name: string): Buffer {
  const body = Buffer.alloc(12 + name.length + 1 + 78)
  body.write('desc', 'latin1')
  body.writeUInt32BE(name.length + 1, 8)
  body.write(name, 12, 'latin1')
  return body
}
