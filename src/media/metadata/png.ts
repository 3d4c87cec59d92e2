import { inflateSync } from 'node:zlib'
import { MiB } from '../../units.ts'
import { colorSpaceOfCode } from './color.ts'
import { takeExifBlock } from './exif-blocks.ts'
import { addText, attempt, type Blocks } from './found.ts'
import { takePhotoshop } from './jpeg.ts'
import type { ByteView } from './source.ts'
import { cleanText, textOf } from './text.ts'

/** A compressed text may claim little and inflate to gigabytes: inflating stops here, and the text is absent. */
const inflatedBytes = MiB
const iccBytes = 4 * MiB
const chunkBytes = 4 * MiB
/** Chunks of picture data are jumped over one by one; a file of millions of tiny chunks is given up. */
const maxChunks = 50_000

const inflate = (bytes: Buffer, most = inflatedBytes): Buffer => inflateSync(bytes, { maxOutputLength: most })

/** Cuts the blocks out of a PNG or APNG: chunk by chunk, jumping over the picture data. */
export function takePng(view: ByteView, blocks: Blocks): void {
  const animation = { frames: 0, durationMs: 0 }
  let position = 8
  for (let count = 0; count < maxChunks; count++) {
    const head = view.bytes(position, 8)
    if (head.length < 8) break
    const length = head.readUInt32BE(0)
    const type = head.toString('latin1', 4)
    const at = position + 8
    if (type in takers && length <= chunkBytes) {
      attempt(() => takers[type]?.(view.bytes(at, length), blocks))
    } else if (type === 'acTL') {
      animation.frames = view.bytes(at, 4).readUInt32BE(0)
    } else if (type === 'fcTL' && length === 26) {
      animation.durationMs += frameMs(view.bytes(at, length))
    } else if (type === 'IEND') {
      if (animation.frames > 1) {
        blocks.facts.pages = animation.frames
        if (animation.durationMs > 0) blocks.facts.durationMs = Math.round(animation.durationMs)
      }
      break
    }
    position = at + length + 4
  }
}

/** A delay is a fraction of a second; a denominator of 0 means hundredths. */
const frameMs = (control: Buffer): number => (control.readUInt16BE(20) * 1000) / (control.readUInt16BE(22) || 100)

const takers: Record<string, (data: Buffer, blocks: Blocks) => void> = {
  IHDR(data, { facts }) {
    facts.width = data.readUInt32BE(0)
    facts.height = data.readUInt32BE(4)
    facts.bitDepth = data.readUInt8(8)
    const colour = data.readUInt8(9)
    if (colour === 0 || colour === 4) facts.colorSpace = 'grey'
  },
  eXIf(data, blocks) {
    takeExifBlock(data, blocks)
  },
  iCCP(data, blocks) {
    blocks.icc = inflate(data.subarray(data.indexOf(0) + 2), iccBytes)
  },
  sRGB(_, { facts }) {
    facts.colorSpace ??= 'srgb'
  },
  cICP(data, { facts }) {
    const name = colorSpaceOfCode(data.readUInt8(0), data.readUInt8(1))
    if (name) facts.colorSpace = name
  },
  tEXt(data, blocks) {
    const end = data.indexOf(0)
    takeText(data.toString('latin1', 0, end), data.subarray(end + 1), blocks)
  },
  zTXt(data, blocks) {
    const end = data.indexOf(0)
    takeText(data.toString('latin1', 0, end), inflate(data.subarray(end + 2)), blocks)
  },
  iTXt(data, blocks) {
    const end = data.indexOf(0)
    const language = data.indexOf(0, end + 3)
    const translated = data.indexOf(0, language + 1)
    if (end < 0 || language < 0 || translated < 0) return
    const text = data.subarray(translated + 1)
    takeText(data.toString('latin1', 0, end), data[end + 1] === 1 ? inflate(text) : text, blocks)
  },
}

/** One keyword and its text; some keywords hold whole blocks, as hex or as XML. */
function takeText(keyword: string, bytes: Buffer, blocks: Blocks): void {
  if (keyword === 'XML:com.adobe.xmp') {
    blocks.xmp.push(bytes)
    return
  }
  const profile = /^Raw profile type (.+)$/.exec(keyword)?.[1]
  if (profile === undefined) {
    const name = cleanText(keyword)
    if (name) addText(blocks, 'png', name, textOf(bytes) ?? '')
    return
  }
  const data = rawProfile(bytes)
  if (/^(exif|APP1)$/i.test(profile)) {
    if (data.toString('latin1', 0, 28).startsWith('http://ns.adobe.com/xap/1.0/')) blocks.xmp.push(data.subarray(29))
    else takeExifBlock(data, blocks)
  } else if (profile === 'xmp') blocks.xmp.push(data)
  else if (profile === '8bim' || profile === 'iptc') {
    if (data[0] === 0x1c) blocks.iptc ??= data
    else takePhotoshop(data, blocks)
  } else if (profile === 'icc' || profile === 'icm') blocks.icc ??= data
}

/** What ImageMagick writes: a name, a length in decimal, then hex digits in lines. */
function rawProfile(text: Buffer): Buffer {
  const hex = /^\s*\S+\s+\d+\s+([\s\S]*)$/.exec(text.toString('latin1'))?.[1] ?? ''
  return Buffer.from(hex.replace(/\s+/g, ''), 'hex')
}
