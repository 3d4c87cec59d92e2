import type { Media } from '../../media/media.ts'
import type { WritableFormat } from '../../media/picture.ts'
import { autoFormats, isExact, type Qualities, qualities, unfitFor, writable } from './formats.ts'
import type { Needs } from './needs.ts'
import type { Made, Search, Workshop } from './workshop.ts'

/** What is asked for. */
export interface Wish {
  readonly format: 'same' | 'auto' | WritableFormat
  readonly lossless: boolean
  readonly ssim?: number | undefined
  readonly maxBytes?: number | undefined
}

/** What the making of candidates works with. */
export interface Task {
  readonly media: Media
  readonly needs: Needs
  readonly workshop: Workshop
  readonly wish: Wish
}

/** The likeness that is aimed at when nobody names one: over photos, JPEG reaches it at a quality of 85 or so. */
const usualSsim = 0.98

/** A JPEG of a lower quality was made for its size already; what is coded anew loses each time. */
const codedFinely = 90

/** Makes the files that may serve a wish, the promising ones first; why others were not made stands in the account. */
export async function makeAll(task: Task): Promise<Made[]> {
  const { media, needs, workshop, wish } = task
  const own = media.identity.format
  const isAuto = wish.format === 'auto'
  const asked = wish.format === 'same' ? [own] : isAuto ? [own, ...autoFormats] : [wish.format]
  const formats = [...new Set(asked.map(writable))].filter((format) => format !== undefined)
  const exact = await isWithoutLoss(task, formats.includes('webp'))

  const searches: Search[] = []
  for (const format of formats) {
    const unfit = unfitFor(format, isAuto ? needs : { ...needs, depth: 8 })
    const ranges = qualities[format]
    if (wish.lossless || !ranges || isWithin(task)) continue
    const needless = unfit ?? (hasGoal(wish) ? undefined : codedAlready(task, format, exact))
    if (needless !== undefined) workshop.reject(format, false, needless)
    else searches.push(await workshop.estimate(searchFor(format, wish, ranges)))
  }

  const made: Made[] = []
  for (const format of formats) {
    const refusal = whyNotExact(task, format, exact)
    if (refusal !== undefined) {
      if (wish.lossless) workshop.reject(format, true, refusal)
    } else if (!(isAuto && (await isHopeless(task, format, searches)))) {
      const found = await workshop.lossless(format)
      if (found) made.push(found)
    }
  }
  return [...made, ...(await followUp(searches, made, workshop))]
}

const hasGoal = ({ ssim, maxBytes }: Wish): boolean => ssim !== undefined || maxBytes !== undefined

/** Whether the file has no more bytes than asked: nothing made anew could be better than itself. */
const isWithin = ({ media, wish: { maxBytes, ssim } }: Task): boolean =>
  maxBytes !== undefined && ssim === undefined && media.identity.bytes <= maxBytes

/**
 * Whether the file holds its picture without loss. A WebP may be either: one without loss comes out at about its size when
 * it is written so again, one with loss at several times that.
 */
async function isWithoutLoss({ media, needs, workshop }: Task, matters: boolean): Promise<boolean> {
  const { format, bytes } = media.identity
  // Animations without loss are rare, and their frames tell no size of the whole.
  if (format !== 'webp' || !matters || needs.frames > 1) return isExact(format)
  return (await workshop.losslessBytes('webp')) < 1.5 * bytes
}

/** Why no file without loss is made in a format, as a clause; undefined when one is. */
function whyNotExact({ media, needs, wish }: Task, format: WritableFormat, exact: boolean): string | undefined {
  const [extra] = needs.extras
  if (wish.lossless && extra !== undefined) return `its ${extra} would be lost`
  // What is only packed tighter keeps its frames and its depth whatever a new file of its format could hold.
  if (format === media.identity.format) {
    return format === 'jpeg' || exact ? undefined : 'it is coded with loss, and there is no way to pack it tighter'
  }
  if (format === 'jpeg') return 'it can not be written without loss'
  const unfit = unfitFor(format, needs)
  if (unfit !== undefined) return unfit
  if (!exact) return wish.lossless && wish.format === format ? undefined : 'without loss it would be larger'
  return wish.lossless || format === 'webp' || format === 'png' ? undefined : 'others are smaller without loss'
}

/** Whether by the estimates a file with loss will be so much smaller that one without need not be made. */
async function isHopeless({ media, workshop, wish }: Task, format: WritableFormat, searches: readonly Search[]) {
  const estimates = searches.flatMap(({ estimate, goal }) => (estimate && 'ssim' in goal ? [estimate.bytes] : []))
  if (wish.lossless || estimates.length === 0) return false
  const { bytes, format: own } = media.identity
  // Packing takes away a third at best.
  const expected = format === own ? 0.6 * bytes : await workshop.losslessBytes(format)
  return expected > 1.2 * Math.min(...estimates)
}

function searchFor(format: WritableFormat, { ssim, maxBytes }: Wish, { range, usual }: Qualities): Search {
  if (ssim !== undefined) return { format, goal: { ssim }, range, isLenient: false }
  if (maxBytes !== undefined) return { format, goal: { maxBytes }, range, isLenient: false }
  return { format, goal: { ssim: usualSsim }, range: usual, isLenient: true }
}

/** Why a file should not be coded with loss again unless somebody names a goal; undefined when it may be. */
function codedAlready({ media }: Task, format: WritableFormat, exact: boolean): string | undefined {
  if (format !== media.identity.format || exact) return undefined
  const quality = media.jpegCoding()?.quality
  if (format !== 'jpeg') return 'it is coded with loss already, and coding it again would lose more'
  return quality !== undefined && quality < codedFinely
    ? `its quality is ${quality} already, and coding it again would lose more`
    : undefined
}

/** Makes the files of searches, by what was estimated the best first, until no other can be better. */
async function followUp(searches: readonly Search[], made: readonly Made[], workshop: Workshop): Promise<Made[]> {
  const found: Made[] = []
  const sorted = searches.toSorted((a, b) =>
    'ssim' in a.goal
      ? (a.estimate?.bytes ?? 0) - (b.estimate?.bytes ?? 0)
      : (b.estimate?.ssim ?? 1) - (a.estimate?.ssim ?? 1),
  )
  for (const search of sorted) {
    if (isBeaten(search, [...made, ...found])) workshop.skip(search)
    else {
      const one = await workshop.lossy(search)
      if (one) found.push(one)
    }
  }
  return found
}

/** Whether something that was made is better than an estimate, which is off by some percent, can become. */
function isBeaten({ goal, estimate }: Search, made: readonly Made[]): boolean {
  if (!estimate) return false
  if ('ssim' in goal) return made.some(({ bytes }) => estimate.bytes > 1.1 * bytes)
  return made.some(({ bytes, ssim }) => bytes <= goal.maxBytes && 1 - estimate.ssim > 1.1 * (1 - ssim))
}
