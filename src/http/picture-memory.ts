import { readFile } from 'node:fs/promises'
import { KiB } from '../units.ts'

/** Larger files are streamed: they gain little from memory and would push out hundreds of thumbnails. */
const largest = 256 * KiB

/** Holds the small files that were asked for last, within a bound in bytes. For files that never change, by their id. */
export class PictureMemory {
  readonly #held = new Map<string, Buffer>()
  readonly #maxBytes: number
  #bytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** The content, when it is held. */
  find(id: string): Buffer | undefined {
    const content = this.#held.get(id)
    if (content) {
      // A Map keeps the order of insertion: what was asked for last goes last.
      this.#held.delete(id)
      this.#held.set(id, content)
    }
    return content
  }

  /** Whether a file of this size is one to be held. */
  takes(bytes: number): boolean {
    return bytes <= largest && bytes <= this.#maxBytes
  }

  /** Reads a file and holds it. Rejects as reading does. */
  async read(id: string, path: string): Promise<Buffer> {
    const content = await readFile(path)
    if (this.takes(content.byteLength) && !this.#held.has(id)) {
      this.#held.set(id, content)
      this.#bytes += content.byteLength
      for (const [oldest, { byteLength }] of this.#held) {
        if (this.#bytes <= this.#maxBytes) break
        this.#held.delete(oldest)
        this.#bytes -= byteLength
      }
    }
    return content
  }
}
