/** The rate is that of the last while, so that the estimate follows a film whose scenes differ. */
const windowMs = 10_000

/** Estimates how long work takes yet, from how far it was at earlier moments. */
export class Remaining {
  #marks: { readonly at: number; readonly fraction: number }[] = []

  /** Notes how far it is now, 0–1, and gives what is left in milliseconds; null until it has got on. */
  estimate(fraction: number, now = performance.now()): number | null {
    this.#marks = [...this.#marks.filter(({ at }) => now - at < windowMs), { at: now, fraction }]
    const first = this.#marks[0] ?? { at: now, fraction }
    const perMs = (fraction - first.fraction) / Math.max(1, now - first.at)
    return perMs > 0 ? Math.round((1 - fraction) / perMs) : null
  }
}
