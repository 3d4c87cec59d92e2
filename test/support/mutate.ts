/** Ways in which files go bad on disks, cards and lines. */
export const mutations = ['bits', 'cut', 'zeros', 'doubled', 'swapped', 'header'] as const

/** A copy of a file's content that went bad in one way; the same for the same numbers. */
export function mutated(content: Buffer, how: (typeof mutations)[number], next: () => number): Buffer {
  const place = (share = 1) => Math.floor(next() * content.length * share)
  const copy = Buffer.from(content)
  const length = 1 + Math.floor(next() * Math.min(8192, content.length / 4))
  switch (how) {
    case 'bits':
      for (let count = 1 + Math.floor(next() * 60); count > 0; count--) {
        const at = place()
        copy[at] = (copy[at] ?? 0) ^ (1 << Math.floor(next() * 8))
      }
      return copy
    case 'cut':
      return copy.subarray(0, Math.max(1, place()))
    case 'zeros': {
      const at = place()
      return copy.fill(0, at, Math.min(copy.length, at + length))
    }
    case 'doubled': {
      const at = place()
      return Buffer.concat([copy.subarray(0, at + length), copy.subarray(at)])
    }
    case 'swapped': {
      const [from, to] = [place(), place()]
      content.copy(copy, to, from, Math.min(content.length, from + length))
      return copy
    }
    // Sizes, counts and codes stand at the beginning and, of many films, at the end.
    case 'header':
      for (let count = 1 + Math.floor(next() * 12); count > 0; count--) {
        const near = Math.floor(next() * Math.min(2048, content.length))
        copy[next() < 0.7 ? near : content.length - 1 - near] = [0, 1, 0x7f, 0x80, 0xff][Math.floor(next() * 5)] ?? 0
      }
      return copy
  }
}
