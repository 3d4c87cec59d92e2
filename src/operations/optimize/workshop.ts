import { MediaError } from '../../errors.ts'
import type { Media } from '../../media/media.ts'
import type { Picture, RewriteOptions, WritableFormat } from '../../media/picture.ts'
import type { OperationIo } from '../operation.ts'
import { ssimOf } from '../similarity.ts'
import { effortFor } from './formats.ts'
import type { Needs } from './needs.ts'
import { best, type Goal, type Measured, searchQuality, slopeOf } from './search.ts'
import { largePixels, measureWindows, pixelsOf, windowsOf } from './windows.ts'

/** A file that was made and measured. */
export interface Made extends Measured {
  readonly format: WritableFormat
  readonly isLossless: boolean
  readonly data: Buffer
  readonly width: number
  readonly height: number
}

/** One line of the account of what was tried. */
export interface Tried {
  readonly format: WritableFormat
  readonly lossless: boolean
  readonly quality?: number
  readonly bytes?: number
  readonly ssim?: number
  /** Found by windows of the picture alone. */
  readonly estimated?: boolean
  /** Why it is out of the question. */
  readonly rejected?: string
}

/** Qualities looked for in one format: what to reach, where, and what windows say of it. */
export interface Search {
  readonly format: WritableFormat
  readonly goal: Goal
  readonly range: readonly [low: number, high: number]
  /** Whether the best of the range will do where the goal can not be reached in it. */
  readonly isLenient: boolean
  /** What windows say the search will come to; absent for pictures that are small enough to be measured whole. */
  readonly estimate?: Measured
  readonly slope?: number
}

/** How everything is written. */
export interface Manner extends Pick<RewriteOptions, 'metadata'> {
  readonly effort: NonNullable<RewriteOptions['effort']>
}

/** Makes files of one picture, measures them against it, and keeps account. */
export class Workshop {
  readonly tried: Tried[] = []
  readonly #media: Media
  readonly #picture: Picture
  readonly #needs: Needs
  readonly #manner: Manner
  readonly #io: OperationIo
  #windows: Promise<Picture[]> | undefined
  #left = 1

  constructor(media: Media, picture: Picture, needs: Needs, manner: Manner, io: OperationIo) {
    this.#media = media
    this.#picture = picture
    this.#needs = needs
    this.#manner = manner
    this.#io = io
  }

