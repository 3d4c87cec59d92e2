import { boxHeadAt } from '../../box-head.ts'

/** Boxes that lead to the tables of places. */
const way: ReadonlySet<string> = new Set(['moov', 'trak', 'mdia', 'minf', 'stbl'])

/** Boxes as they are, except that the places of frames in the file (`stco`) lie further on by so many bytes. */
export function shiftChunks(boxes: Buffer, shift: number): Buffer {
  const shifted = Buffer.from(boxes)
  walk(shifted, (table) => {
    const most = Math.min(table.readUInt32BE(4), (table.length - 8) >> 2)
    for (let at = 8; at < 8 + 4 * most; at += 4) table.writeUInt32BE(table.readUInt32BE(at) + shift, at)
  })
  return shifted
}

function walk(bytes: Buffer, take: (table: Buffer) => void): void {
  for (let at = 0; at < bytes.length; ) {
    const head = boxHeadAt(bytes, at, bytes.length - at)
    if (!head || at + head.bytes > bytes.length) return
    const body = bytes.subarray(at + head.headBytes, at + head.bytes)
    if (head.type === 'stco') take(body)
    else if (way.has(head.type)) walk(body, take)
    at += head.bytes
  }
}
