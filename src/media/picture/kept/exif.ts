/** What the new picture is, as far as EXIF repeats it, and what has to go. */
export interface ExifEdits {
  readonly width: number
  readonly height: number
  /** Whether the pixels are sRGB now, whatever they were. */
  readonly isSrgb: boolean
  readonly stripPlace: boolean
}

const tags = {
  width: 0x0100,
  height: 0x0101,
  make: 0x010f,
  orientation: 0x0112,
  thumbnail: 0x0201,
  thumbnailBytes: 0x0202,
  xmp: 0x02bc,
  iptc: 0x83bb,
  photoshop: 0x8649,
  exif: 0x8769,
  icc: 0x8773,
  gps: 0x8825,
  makerNote: 0x927c,
  colorSpace: 0xa001,
  pixelWidth: 0xa002,
  pixelHeight: 0xa003,
  interop: 0xa005,
} as const

/** Documents that are taken from elsewhere, or that say what the new file says itself. */
const documents: ReadonlySet<number> = new Set([tags.xmp, tags.iptc, tags.photoshop, tags.icc])

/** Makers whose notes hold names of places or coordinates of their own (Nikon's LocationInfo, Panasonic's City, …). */
const tellingMakers = /^(nikon|panasonic|leica|samsung|pentax|ricoh|casio|sony|dji|google)/i

/** Bytes of one value by its type, from BYTE (1) to IFD (13). */
const typeBytes = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4]

/**
 * A copy of an EXIF block (a TIFF structure) that fits the new picture: upright, with its size, without the old thumbnail.
 * Everything else stays where it was, since notes of camera makers are full of offsets. Throws RangeError when the structure
 * does not hold together.
 */
export function patchExif(block: Buffer, edits: ExifEdits): Buffer {
  const exif = new ExifBlock(Buffer.from(block))
  const main = exif.directory(exif.first)
  exif.dropNext(main)
  for (const tag of documents) exif.remove(main, tag)
  exif.setNumber(main, tags.orientation, 1)
  exif.setNumber(main, tags.width, edits.width)
  exif.setNumber(main, tags.height, edits.height)
  const below = exif.below(main, tags.exif)
  if (below) {
    exif.setNumber(below, tags.pixelWidth, edits.width)
    exif.setNumber(below, tags.pixelHeight, edits.height)
    if (edits.isSrgb) {
      exif.setNumber(below, tags.colorSpace, 1)
      const interop = exif.below(below, tags.interop)
      // R03 means Adobe RGB.
      if (interop) exif.replaceText(interop, 1, 'R03', 'R98')
    }
  }
  if (edits.stripPlace) {
    const gps = exif.below(main, tags.gps)
    if (gps) exif.wipe(gps)
    exif.remove(main, tags.gps)
    if (below && tellingMakers.test(exif.textOf(main, tags.make))) exif.remove(below, tags.makerNote)
  }
  return exif.trimmed()
}

interface Directory {
  readonly at: number
  count: number
}

/** A TIFF structure that is changed in place. */
class ExifBlock {
  readonly #bytes: Buffer
  readonly #isLittle: boolean
  /** Up to here something is referred to. */
  #end = 8