  /** The file in a format with every sample, frame and colour as it was; undefined, and said why, where that is not possible. */
  async lossless(format: WritableFormat): Promise<Made | undefined> {
    const written = await this.#write({ format, lossless: true })
    if (written === undefined) return undefined
    const { data, seen } = written
    const fault = written.fault ?? ((await hasSameSamples(this.#picture, seen)) ? undefined : 'it would lose something')
    seen.free()
    const line = { format, lossless: true, bytes: data.length }
    if (fault !== undefined) {
      this.tried.push({ ...line, rejected: fault })
      return undefined
    }
    this.tried.push({ ...line, ssim: 1 })
    const { width, height } = written
    return { format, isLossless: true, quality: 100, bytes: data.length, ssim: 1, data, width, height }
  }

  /** How many bytes a file without loss has or, for a large picture, is estimated to have. */
  async losslessBytes(format: WritableFormat): Promise<number> {
    const written = this.#isLarge
      ? await measureWindows(await this.#openWindows(), this.#decode, this.#pixels, {
          format,
          lossless: true,
          quality: 100,
        })
      : await this.#picture.write({ format, lossless: true })
    return 'bytes' in written ? written.bytes : written.data.length
  }

  /** Looks at windows of a large picture for where its search will end; of others the search as it is. */
  async estimate(search: Search): Promise<Search> {
    const { format, goal, range } = search
    if (!this.#isLarge) return search
    const windows = await this.#openWindows()
    const points: Measured[] = []
    const measure = async (quality: number): Promise<Measured> => {
      this.#io.signal.throwIfAborted()
      const options = { format, quality, effort: effortFor(format, this.#manner.effort) }
      const point = await measureWindows(windows, this.#decode, this.#pixels, options)
      points.push(point)
      return point
    }
    const found = await searchQuality(measure, { goal, range, guess: middleOf(range), tries: 8, slack: 0.05 })
    this.#getOn()
    const estimate = found ?? nearest(points, goal)
    const slope = slopeOf(points, goal)
    return { ...search, ...(estimate ? { estimate } : {}), ...(slope === undefined ? {} : { slope }) }
  }

  /** Makes the file of the quality that a search leads to; undefined, and said why, when there is none. */
  async lossy(search: Search): Promise<Made | undefined> {
    const { format, goal, range, estimate, slope, isLenient } = search
    const points: Made[] = []
    let fault: string | undefined
    const measure = async (quality: number): Promise<Made> => {
      const made = await this.#measureWhole(format, quality)
      if (typeof made === 'string') throw new Unfit(made)
      points.push(made)
      return made
    }
    const found = await searchQuality(measure, {
      goal,
      range,
      guess: estimate?.quality ?? middleOf(range),
      tries: estimate ? 4 : 9,
      slack: estimate ? 0.05 : 0.02,
      ...(slope === undefined ? {} : { slope }),
    }).catch((thrown: unknown) => {
      if (!(thrown instanceof Unfit)) throw thrown
      fault = thrown.message
      return undefined
    })
    for (const { quality, bytes, ssim } of points) this.tried.push({ format, lossless: false, quality, bytes, ssim })
    if (fault !== undefined) this.tried.push({ format, lossless: false, rejected: fault })
    return found ?? (isLenient && fault === undefined ? nearest(points, goal) : undefined)
  }

  /** Notes what was not worth more than an estimate. */
  skip({ format, estimate }: Search): void {
    if (estimate) this.tried.push({ format, lossless: false, ...estimate, estimated: true })
  }

  /** Notes what was not tried at all. */
  reject(format: WritableFormat, lossless: boolean, rejected: string): void {
    this.tried.push({ format, lossless, rejected })
  }

  async #measureWhole(format: WritableFormat, quality: number): Promise<Made | string> {
    const written = await this.#write({ format, quality })
    if (written === undefined) return this.tried.pop()?.rejected ?? 'it can not be written'
    const { data, seen, width, height, fault } = written
    if (fault !== undefined) return fault
    const ssim = ssimOf(await pixelsOf(this.#picture), await pixelsOf(seen))
    seen.free()
    return { format, isLossless: false, quality, bytes: data.length, ssim, data, width, height }
  }

  get #pixels(): number {
    return this.#picture.width * this.#picture.height
  }

  /** Whether windows stand for the whole. Of animations they would show the first frame only. */
  get #isLarge(): boolean {
    return this.#pixels >= largePixels && this.#needs.frames === 1
  }

  #openWindows(): Promise<Picture[]> {
    this.#windows ??= windowsOf(this.#picture)
    return this.#windows
  }

  readonly #decode = (data: Buffer): Promise<Picture> => this.#media.decode(data)

  /** Tells that it got on: how many steps there will be is not known, so each is a part of what is left. */
  #getOn(): void {
    this.#left *= 0.94
    this.#io.progress(1 - this.#left)
  }

  /** A file and how it is seen, with what it would lose; undefined, and noted, where the encoder refuses. */
  async #write(options: Pick<RewriteOptions, 'format' | 'quality' | 'lossless'>) {
    this.#io.signal.throwIfAborted()
    const { metadata, effort } = this.#manner
    const isOwn = options.lossless === true && options.format === this.#media.identity.format
    const packed = isOwn ? await this.#media.repack({ metadata }) : undefined
    const written =
      packed ??
      (await this.#media
        .rewrite({ metadata, effort: effortFor(options.format, effort), ...options, color: 'keep', frames: 'all' })
        .catch((thrown: unknown) => {
          if (!(thrown instanceof MediaError) || thrown.code !== 'PARAMS_INVALID') throw thrown
          this.reject(options.format, options.lossless === true, thrown.message.replace(/\.$/, ''))
          return undefined
        }))
    this.#getOn()
    if (!written) return undefined
    const seen = await this.#media.decode(written.data)
    const { depth, frames, alpha } = this.#needs
    const { width, height } = this.#picture
    const fault =
      written.frames < frames
        ? `it would keep ${written.frames} of ${frames} frames or pages`
        : written.bitDepth < depth
          ? `it would keep ${written.bitDepth} of ${depth} bits a sample`
          : written.intent.toneMapped !== undefined
            ? 'its high dynamic range would be brought down'
            : alpha && !seen.hasAlpha
              ? 'its transparency would be lost'
              : seen.width !== width || seen.height !== height
                ? 'it would have another size'
                : undefined
    return { data: written.data, width: written.width, height: written.height, seen, fault }
  }
}

/** A format turned out to be unable to hold the picture. */
class Unfit extends Error {}

const middleOf = ([low, high]: readonly [number, number]): number => Math.round(low + 0.6 * (high - low))

/** Of points that miss a goal, the one that comes nearest. */
function nearest<Point extends Measured>(points: readonly Point[], goal: Goal): Point | undefined {
  const reached = best(points, goal)
  if (reached) return reached
  return points.toSorted((a, b) => ('ssim' in goal ? b.ssim - a.ssim : a.bytes - b.bytes))[0]
}

/** Whether two pictures look the same in every pixel; what can not be seen at all may differ. */
async function hasSameSamples(one: Picture, other: Picture): Promise<boolean> {
  const { width, height } = one
  const as = one.hasAlpha || other.hasAlpha ? 'rgba' : 'rgb'
  const [a, b] = [
    await one.pixels({ width, height, fit: 'fill', as }),
    await other.pixels({ width, height, fit: 'fill', as }),
  ]
  if (a.data.equals(b.data)) return true
  if (as === 'rgb') return false
  for (let at = 0; at < a.data.length; at += 4) {
    const isHidden = a.data[at + 3] === 0 && b.data[at + 3] === 0
    if (!isHidden && a.data.readUInt32LE(at) !== b.data.readUInt32LE(at)) return false
  }
  return true
}
