/** Reads numbers of any width from bytes, the first bit first; behind the end there are only zeros. */
export class BitReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** Whether more was read than there is. */
  get isOver(): boolean {
    return this.#at > this.#bytes.length * 8
  }

  /** So many bits as a number, at most 32. */
  bits(count: number): number {
    let value = 0
    for (let left = count; left > 0; left--) value = value * 2 + this.#bit()
    return value
  }

  /** One bit. */
  flag(): boolean {
    return this.#bit() === 1
  }

  /** Passes over so many bits. */
  skip(count: number): void {
    this.#at += count
  }

  /** A number in Exp-Golomb code, as H.264 writes most of its numbers. */
  golomb(): number {
    let zeros = 0
    while (zeros < 32 && !this.isOver && this.#bit() === 0) zeros++
    return 2 ** zeros - 1 + this.bits(zeros)
  }

  /** The same with a sign. */
  signedGolomb(): number {
    const value = this.golomb()
    return value % 2 === 0 ? -value / 2 : (value + 1) / 2
  }

  #bit(): number {
    const bit = ((this.#bytes[this.#at >> 3] ?? 0) >> (7 - (this.#at & 7))) & 1
    this.#at++
    return bit
  }
}
