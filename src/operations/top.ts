/** Keeps the first few of any number of items, by an order; of equal ones those that came first. */
export class Top<Item> {
  readonly #limit: number
  readonly #compare: (a: Item, b: Item) => number
  readonly #items: Item[] = []

  constructor(limit: number, compare: (a: Item, b: Item) => number) {
    this.#limit = limit
    this.#compare = compare
  }

  /** Takes the item in if it is among the first; almost all are turned away by one comparison. */
  offer(item: Item): void {
    const last = this.#items[this.#limit - 1]
    if (this.#limit === 0 || (last !== undefined && this.#compare(item, last) >= 0)) return
    let at = this.#items.length
    for (let before = this.#items[at - 1]; before !== undefined && this.#compare(item, before) < 0; ) {
      at--
      before = this.#items[at - 1]
    }
    this.#items.splice(at, 0, item)
    if (this.#items.length > this.#limit) this.#items.pop()
  }

  /** Takes out what answers true, so that something newer can stand for it. */
  drop(isGone: (item: Item) => boolean): void {
    const at = this.#items.findIndex(isGone)
    if (at >= 0) this.#items.splice(at, 1)
  }

  /** Whether an item is among the first of which this is true. */
  some(is: (item: Item) => boolean): boolean {
    return this.#items.some(is)
  }

  /** The items in order. */
  list(): Item[] {
    return [...this.#items]
  }
}
