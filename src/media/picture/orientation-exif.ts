const orientationTag = 0x0112

/** Exif that tells an orientation (1–8) and nothing else. */
export function orientationExif(orientation: number): Buffer {
  const tiff = Buffer.from('4d4d002a00000008000101120003000000010000000000000000', 'hex')
  tiff.writeUInt16BE(orientation, 18)
  return tiff
}

/** Exif (a TIFF structure) with another orientation where it tells one; the buffer given stays as it is. */
export function withOrientation(exif: Buffer, orientation: number): Buffer {
  const tiff = Buffer.from(exif)
  const isLittle = tiff[0] === 0x49
  const number = (at: number, size: number): number => {
    if (at + size > tiff.length) return 0
    return isLittle ? tiff.readUIntLE(at, size) : tiff.readUIntBE(at, size)
  }
  const first = number(4, 4)
  const entries = Array.from({ length: number(first, 2) }, (_, index) => first + 2 + 12 * index)
  const entry = entries.find((at) => number(at, 2) === orientationTag)
  if (entry === undefined || entry + 10 > tiff.length) return tiff
  if (isLittle) tiff.writeUInt16LE(orientation, entry + 8)
  else tiff.writeUInt16BE(orientation, entry + 8)
  return tiff
}
