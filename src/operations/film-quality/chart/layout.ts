/** Where things lie in a chart, in pixels. */
export const layout = {
  width: 960,
  /** Room for the figures of the scales. */
  left: 64,
  right: 20,
  /** Room for the title. */
  head: 62,
  panel: { head: 38, tall: 116 },
  lane: 26,
  axis: 46,
  line: 18,
} as const

/** Width of the part in which time runs. */
export const plot = layout.width - layout.left - layout.right

/** As exact as a screen shows. */
export const pixel = (value: number): number => Math.round(value * 100) / 100
