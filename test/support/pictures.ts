import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp, { type Sharp } from 'sharp'
import { temporaryFolder } from './temporary.ts'

let folder: string | undefined

/** Writes bytes into a folder that lives as long as the test file; the path comes back. */
export function fileOf(name: string, content: Uint8Array | string): string {
  folder ??= temporaryFolder('mediamill-pictures-')
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

/** The colours of `quarters`: top left, top right, bottom left, bottom right. */
export const quarterColours = [
  [200, 40, 40],
  [40, 160, 40],
  [40, 40, 200],
  [220, 200, 60],
] as const

/** A picture of four colours, so that any turn or mirror shows; `width` and `height` are even. */
export function quarters(width = 64, height = 32): Sharp {
  const data = Buffer.alloc(width * height * 3)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const quarter = (y * 2 >= height ? 2 : 0) + (x * 2 >= width ? 1 : 0)
      data.set(quarterColours[quarter] ?? [0, 0, 0], (y * width + x) * 3)
    }
  }
  return sharp(data, { raw: { width, height, channels: 3 } })
}

/** Noise over a gradient, always the same: what compresses badly and looks like a photo to a decoder. */
export function photo(width = 640, height = 480): Sharp {
  const data = Buffer.alloc(width * height * 3)
  let seed = 7
  for (let at = 0; at < data.length; at++) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
    const x = Math.floor(at / 3) % width
    data[at] = Math.min(255, Math.floor((x / width) * 180) + (seed >>> 27) + (at % 3) * 12)
  }
  return sharp(data, { raw: { width, height, channels: 3 } })
}

/** A TIFF directory as EXIF holds it: `[tag, value]` pairs of 16-bit numbers. */
export function exifOf(entries: readonly (readonly [tag: number, value: number])[]): Buffer {
  const tiff = Buffer.alloc(8 + 2 + 12 * entries.length + 4)
  tiff.write('II*\0\x08\0\0\0', 'latin1')
  tiff.writeUInt16LE(entries.length, 8)
  for (const [index, [tag, value]] of entries.entries()) {
    const at = 10 + 12 * index
    tiff.writeUInt16LE(tag, at)
    tiff.writeUInt16LE(3, at + 2)
    tiff.writeUInt32LE(1, at + 4)
    tiff.writeUInt16LE(value, at + 8)
  }
  return tiff
}

/** Puts a segment right behind the start of a JPEG, as metadata editors do. */
export function withSegment(jpeg: Buffer, marker: number, body: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, (body.length + 2) >> 8, (body.length + 2) & 255])
  return Buffer.concat([jpeg.subarray(0, 2), head, body, jpeg.subarray(2)])
}

/** The JPEG with an EXIF block of these entries (274: orientation, 0x4746: rating). */
export const withExif = (jpeg: Buffer, entries: readonly (readonly [tag: number, value: number])[]): Buffer =>
  withSegment(jpeg, 0xe1, Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), exifOf(entries)]))

/** The first share (0–1) of the bytes. */
export const truncated = (bytes: Buffer, share: number): Buffer => bytes.subarray(0, Math.round(bytes.length * share))

/** A DNG in small: a directory with an orientation and a sensor size, and a JPEG preview somewhere behind it. */
export function rawWith(preview: Buffer, orientation: number): Buffer {
  const directory = exifOf([
    [256, 4000],
    [257, 3000],
    [262, 32803],
    [274, orientation],
    [50706, 1],
  ])
  return Buffer.concat([directory, Buffer.alloc(512, 7), preview, Buffer.alloc(2048, 9)])
}

/** A box of an ISO media file. */
export function box(name: string, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content)
  const head = Buffer.alloc(8)
  head.writeUInt32BE(8 + body.length)
  head.write(name, 4, 'latin1')
  return Buffer.concat([head, body])
}

/** The colour in the middle of each quarter of interleaved RGB, as `quarterColours` lists them. */
export function quartersSeen({ data, width, height }: { data: Buffer; width: number; height: number }): number[][] {
  const at = (x: number, y: number): number[] => {
    const from = (Math.floor(y * height) * width + Math.floor(x * width)) * 3
    return [...data.subarray(from, from + 3)]
  }
  return [at(0.25, 0.25), at(0.75, 0.25), at(0.25, 0.75), at(0.75, 0.75)]
}

/** The largest difference of any two values at the same place. */
export const farthest = (one: readonly (readonly number[])[], other: readonly (readonly number[])[]): number =>
  Math.max(
    ...one.flatMap((values, row) => values.map((value, index) => Math.abs(value - (other[row]?.[index] ?? 999)))),
  )
