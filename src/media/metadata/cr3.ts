import { MiB } from '../../units.ts'
import { boxesOf } from './boxes.ts'
import { compactTiff } from './exif-blocks.ts'
import type { Blocks } from './found.ts'
import type { ByteView } from './source.ts'
import { type TiffEntry, TiffReader } from './tiff.ts'

const canon = '85c0b687820f11e08111f4ce462b6a48'
const xmp = 'be7acfcb97a942e89c71999491e3afac'
const nothing: ReadonlyMap<number, TiffEntry> = new Map()

/** Cuts Exif out of Canon's CR3, which keeps the main, Exif and GPS directories as three TIFF structures in `moov`. */
export function takeCr3(view: ByteView, blocks: Blocks): void {
  const boxes = boxesOf(view)
  const movie = boxes.find(({ type }) => type === 'moov')
  const own = [...boxes, ...(movie ? boxesOf(movie.body) : [])].filter(({ type }) => type === 'uuid')
  for (const { body } of own) {
    const identity = body.bytes(0, 16).toString('hex')
    if (identity === xmp && blocks.xmp.length === 0) blocks.xmp.push(body.bytes(16, MiB))
    if (identity !== canon) continue
    const parts = new Map(boxesOf(body, 16).map((box) => [box.type, box.body]))
    const main = parts.get('CMT1')
    if (!main) continue
    const directory = (name: string) => {
      const part = parts.get(name)
      const tiff = part && new TiffReader(part)
      return tiff ? tiff.directory(tiff.first).entries : nothing
    }
    blocks.exif = compactTiff({
      isLittle: new TiffReader(main).isLittle,
      main: directory('CMT1'),
      exif: directory('CMT2'),
      gps: directory('CMT4'),
      interop: nothing,
    })
  }
}
