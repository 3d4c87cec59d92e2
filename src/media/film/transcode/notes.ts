/** Sentences on what could not be done as planned. The same said of several tracks is said once. */
export class Notes {
  readonly #sentences = new Set<string>()

  /** Adds a sentence. */
  add(sentence: string): void {
    this.#sentences.add(sentence)
  }

  /** All of them, in the order in which they were first said. */
  get all(): string[] {
    return [...this.#sentences]
  }
}
