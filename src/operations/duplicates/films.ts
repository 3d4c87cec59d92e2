import { filmLikeness } from '../film-fingerprint/likeness.ts'
import type { Subject } from './subjects.ts'

/** Films whose lengths differ by more are no copies, whatever they show. */
const leastLengthRatio = 0.85

/** Finds films that are alike, among those of about the same length. */
export class AlikeFilms {
  readonly #films: readonly { readonly subject: Subject; readonly ms: number }[]

  constructor(subjects: readonly Subject[]) {
    this.#films = subjects
      .flatMap((subject) => (subject.print === undefined ? [] : [{ subject, ms: subject.print.durationMs ?? 0 }]))
      .filter(({ ms }) => ms > 0)
      .sort((one, other) => one.ms - other.ms)
  }

  /** Calls back with each film that is at least so much like this one. */
  search(subject: Subject, threshold: number, onFound: (other: Subject, similarity: number) => void): void {
    const { print } = subject
    const ms = print?.durationMs ?? 0
    if (print === undefined || ms <= 0) return
    // Of very short films the lengths are told too roughly.
    const [from, to] = [ms * leastLengthRatio - 300, ms / leastLengthRatio + 300]
    for (let at = this.#firstFrom(from); at < this.#films.length; at++) {
      const other = this.#films[at]
      if (other === undefined || other.ms > to) break
      if (other.subject === subject || other.subject.print === undefined) continue
      const { similarity } = filmLikeness(print, other.subject.print)
      if (similarity >= threshold) onFound(other.subject, similarity)
    }
  }

  #firstFrom(ms: number): number {
    let [low, high] = [0, this.#films.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#films[middle]?.ms ?? 0) < ms) low = middle + 1
      else high = middle
    }
    return low
  }
}
