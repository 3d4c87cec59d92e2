import type { FormatName } from '../formats.ts'
import type { MediaLimits } from '../media.ts'
import type { Probe } from '../probe.ts'
import type { FilmLength } from './length.ts'

/** A film that was opened and found readable, for work that reads it with a demuxer of its own. */
export interface FilmFile {
  readonly path: string
  readonly format: FormatName
  readonly bytes: number
  readonly probe: Probe
  readonly length: FilmLength
  /** Its container is known to be complete. */
  readonly isWhole: boolean
  readonly limits: MediaLimits
  /** To be called for each frame that is decoded. */
  readonly onFrame: () => void
}
