import type { FilmShot } from '../../media/film.ts'
import type { Pixels } from '../../media/picture.ts'
import type { Layout, Size } from './tiles.ts'

/** Pixels on which tiles are laid, row by row. */
export class Sheet {
  readonly #layout: Layout
  readonly #pixels: Pixels
  #laid = 0
  /** The last one, which may stand for the next moments too. */
  #small: { readonly shot: FilmShot; readonly pixels: Pixels } | undefined

  /** For so many tiles; places without one stay black. */
  constructor(layout: Layout, tiles: number) {
    const { tile, columns } = layout
    const width = Math.min(tiles, columns) * tile.width
    const height = Math.ceil(tiles / columns) * tile.height
    this.#layout = layout
    this.#pixels = { data: Buffer.alloc(width * height * 3), width, height, channels: 3 }
  }

  get pixels(): Pixels {
    return this.#pixels
  }

  /** Lays the next tile; answers its left upper corner. */
  async lay(shot: FilmShot): Promise<{ x: number; y: number }> {
    const { tile, columns } = this.#layout
    const at = this.#laid++
    const [x, y] = [(at % columns) * tile.width, Math.floor(at / columns) * tile.height]
    if (this.#small?.shot !== shot) this.#small = { shot, pixels: await fitted(shot, tile) }
    const small = this.#small.pixels
    const left = x + ((tile.width - small.width) >> 1)
    const top = y + ((tile.height - small.height) >> 1)
    const rowBytes = small.width * 3
    for (let row = 0; row < small.height; row++) {
      const to = ((top + row) * this.#pixels.width + left) * 3
      small.data.copy(this.#pixels.data, to, row * rowBytes, (row + 1) * rowBytes)
    }
    return { x, y }
  }
}

/** A shot in a tile's size; one of another shape, as of a film that changes its format, lies within it. */
async function fitted({ picture }: FilmShot, tile: Size): Promise<Pixels> {
  const { width, height, fullWidth, fullHeight } = picture
  const scale = Math.min(tile.width / fullWidth, tile.height / fullHeight)
  const isOfTheShape = Math.abs(fullWidth * scale - tile.width) < 1 && Math.abs(fullHeight * scale - tile.height) < 1
  if (width === tile.width && height === tile.height) return await picture.pixels({ ...tile, fit: 'fill', as: 'rgb' })
  return await picture.pixels({ ...tile, fit: isOfTheShape ? 'fill' : 'inside', as: 'rgb' })
}
