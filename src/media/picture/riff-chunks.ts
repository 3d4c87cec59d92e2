/** A chunk of a RIFF file: its type and its data. */
export interface RiffChunk {
  readonly type: string
  readonly data: Buffer
}

/** A chunk as it stands in the file. */
export function riffChunk(type: string, data: Buffer): Buffer {
  const head = Buffer.alloc(8)
  head.write(type, 'latin1')
  head.writeUInt32LE(data.length, 4)
  return Buffer.concat([head, data, Buffer.alloc(data.length % 2)])
}

/** The chunks that follow each other, up to where they are cut. */
export function* riffChunks(bytes: Buffer): Generator<RiffChunk> {
  for (let at = 0; at + 8 <= bytes.length; ) {
    const end = at + 8 + bytes.readUInt32LE(at + 4)
    if (end > bytes.length) return
    yield { type: bytes.toString('latin1', at, at + 4), data: bytes.subarray(at + 8, end) }
    at = end + (end % 2 === at % 2 ? 0 : 1)
  }
}
