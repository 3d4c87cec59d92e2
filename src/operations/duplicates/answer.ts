import type { NearGroup } from './groups.ts'
import { type KeepCriterion, keepOrder, keepReason } from './keep.ts'
import { bytesFreed, filesFirst, type Place, placeOf, placesToGo } from './places.ts'
import { type DuplicateGroup, type DuplicateMember, transformNames } from './result.ts'
import type { Subject } from './subjects.ts'

/** A place with what lies there. */
interface Found extends Place {
  readonly subject: Subject
  readonly bytes: number
  readonly similarity: number
  readonly orientation: number
}

/** A group, and how many paths it leaves out: further names of files that stay, and links, which free nothing. */
export interface AnsweredGroup {
  /** Absent when nothing is left that could go. */
  readonly group?: DuplicateGroup
  readonly leftOut: number
}

/** The group of byte copies; of the paths, in their order, the first that is no link is kept. */
export function exactGroup(subject: Subject, paths: readonly string[]): AnsweredGroup {
  const reason = (count: number) => `the same bytes ${count} times; this is the better path`
  return groupOf('exact', foundAt(subject, 1, 1, paths), reason)
}

/** The group of what looks alike, with every place where each of them lies. */
export function nearGroup({ kept, others }: NearGroup, keep: readonly KeepCriterion[]): AnsweredGroup {
  const order = keepOrder(keep)
  const [second = kept] = others.map(({ subject }) => subject).sort(order)
  const found = others.flatMap(({ subject, similarity, orientation }) => foundAt(subject, similarity, orientation))
  return groupOf('near', [...foundAt(kept, 1, 1), ...found], () => keepReason(keep, kept, second))
}

/** Of these places the first is kept. */
function groupOf(
  kind: DuplicateGroup['kind'],
  found: readonly Found[],
  reason: (files: number) => string,
): AnsweredGroup {
  const [kept] = found
  const going = kept ? placesToGo(kept, found) : []
  const leftOut = found.length - 1 - going.length
  // What is the same file in truth is none.
  if (!kept || going.length === 0) return { leftOut }
  const seen = new Set([kept.file])
  const firsts = new Map<Subject, string>()
  const members = [kept, ...going].map((place) => {
    const isHardLink = !place.isLink && place !== kept && seen.has(place.file)
    seen.add(place.file)
    const copyOf = firsts.get(place.subject)
    firsts.set(place.subject, copyOf ?? place.path)
    const link = place.isLink ? ('symbolic' as const) : isHardLink ? ('hard' as const) : undefined
    return memberOf(place, { ...(copyOf === undefined ? {} : { copyOf }), ...(link ? { link } : {}) })
  })
  const group = {
    kind,
    keep: kept.subject.asset,
    keepPath: kept.path,
    reason: reason(seen.size),
    weakestLink: Math.min(...going.map(({ similarity }) => similarity)),
    reclaimableBytes: bytesFreed(going),
    members,
  }
  return { group, leftOut }
}

function foundAt(
  subject: Subject,
  similarity: number,
  orientation: number,
  paths: readonly string[] = subject.paths,
): Found[] {
  const { bytes } = subject
  return filesFirst(paths.map(placeOf)).map((place) => ({ ...place, subject, bytes, similarity, orientation }))
}

function memberOf(
  { subject, path, similarity, orientation }: Found,
  same: Pick<DuplicateMember, 'copyOf' | 'link'>,
): DuplicateMember {
  const { asset, bytes, width, height, score } = subject
  const transform = transformNames[orientation - 1]
  return {
    asset,
    path,
    similarity,
    ...(transform && transform !== 'none' ? { transform } : {}),
    ...same,
    bytes,
    ...(width === undefined ? {} : { width }),
    ...(height === undefined ? {} : { height }),
    ...(score === undefined ? {} : { score }),
  }
}
