import { MediaError } from '../../errors.ts'

/** The library that packs without loss (mozjpeg and oxipng), loaded when it is needed. Throws TOOL_MISSING where it is not there. */
export async function loadPacker() {
  try {
    return await import('@napi-rs/image')
  } catch (thrown) {
    throw new MediaError('TOOL_MISSING', ['the package @napi-rs/image for this system'], { cause: thrown })
  }
}
