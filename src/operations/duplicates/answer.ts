import type { NearGroup } from './groups.ts'
import { type KeepCriterion, keepOrder, keepReason } from './keep.ts'
import { type DuplicateGroup, type DuplicateMember, transformNames } from './result.ts'
import type { Subject } from './subjects.ts'

/** The group of byte copies; of the paths, in their order, the first is kept. */
export function exactGroup(subject: Subject, paths: readonly string[]): DuplicateGroup {
  const [keepPath = ''] = paths
  return {
    kind: 'exact',
    keep: subject.asset,
    keepPath,
    reason: `the same bytes ${paths.length} times; this is the better path`,
    weakestLink: 1,
    members: paths.map((path) => memberOf(subject, path, 1, 1)),
  }
}

/** The group of what looks alike, with every place where each of them lies. */
export function nearGroup({ kept, others }: NearGroup, keep: readonly KeepCriterion[]): DuplicateGroup {
  const order = keepOrder(keep)
  const [second = kept] = others.map(({ subject }) => subject).sort(order)
  const members = [{ subject: kept, similarity: 1, orientation: 1 }, ...others]
  return {
    kind: 'near',
    keep: kept.asset,
    keepPath: kept.paths[0] ?? '',
    reason: keepReason(keep, kept, second),
    weakestLink: Math.min(...others.map(({ similarity }) => similarity)),
    members: members.flatMap(({ subject, similarity, orientation }) =>
      subject.paths.map((path) => memberOf(subject, path, similarity, orientation)),
    ),
  }
}

/** How many files could go, and their bytes; a file that stands in a group of each kind counts once. */
export function countedOnce(
  exact: readonly DuplicateGroup[],
  near: readonly NearGroup[],
): { duplicates: number; reclaimableBytes: number } {
  const going = new Map<string, number>()
  for (const { members } of exact) {
    for (const { path, bytes } of members.slice(1)) going.set(path, bytes)
  }
  for (const { kept, others } of near) {
    for (const path of kept.paths.slice(1)) going.set(path, kept.bytes)
    for (const { subject } of others) for (const path of subject.paths) going.set(path, subject.bytes)
  }
  return { duplicates: going.size, reclaimableBytes: [...going.values()].reduce((sum, bytes) => sum + bytes, 0) }
}

function memberOf(subject: Subject, path: string, similarity: number, orientation: number): DuplicateMember {
  const { asset, bytes, width, height, score } = subject
  const transform = transformNames[orientation - 1]
  return {
    asset,
    path,
    similarity,
    ...(transform && transform !== 'none' ? { transform } : {}),
    bytes,
    ...(width === undefined ? {} : { width }),
    ...(height === undefined ? {} : { height }),
    ...(score === undefined ? {} : { score }),
  }
}
