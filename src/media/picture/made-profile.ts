/** Primaries as X, Y, Z of red, green and blue under D50, the way profiles hold them. */
type Primaries = readonly (readonly [number, number, number])[]

const srgb: Primaries = [
  [0.4361, 0.2225, 0.0139],
  [0.3851, 0.7169, 0.0971],
  [0.1431, 0.0606, 0.7139],
]
const adobeRgb: Primaries = [
  [0.60974, 0.31111, 0.01947],
  [0.20528, 0.62567, 0.06087],
  [0.14919, 0.06322, 0.74457],
]

/** A profile for pictures that name Adobe RGB (1998) without holding its profile, as cameras write them. */
export const adobeRgbProfile = (): Buffer => profileOf('Adobe RGB (1998)', adobeRgb, 563 / 256)

/** A profile with the primaries of sRGB and a power for its curve, for pictures that name no more than that. */
export const gammaProfile = (gamma: number): Buffer =>
  profileOf(`sRGB primaries, gamma ${gamma.toFixed(2)}`, srgb, gamma)

/** An ICC profile of version 2.1 of a matrix and a power. */
function profileOf(name: string, [red, green, blue]: Primaries, gamma: number): Buffer {
  const tags: readonly (readonly [name: string, body: Buffer])[] = [
    ['desc', description(name)],
    ['cprt', Buffer.concat([Buffer.from('text\0\0\0\0', 'latin1'), Buffer.from('none\0', 'latin1')])],
    ['wtpt', xyz(white)],
    ['rXYZ', xyz(red ?? white)],
    ['gXYZ', xyz(green ?? white)],
    ['bXYZ', xyz(blue ?? white)],
    ['rTRC', power(gamma)],
    ['gTRC', power(gamma)],
    ['bTRC', power(gamma)],
  ]
  const table = Buffer.alloc(4 + 12 * tags.length)
  table.writeUInt32BE(tags.length)
  const bodies: Buffer[] = []
  let offset = headBytes + table.length
  for (const [index, [tag, body]] of tags.entries()) {
    table.write(tag, 4 + 12 * index, 'latin1')
    table.writeUInt32BE(offset, 8 + 12 * index)
    table.writeUInt32BE(body.length, 12 + 12 * index)
    bodies.push(body, Buffer.alloc(-body.length & 3))
    offset += body.length + (-body.length & 3)
  }
  const head = Buffer.alloc(headBytes)
  head.writeUInt32BE(offset)
  head.writeUInt32BE(0x02100000, 8)
  head.write('mntrRGB XYZ ', 12, 'latin1')
  head.write('acsp', 36, 'latin1')
  xyz(white).copy(head, 68, 8)
  return Buffer.concat([head, table, ...bodies])
}

const headBytes = 128
const white = [0.9642, 1, 0.8249] as const

function xyz(values: readonly number[]): Buffer {
  const body = Buffer.alloc(20)
  body.write('XYZ ', 'latin1')
  for (const [index, value] of values.entries()) body.writeInt32BE(Math.round(value * 65536), 8 + 4 * index)
  return body
}

function power(gamma: number): Buffer {
  const body = Buffer.alloc(14)
  body.write('curv', 'latin1')
  body.writeUInt32BE(1, 8)
  body.writeUInt16BE(Math.round(gamma * 256), 12)
  return body
}

function description(name: string): Buffer {
  const body = Buffer.alloc(12 + name.length + 1 + 78)
  body.write('desc', 'latin1')
  body.writeUInt32BE(name.length + 1, 8)
  body.write(name, 12, 'latin1')
  return body
}
