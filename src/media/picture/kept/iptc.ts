import { createHash } from 'node:crypto'

/** Datasets of record 2 that tell where: content location (26, 27), city, part of it, province, country. */
const places: ReadonlySet<number> = new Set([26, 27, 90, 92, 95, 100, 101])

/** IPTC records without those that tell where the picture was taken; what is not understood is left out too. */
export function iptcWithoutPlace(records: Buffer): Buffer {
  const kept: Buffer[] = []
  let at = 0
  while (at + 5 <= records.length && records[at] === 0x1c) {
    const short = records.readUInt16BE(at + 3)
    // The highest bit says that the other bits count the bytes of a longer length.
    const lengthBytes = short & 0x8000 ? short & 0x7fff : 0
    if (lengthBytes > 4 || at + 5 + lengthBytes > records.length) break
    const length = lengthBytes > 0 ? records.readUIntBE(at + 5, lengthBytes) : short
    const end = at + 5 + lengthBytes + length
    if (end > records.length) break
    if (records[at + 1] !== 2 || !places.has(records[at + 2] ?? 0)) kept.push(records.subarray(at, end))
    at = end
  }
  return Buffer.concat(kept)
}

/**
 * Photoshop's image resources around IPTC records. `digest` is what the old file held of its records (hex): readers take from
 * it whether IPTC or XMP was changed last, so one that fitted fits again, and one that did not still does not.
 */
export function photoshopWith(records: Buffer, old: { readonly records: Buffer; readonly digest?: string }): Buffer {
  const md5 = (bytes: Buffer): string => createHash('md5').update(bytes).digest('hex')
  const digest = old.digest !== undefined && old.digest === md5(old.records) ? md5(records) : old.digest
  return Buffer.concat([
    resource(0x0404, records),
    ...(digest === undefined ? [] : [resource(0x0425, Buffer.from(digest, 'hex'))]),
  ])
}

function resource(id: number, data: Buffer): Buffer {
  const head = Buffer.alloc(12)
  head.write('8BIM', 'latin1')
  head.writeUInt16BE(id, 4)
  head.writeUInt32BE(data.length, 8)
  return Buffer.concat([head, data, Buffer.alloc(data.length % 2)])
}
