import type { Neighbour, Neighbours } from './neighbours.ts'
import type { Subject } from './subjects.ts'

/** One subject that is kept and those that look like it. */
export interface NearGroup {
  readonly kept: Subject
  /** Every one was compared with the one that is kept, the most similar first. */
  readonly others: readonly Neighbour[]
}

/** Pairs of assets that must not stand in one group. */
export class DistinctPairs {
  readonly #others = new Map<string, Set<string>>()

  constructor(pairs: Iterable<readonly [string, string]>) {
    for (const [one, other] of pairs) {
      this.#othersOf(one).add(other)
      this.#othersOf(other).add(one)
    }
  }

  /** Whether somebody declared these two to be no duplicates. */
  has(one: Subject, other: Subject): boolean {
    return this.#others.get(one.asset)?.has(other.asset) ?? false
  }

  #othersOf(asset: string): Set<string> {
    const known = this.#others.get(asset)
    if (known) return known
    const made = new Set<string>()
    this.#others.set(asset, made)
    return made
  }
}

/**
 * Groups subjects that are given in the order in which they would be kept. The first one that stands in no group yet is
 * kept, and every later one that looks like *it* joins it: what looks like a member only founds a group of its own, so that
 * no chain leads to strangers, and nothing is called a duplicate of a picture that it was not compared with. Two that were
 * declared distinct never stand in one group; the more similar one stays. `pause` is called now and then.
 */
export async function groupNear(
  subjects: readonly Subject[],
  neighbours: Neighbours,
  distinct: DistinctPairs,
  pause: (done: number) => Promise<void>,
): Promise<NearGroup[]> {
  const settled = new Set<Subject>()
  const groups: NearGroup[] = []
  for (const [at, kept] of subjects.entries()) {
    if (at % 64 === 0) await pause(at)
    if (settled.has(kept)) continue
    settled.add(kept)
    const others: Neighbour[] = []
    for (const neighbour of neighbours.of(kept, (other) => !settled.has(other) && !distinct.has(kept, other))) {
      const { subject } = neighbour
      if (others.some((other) => distinct.has(other.subject, subject))) continue
      settled.add(subject)
      others.push(neighbour)
    }
    if (others.length > 0) groups.push({ kept, others })
  }
  return groups
}
