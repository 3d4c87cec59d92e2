/** Linear light (0–1) of each sRGB value 0–255. */
export const lightOf: Float64Array = Float64Array.from({ length: 256 }, (_, code) => {
  const value = code / 255
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
})

/** The sRGB value (0–255, not rounded) of linear light. */
export const codeOf = (light: number): number =>
  255 * (light <= 0.0031308 ? 12.92 * Math.max(0, light) : 1.055 * Math.min(1, light) ** (1 / 2.4) - 0.055)
