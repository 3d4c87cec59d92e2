/**
 * Counts how often each content id was met, in 12 bytes a slot: a table of strings would need ten times as much for a
 * million files. 64 bits of the id stand for it; that two of a million share them happens once in 40 million libraries.
 */
export class CopyCounts {
  #high = new Uint32Array(1024)
  #low = new Uint32Array(1024)
  #counts = new Uint32Array(1024)
  #used = 0

  /** Different ids so far. */
  get distinct(): number {
    return this.#used
  }

  /** Counts one more file with this id and answers how many there are now. */
  add(id: string): number {
    if (this.#used * 2 >= this.#counts.length) this.#grow()
    const high = Number.parseInt(id.slice(-16, -8), 16) >>> 0
    const low = Number.parseInt(id.slice(-8), 16) >>> 0
    const at = this.#slotOf(high, low)
    if (this.#counts[at] === 0) this.#used++
    this.#put(at, high, low, (this.#counts[at] ?? 0) + 1)
    return this.#counts[at] ?? 0
  }

  /** The slot that holds the key, else the empty one where it belongs. */
  #slotOf(high: number, low: number): number {
    const mask = this.#counts.length - 1
    let at = low & mask
    while (this.#counts[at] !== 0 && (this.#low[at] !== low || this.#high[at] !== high)) at = (at + 1) & mask
    return at
  }

  #put(at: number, high: number, low: number, count: number): void {
    this.#high[at] = high
    this.#low[at] = low
    this.#counts[at] = count
  }

  #grow(): void {
    const [highs, lows, counts] = [this.#high, this.#low, this.#counts]
    this.#high = new Uint32Array(counts.length * 2)
    this.#low = new Uint32Array(counts.length * 2)
    this.#counts = new Uint32Array(counts.length * 2)
    for (const [at, count] of counts.entries()) {
      if (count === 0) continue
      const [high, low] = [highs[at] ?? 0, lows[at] ?? 0]
      this.#put(this.#slotOf(high, low), high, low, count)
    }
  }
}