  constructor(bytes: Buffer) {
    this.#bytes = bytes
    const order = bytes.toString('latin1', 0, 2)
    this.#isLittle = order === 'II'
    if ((order !== 'II' && order !== 'MM') || this.#u16(2) !== 42) throw new RangeError('this is no TIFF structure')
  }

  get first(): number {
    return this.#u32(4)
  }

  directory(at: number): Directory {
    const count = this.#u16(at)
    // Real directories hold a few dozen entries; more only cost time. Some writers leave out the pointer behind the last one.
    if (count > 2000 || at < 8 || at + 2 + 12 * count > this.#bytes.length)
      throw new RangeError('a directory lies outside')
    return { at, count }
  }

  below(parent: Directory, tag: number): Directory | undefined {
    const entry = this.#find(parent, tag)
    return entry === undefined ? undefined : this.directory(this.#u32(entry + 8))
  }

  /** Ends the chain of directories: what comes second is the thumbnail of the picture as it was. */
  dropNext(main: Directory): void {
    const pointer = main.at + 2 + 12 * main.count
    if (pointer + 4 > this.#bytes.length) return
    const next = this.#u32(pointer)
    this.#put32(pointer, 0)
    if (next === 0 || next === main.at) return
    try {
      const second = this.directory(next)
      const thumbnail = this.#find(second, tags.thumbnail)
      const length = this.#find(second, tags.thumbnailBytes)
      if (thumbnail !== undefined && length !== undefined) {
        this.#zero(this.#u32(thumbnail + 8), this.#u32(length + 8))
      }
      this.wipe(second)
    } catch {
      // It is not referred to any more.
    }
  }

  /** Overwrites a directory and its values. */
  wipe(directory: Directory): void {
    for (const entry of this.#entries(directory)) this.#zeroValue(entry)
    this.#zero(directory.at, 2 + 12 * directory.count + 4)
  }

  /** Takes an entry out, and overwrites its value. */
  remove(directory: Directory, tag: number): void {
    for (;;) {
      const entry = this.#find(directory, tag)
      if (entry === undefined) return
      this.#zeroValue(entry)
      const end = Math.min(directory.at + 2 + 12 * directory.count + 4, this.#bytes.length)
      this.#bytes.copyWithin(entry, entry + 12, end)
      this.#zero(end - 12, 12)
      directory.count--
      this.#put16(directory.at, directory.count)
    }
  }

  setNumber(directory: Directory, tag: number, value: number): void {
    const entry = this.#find(directory, tag)
    if (entry === undefined || this.#u32(entry + 4) !== 1) return
    const type = this.#u16(entry + 2)
    if (type === 3 || type === 8) this.#put16(entry + 8, Math.min(0xffff, value))
    else if (type === 4 || type === 9) this.#put32(entry + 8, value)
    else if (type === 1 && value < 256) this.#bytes.writeUInt8(value, entry + 8)
  }

  textOf(directory: Directory, tag: number): string {
    const entry = this.#find(directory, tag)
    if (entry === undefined) return ''
    const [from, length] = this.#place(entry)
    return this.#bytes
      .toString('latin1', from, from + length)
      .replace(/\0.*$/s, '')
      .trim()
  }

  replaceText(directory: Directory, tag: number, old: string, text: string): void {
    const entry = this.#find(directory, tag)
    if (entry !== undefined && this.textOf(directory, tag) === old)
      this.#bytes.write(text, this.#place(entry)[0], 'latin1')
  }

  /** The structure without the zeros at its end that nothing refers to. */
  trimmed(): Buffer {
    this.#reach(this.directory(this.first), 0)
    let end = this.#bytes.length
    while (end > this.#end && this.#bytes[end - 1] === 0) end--
    return this.#bytes.subarray(0, end)
  }

  #reach(directory: Directory, depth: number): void {
    this.#end = Math.max(this.#end, directory.at + 2 + 12 * directory.count + 4)
    for (const entry of this.#entries(directory)) {
      const [from, length] = this.#place(entry)
      this.#end = Math.max(this.#end, from + length)
      const tag = this.#u16(entry)
      if (depth < 3 && (tag === tags.exif || tag === tags.gps || tag === tags.interop)) {
        this.#reach(this.directory(this.#u32(entry + 8)), depth + 1)
      }
    }
  }

  #entries({ at, count }: Directory): number[] {
    return Array.from({ length: count }, (_, index) => at + 2 + 12 * index)
  }

  #find(directory: Directory, tag: number): number | undefined {
    return this.#entries(directory).find((entry) => this.#u16(entry) === tag)
  }

  /** Where a value lies, and how long it is. */
  #place(entry: number): [from: number, length: number] {
    const length = (typeBytes[this.#u16(entry + 2)] ?? 0) * this.#u32(entry + 4)
    return [length <= 4 ? entry + 8 : this.#u32(entry + 8), length]
  }

  #zeroValue(entry: number): void {
    const [from, length] = this.#place(entry)
    if (length > 4) this.#zero(from, length)
  }

  #zero(from: number, length: number): void {
    if (from >= 8 && from < this.#bytes.length) this.#bytes.fill(0, from, Math.min(from + length, this.#bytes.length))
  }

  #u16(at: number): number {
    return this.#isLittle ? this.#bytes.readUInt16LE(at) : this.#bytes.readUInt16BE(at)
  }

  #u32(at: number): number {
    return this.#isLittle ? this.#bytes.readUInt32LE(at) : this.#bytes.readUInt32BE(at)
  }

  #put16(at: number, value: number): void {
    if (this.#isLittle) this.#bytes.writeUInt16LE(value, at)
    else this.#bytes.writeUInt16BE(value, at)
  }

  #put32(at: number, value: number): void {
    if (this.#isLittle) this.#bytes.writeUInt32LE(value, at)
    else this.#bytes.writeUInt32BE(value, at)
  }
}
