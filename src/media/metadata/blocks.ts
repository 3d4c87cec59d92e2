import type { FormatName } from '../formats.ts'
import { takeGif, takeWebp } from './animation.ts'
import { takeBmp, takeIco } from './bmp.ts'
import { takeCr3 } from './cr3.ts'
import { attempt, type Blocks, noBlocks } from './found.ts'
import { takeHeif } from './heif.ts'
import { takeJp2 } from './jp2.ts'
import { takeJpeg } from './jpeg.ts'
import { takeJxl } from './jxl.ts'
import { takePng } from './png.ts'
import type { ByteView } from './source.ts'
import { takeRaw, takeTiff } from './tiff-file.ts'

const takers: Partial<Record<FormatName, (view: ByteView, blocks: Blocks) => void>> = {
  jpeg: takeJpeg,
  png: takePng,
  webp: takeWebp,
  gif: takeGif,
  tiff: takeTiff,
  heic: takeHeif,
  avif: takeHeif,
  jxl: takeJxl,
  jp2: takeJp2,
  bmp: takeBmp,
  ico: takeIco,
  raw: (view, blocks) => (view.bytes(4, 4).toString('latin1') === 'ftyp' ? takeCr3 : takeRaw)(view, blocks),
}

/** Whether blocks of metadata can be cut out of files of this format without exiftool. */
export const hasBlocks = (format: FormatName): boolean => format in takers

/** Cuts all blocks of metadata out of a picture. Never throws: what can not be read is absent. */
export function takeBlocks(view: ByteView, format: FormatName): Blocks {
  const blocks = noBlocks()
  attempt(() => takers[format]?.(view, blocks))
  return blocks
}
