import type { KeptMetadata } from '../kept/take.ts'

/** The GIF with its XMP, the only metadata that it holds, before its end. */
export function embedInGif(gif: Buffer, { xmp }: KeptMetadata): Buffer {
  if (!xmp || gif.at(-1) !== 0x3b) return gif
  // The packet stands there as it is; whatever byte a reader takes for a length, these lead it to the end.
  const trailer = Buffer.from([1, ...Array.from({ length: 256 }, (_, index) => 255 - index), 0])
  const head = Buffer.from('!\xff\x0bXMP DataXMP', 'latin1')
  return Buffer.concat([gif.subarray(0, -1), head, xmp, trailer, gif.subarray(-1)])
}
