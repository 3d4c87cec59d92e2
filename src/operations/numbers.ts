/** The value that this share (0–1) of the sorted numbers does not exceed; `none` when there are none. */
export function quantile(sorted: ArrayLike<number>, share: number, none = 0): number {
  if (sorted.length === 0) return none
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? none
}

/** A sorted copy. */
export const ascending = (values: readonly number[] | Float64Array): Float64Array => new Float64Array(values).sort()

/** The mean; `none` of nothing. */
export function meanOf(values: readonly number[], none = 0): number {
  return values.length === 0 ? none : values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Between bounds. */
export const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value))

/** Between 0 and 1. */
export const share = (value: number): number => clamp(value, 0, 1)

/** With so many digits behind the point; thousandths when left out. */
export const rounded = (value: number, digits = 3): number => Math.round(value * 10 ** digits) / 10 ** digits
