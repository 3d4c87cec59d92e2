import type { Raster } from './raster.ts'

/** Decodes the primary picture of any HEIF with libheif in WebAssembly; it turns the picture itself. */
export async function decodeWithLibheif(
  bytes: Buffer,
): Promise<Pick<Raster, 'data' | 'width' | 'height' | 'channels'>> {
  const { default: libheif } = await import('libheif-js/wasm-bundle.js')
  // It tells its failures to console.log, and stdout is not for that.
  const { log } = console
  console.log = () => undefined
  let images: ReturnType<InstanceType<typeof libheif.HeifDecoder>['decode']> = []
  try {
    images = new libheif.HeifDecoder().decode(bytes)
    const image = images.find((candidate) => candidate.is_primary()) ?? images[0]
    if (!image) throw new Error('corrupt header')
    const width = image.get_width()
    const height = image.get_height()
    const target = { data: new Uint8ClampedArray(width * height * 4), width, height }
    await new Promise<void>((resolve, reject) => {
      image.display(target, (shown) => (shown ? resolve() : reject(new Error('decoding failed'))))
    })
    return { data: Buffer.from(target.data.buffer), width, height, channels: 4 }
  } finally {
    console.log = log
    for (const each of images) each.free()
  }
}
