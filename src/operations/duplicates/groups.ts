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
 * declared distinct never stand in one group; the more similar one stays. Where `yieldsTo` says so of the first and one that
 * looks like it, that one is kept in its place. `pause` is called now and then.
 */
export async function groupNear(
  subjects: readonly Subject[],
  neighbours: Neighbours,
  distinct: DistinctPairs,
  yieldsTo: (first: Subject, other: Subject) => boolean,
  pause: (done: number) => Promise<void>,
): Promise<NearGroup[]> {
  const settled = new Set<Subject>()
  const groups: NearGroup[] = []
  const ranks = new Map(subjects.map((subject, rank) => [subject, rank]))
  const around = (one: Subject) => neighbours.of(one, (other) => !settled.has(other) && !distinct.has(one, other))
  /** What is kept: the first, or the best of those that it yields to. */
  const choose = (first: Subject): { kept: Subject; near: Neighbour[] } => {
    const near = around(first)
    const [better] = near
      .map(({ subject }) => subject)
      .filter((subject) => yieldsTo(first, subject))
      .sort((one, other) => (ranks.get(one) ?? 0) - (ranks.get(other) ?? 0))
    const nearBetter = better ? around(better) : []
    // Seen from the other side, likeness can be a little less.
    return better && nearBetter.some(({ subject }) => subject === first)
      ? { kept: better, near: nearBetter }
      : { kept: first, near }
  }
  for (const [at, first] of subjects.entries()) {
    if (at % 64 === 0) await pause(at)
    // More than once where it yielded to another, and then had to stay out of that one's group.
    while (!settled.has(first)) {
      const { kept, near } = choose(first)
      settled.add(kept)
      const others: Neighbour[] = []
      for (const neighbour of near) {
        const { subject } = neighbour
        if (others.some((other) => distinct.has(other.subject, subject))) continue
        settled.add(subject)
        others.push(neighbour)
      }
      if (others.length > 0) groups.push({ kept, others })
    }
  }
  return groups
}
