/** What was decided to show a picture as its maker meant it; recorded with every result that hangs on it. */
export interface RenderIntent {
  /** EXIF orientation that was applied (1: none), from the place named. */
  readonly orientation: number
  readonly orientationFrom: 'exif' | 'container' | 'none'
  /** Profile the pixels came in, by name (`Display P3`, `Adobe RGB (1998)`, `sRGB`, `CMYK`, `untagged`). */
  readonly profile: string
  /** How high dynamic range was brought down, when it was. */
  readonly toneMapped?: 'pq' | 'hlg'
  /** The file has a gain map for brighter screens; the picture is shown without it, as its maker chose for ordinary ones. */
  readonly gainMap?: 'ignored'
  /** Which picture of the file was taken when it holds several (`embedded preview`, `frame 1 of 12`, `view 1 of 2`, …). */
  readonly source?: string
}
