/** A fast Fourier transform of one length, a power of two, in place on real and imaginary parts that lie `stride` apart. */
export class Fourier {
  readonly length: number
  readonly #reversed: Uint16Array
  readonly #cos: Float64Array
  readonly #sin: Float64Array

  constructor(length: number) {
    this.length = length
    const bits = Math.log2(length)
    this.#reversed = Uint16Array.from({ length }, (_, at) => {
      let back = 0
      for (let bit = 0; bit < bits; bit++) back |= ((at >> bit) & 1) << (bits - 1 - bit)
      return back
    })
    this.#cos = Float64Array.from({ length: length / 2 }, (_, at) => Math.cos((2 * Math.PI * at) / length))
    this.#sin = Float64Array.from({ length: length / 2 }, (_, at) => -Math.sin((2 * Math.PI * at) / length))
  }

  /** Transforms the `length` numbers from `start` on. */
  run(re: Float64Array, im: Float64Array, start = 0, stride = 1): void {
    const n = this.length
    const reversed = this.#reversed
    const cos = this.#cos
    const sin = this.#sin
    for (let at = 0; at < n; at++) {
      const other = reversed[at] as number
      if (other <= at) continue
      const a = start + at * stride
      const b = start + other * stride
      const r = re[a] as number
      const i = im[a] as number
      re[a] = re[b] as number
      im[a] = im[b] as number
      re[b] = r
      im[b] = i
    }
    for (let half = 1; half < n; half *= 2) {
      const turn = n / (2 * half)
      const apart = half * stride
      for (let k = 0; k < half; k++) {
        const c = cos[k * turn] as number
        const s = sin[k * turn] as number
        for (let block = k; block < n; block += 2 * half) {
          const a = start + block * stride
          const b = a + apart
          const r = (re[b] as number) * c - (im[b] as number) * s
          const i = (re[b] as number) * s + (im[b] as number) * c
          re[b] = (re[a] as number) - r
          im[b] = (im[a] as number) - i
          re[a] = (re[a] as number) + r
          im[a] = (im[a] as number) + i
        }
      }
    }
  }
}
