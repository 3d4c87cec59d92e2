import { setImmediate } from 'node:timers/promises'
import { z } from 'zod'
import { MediaError } from '../errors.ts'
import { defineCollectionOperation } from './collection-operation.ts'
import { exactGroup, nearGroup } from './duplicates/answer.ts'
import { completeCopies, isSampledId } from './duplicates/copies.ts'
import { DistinctPairs, groupNear } from './duplicates/groups.ts'
import { isOnlyLarger, keepCriteria, keepOrder, orderPaths } from './duplicates/keep.ts'
import { prepare } from './duplicates/likeness.ts'
import { defaultThreshold, Neighbours } from './duplicates/neighbours.ts'
import { type DuplicateGroup, type Duplicates, duplicatesSchema } from './duplicates/result.ts'
import { gatherSubjects, type Subject } from './duplicates/subjects.ts'
import { tellDuplicates } from './duplicates/tell.ts'

/** Files of a collection that are there more than once: byte for byte, or as the same picture saved otherwise. */
export const duplicates = defineCollectionOperation({
  name: 'duplicates',
  group: 'advanced-image-processing',
  version: 3,
  summary:
    'Finds byte copies, and pictures and films that are the same, whatever was done to the file, and says which one to keep.',
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
        'By what the one to keep is found; each decides where those before it are equal, and those left out come last. resolution: more pixels, unless quality shows that a picture was merely enlarged beyond what a camera took; capture: tells time and camera; format: less is lost; quality: better score; bytes: larger file; metadata: more fields; date: older; path: no mark of a copy, then shorter.',
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
    { operation: 'fingerprint', kinds: ['picture', 'film'] },
    { operation: 'metadata', kinds: ['picture', 'film'] },
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

    const copied: { subject: Subject; paths: readonly string[] }[] = []
    const unread: string[] = []
    const ambiguous = new Set<Subject>()
    for (const subject of subjects.filter(({ paths }) => paths.length > 1)) {
      const copies = isSampledId(subject.asset)
        ? await completeCopies(subject.paths, subject.bytes, signal)
        : { sets: [subject.paths], unread: [] }
      unread.push(...copies.unread)
      if (copies.sets.length > 1 || copies.unread.length > 0) ambiguous.add(subject)
      for (const paths of copies.sets) if (paths.length > 1) copied.push({ subject, paths })
    }
    progress(0.4)

    // Files that only share their samples also share one look, and nobody knows whose it is.
    const comparable = subjects.filter((subject) => !ambiguous.has(subject)).sort(keepOrder(params.keep))
    const near = await groupNear(
      comparable,
      new Neighbours(comparable, params),
      new DistinctPairs(collection.distinctPairs()),
      isOnlyLarger(params.keep),
      async (done) => {
        progress(0.4 + (0.6 * done) / comparable.length)
        // Lets a wish to stop be heard.
        await setImmediate()
        halt()
      },
    )
    // Byte copies of what also looks like others stand in that group, so that no file is kept here and to go there.
    const inNear = new Set(near.flatMap(({ kept, others }) => [kept, ...others.map(({ subject }) => subject)]))
    const answered = [
      ...near.map((found) => nearGroup(found, params.keep)),
      ...copied.filter(({ subject }) => !inNear.has(subject)).map(({ subject, paths }) => exactGroup(subject, paths)),
    ]
    const groups = answered.map(({ group }) => group).filter((group) => group !== undefined)
    const pictures = comparable.filter(({ kind }) => kind === 'picture')
    const byLook = pictures.filter(({ faces }) => faces.some(({ look }) => prepare(look) !== undefined)).length
    const seen = pictures.filter(({ faces }) => faces.length > 0).length
    return {
      groups: groups.sort(byReclaim),
      totals: totalsOf(groups),
      compared: {
        files,
        assets: subjects.length,
        byLook,
        tooPlain: seen - byLook,
        links: answered.reduce((sum, { leftOut }) => sum + leftOut, 0),
        unseen: pictures.length - seen,
      },
      unread: unread.sort(),
    }
  },
})

function totalsOf(groups: readonly DuplicateGroup[]): Duplicates['totals'] {
  const sum = (of: (group: DuplicateGroup) => number) => groups.reduce((total, group) => total + of(group), 0)
  return {
    groups: groups.length,
    exact: groups.filter(({ kind }) => kind === 'exact').length,
    near: groups.filter(({ kind }) => kind === 'near').length,
    duplicates: sum(({ members }) => members.slice(1).filter(({ link }) => link === undefined).length),
    reclaimableBytes: sum(({ reclaimableBytes }) => reclaimableBytes),
  }
}

const byReclaim = (one: DuplicateGroup, other: DuplicateGroup): number =>
  other.reclaimableBytes - one.reclaimableBytes ||
  (one.keepPath < other.keepPath ? -1 : one.keepPath > other.keepPath ? 1 : one.kind < other.kind ? -1 : 1)
