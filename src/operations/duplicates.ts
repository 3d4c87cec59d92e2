import { setImmediate } from 'node:timers/promises'
import { z } from 'zod'
import { MediaError } from '../errors.ts'
import { defineCollectionOperation } from './collection-operation.ts'
import { countedOnce, exactGroup, nearGroup } from './duplicates/answer.ts'
import { completeCopies, isSampledId } from './duplicates/copies.ts'
import { DistinctPairs, groupNear } from './duplicates/groups.ts'
import { keepCriteria, keepOrder, orderPaths } from './duplicates/keep.ts'
import { prepare } from './duplicates/likeness.ts'
import { defaultThreshold, Neighbours } from './duplicates/neighbours.ts'
import { type DuplicateGroup, duplicatesSchema } from './duplicates/result.ts'
import { gatherSubjects, type Subject } from './duplicates/subjects.ts'
import { tellDuplicates } from './duplicates/tell.ts'

/** Files of a collection that are there more than once: byte for byte, or as the same picture saved otherwise. */
export const duplicates = defineCollectionOperation({
  name: 'duplicates',
  group: 'advanced-image-processing',
  version: 1,
  summary:
    'Finds byte copies and pictures that are the same, whatever was done to the file, and says which one to keep.',
  params: z.object({
    threshold: z
      .number()
      .min(0.5)
      .max(1)
      .default(defaultThreshold)
      .describe(
        'How alike pictures must be, 0.5–1. 1: equal pixels only. 0.97: resized and recompressed copies. 0.87: also cropped a little, watermarked, brightened, grey. Below: more is found, and strangers among it.',
      ),
    transforms: z.boolean().default(true).describe('Whether turned and mirrored copies are found too.'),
    series: z
      .boolean()
      .default(false)
      .describe('Whether pictures that tell different capture times, such as frames of a burst, may be duplicates.'),
    keep: z
      .array(z.enum(keepCriteria))
      .min(1)
      .default([...keepCriteria])
      .describe(
        'By what the one to keep is found; each decides where those before it are equal, and those left out come last. resolution: more pixels; capture: tells time and camera; format: less is lost; quality: better score; bytes: larger file; metadata: more fields; date: older; path: no mark of a copy, then shorter.',
      ),
  }),
  result: duplicatesSchema,
  artifacts: [],
  examples: [
    { title: 'The usual search', params: {} },
    {
      title: 'Only what was saved anew, upright; the file of best quality is kept',
      params: { threshold: 0.97, transforms: false, keep: ['quality', 'resolution'] },
    },
  ],

  tell: tellDuplicates,

  needs: ({ keep }) => [
    { operation: 'fingerprint', kinds: ['picture'] },
    { operation: 'metadata', kinds: ['picture'] },
    ...(keep.includes('quality') ? [{ operation: 'quality-issues', kinds: ['picture'] as const }] : []),
  ],

  async run(collection, params, { signal, progress }) {
    const halt = () => {
      if (signal.aborted) throw new MediaError('CANCELLED')
    }
    let files = 0
    const subjects = gatherSubjects(collection, () => {
      files++
      halt()
    })
    for (const { paths } of subjects) orderPaths(paths)
    progress(0.2)

    const exact: DuplicateGroup[] = []
    const unread: string[] = []
    const ambiguous = new Set<Subject>()
    for (const subject of subjects.filter(({ paths }) => paths.length > 1)) {
      const copies = isSampledId(subject.asset)
        ? await completeCopies(subject.paths, subject.bytes, signal)
        : { sets: [subject.paths], unread: [] }
      unread.push(...copies.unread)
      if (copies.sets.length > 1 || copies.unread.length > 0) ambiguous.add(subject)
      exact.push(...copies.sets.filter((set) => set.length > 1).map((set) => exactGroup(subject, set)))
    }
    progress(0.4)

    // Files that only share their samples also share one look, and nobody knows whose it is.
    const comparable = subjects.filter((subject) => !ambiguous.has(subject)).sort(keepOrder(params.keep))
    const near = await groupNear(
      comparable,
      new Neighbours(comparable, params),
      new DistinctPairs(collection.distinctPairs()),
      async (done) => {
        progress(0.4 + (0.6 * done) / comparable.length)
        // Lets a wish to stop be heard.
        await setImmediate()
        halt()
      },
    )
    const groups = [...exact, ...near.map((found) => nearGroup(found, params.keep))]
    const once = countedOnce(exact, near)
    const pictures = comparable.filter(({ kind }) => kind === 'picture')
    const byLook = pictures.filter(({ faces }) => faces.some(({ look }) => prepare(look) !== undefined)).length
    const seen = pictures.filter(({ faces }) => faces.length > 0).length
    return {
      groups: groups.sort(byReclaim),
      totals: { groups: groups.length, exact: exact.length, near: near.length, ...once },
      compared: {
        files,
        assets: subjects.length,
        byLook,
        tooPlain: seen - byLook,
        unseen: pictures.length - seen,
      },
      unread: unread.sort(),
    }
  },
})

const reclaimable = ({ members }: DuplicateGroup): number => members.slice(1).reduce((sum, { bytes }) => sum + bytes, 0)

const byReclaim = (one: DuplicateGroup, other: DuplicateGroup): number =>
  reclaimable(other) - reclaimable(one) ||
  (one.keepPath < other.keepPath ? -1 : one.keepPath > other.keepPath ? 1 : one.kind < other.kind ? -1 : 1)
