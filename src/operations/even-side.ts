/** A side made smaller, as an even number, which colours that are coded in halves need; none is rounded up beyond the whole. */
export const evenSide = (side: number, scale: number): number =>
  Math.max(2, 2 * Math.min(Math.round((side * scale) / 2), Math.floor(side / 2)))
