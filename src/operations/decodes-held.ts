/**
 * How many decodes a picture and its encoder hold while it is written: measured at 22 megapixels in bytes a pixel, AVIF 35,
 * JXL 22, GIF 12, JPEG 7 and WebP 6, against some 4 of a decode. `auto` may try AVIF.
 */
export const decodesHeldBy = (format: string): number => held[format] ?? 2

const held: Readonly<Record<string, number>> = { avif: 9, auto: 9, jxl: 6, gif: 3 }
