import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Picture } from '../../src/media/picture.ts'
import { ssimOf } from '../../src/operations/similarity.ts'
import { corpus, hasCorpus } from '../support/corpus.ts'
import { difference, glanceDeltaE, render } from '../support/rendering.ts'

const photos = join(corpus, 'photos')
const photo = (file: string): Promise<Picture> => render(join(photos, file), 1024)
const found = (pattern: string, but = /^$/): string[] =>
  hasCorpus
    ? globSync(pattern, { cwd: photos })
        .filter((file) => !but.test(file))
        .sort()
    : []

async function ssim(one: Picture, other: Picture): Promise<number> {
  const size = { width: one.width, height: one.height, fit: 'fill', as: 'grey' } as const
  return ssimOf(await one.pixels(size), await other.pixels(size))
}

/** Pictures that are the same but for how they are stored: the reference, the others, and how near they come. */
interface Pair {
  readonly reference: string
  readonly files: readonly string[]
  /** Mean ΔE at a glance, at most. */
  readonly glance: number
  readonly ssim: number
}

const pairs: readonly Pair[] = [
  // These carry their orientation as a large digit, so a little is different in each.
  { reference: 'orientation/landscape_1.jpg', files: found('orientation/landscape_*'), glance: 2.5, ssim: 0.96 },
  { reference: 'orientation/portrait_1.jpg', files: found('orientation/portrait_*'), glance: 2.5, ssim: 0.96 },
  { reference: 'pillow/avif/rot0mir0.avif', files: found('pillow/avif/rot*'), glance: 3.5, ssim: 0.84 },
  { reference: 'pillow/hopper.jpg', files: found('pillow/hopper_orientation*'), glance: 4, ssim: 0.96 },
  { reference: 'pillow/hopper.jpg', files: found('pillow/hopper.{Lab.tif,gif,webp}'), glance: 3.5, ssim: 0.96 },
  { reference: 'pillow/g4_orientation_1.tif', files: found('pillow/g4_orientation*'), glance: 0.2, ssim: 0.98 },
  { reference: 'avif/fox.jpg', files: found('avif/fox*.avif', /odd/), glance: 1, ssim: 0.97 },
  { reference: 'avif/kimono.avif', files: found('avif/kimono*.avif', /crop/), glance: 1, ssim: 0.95 },
  // The middle of the cut lies between two pixels, which turning rounds to the other side.
  { reference: 'avif/kimono.crop.avif', files: found('avif/kimono*crop.avif'), glance: 2, ssim: 0.85 },
  {
    reference: 'avif/plum-blossom-small.profile0.8bpc.yuv420.alpha-full.avif',
    files: found('avif/plum*'),
    glance: 1,
    ssim: 0.99,
  },
  {
    reference: 'avif/red-at-12-oclock-with-color-profile-8bpc.avif',
    files: found('avif/red*[08]bpc.avif'),
    glance: 0.5,
    ssim: 0.99,
  },
  {
    reference: 'avif/libavif/paris_icc_exif_xmp.png',
    files: found('avif/libavif/paris*', /orientation_5|trailing_null/),
    glance: 3,
    ssim: 0.97,
  },
  // What is shown of a picture with a gain map is the picture without it; the scene in PQ is another grading.
  {
    reference: 'avif/libavif/seine_sdr_gainmap_srgb.jpg',
    files: found('avif/libavif/seine_sdr*'),
    glance: 0.5,
    ssim: 0.995,
  },
  {
    reference: 'avif/libavif/seine_sdr_gainmap_srgb.jpg',
    files: found('avif/libavif/seine_hdr*'),
    glance: 8,
    ssim: 0.94,
  },
  { reference: 'avif/libavif/draw_points.png', files: found('avif/libavif/draw_points*'), glance: 0.6, ssim: 0.99 },
  {
    reference: 'jxl/flower_small.q85_444_non_interleaved.jpg',
    files: found('jxl/flower_small.q85*'),
    glance: 1,
    ssim: 0.99,
  },
  { reference: 'pillow/16bit.cropped.tif', files: found('pillow/16bit.cropped.jp2'), glance: 0.3, ssim: 0.9 },
  { reference: 'pillow/pil_sample_rgb.jpg', files: found('pillow/*cmyk*'), glance: 1, ssim: 0.4 },
  { reference: 'pillow/flower.jpg', files: ['pillow/flower.webp'], glance: 1.5, ssim: 0.97 },
  { reference: 'pillow/flower2.jpg', files: ['pillow/flower2.webp'], glance: 3, ssim: 0.97 },
  {
    reference: 'immich/metadata/faces/portrait.jpg',
    files: found('immich/metadata/faces/portrait-o*'),
    glance: 1,
    ssim: 0.95,
  },
]

/** Pictures that are the same sample by sample, or nearly. */
const equals: readonly { reference: string; files: readonly string[]; max: number }[] = [
  { reference: 'pillow/hopper.png', files: found('pillow/hopper{.bmp,.tif,_lzw.tif,_bigtiff.tif}'), max: 0 },
  { reference: 'pillow/iss634.gif', files: ['pillow/iss634.webp'], max: 0 },
  { reference: 'thumbor/gradient_8bit.tif', files: found('thumbor/gradient_*16*'), max: 1 },
  { reference: 'pillow/bmp/g/rgb24.bmp', files: found('pillow/bmp/g/rgb*'), max: 4 },
  { reference: 'pillow/bmp/g/pal8.bmp', files: found('pillow/bmp/g/pal8*.bmp', /w12|nonsquare/), max: 0 },
  { reference: 'pillow/bmp/g/pal4.bmp', files: ['pillow/bmp/g/pal4rle.bmp'], max: 0 },
  { reference: 'motion-and-misc/media3test.png', files: ['motion-and-misc/media3test_srgb.png'], max: 1 },
  { reference: 'motion-and-misc/london.jpg', files: found('motion-and-misc/london_*'), max: 0 },
]

describe.skipIf(!hasCorpus)('real files', () => {
  it.each(pairs)('like $reference look like it', async ({ reference, files, ...least }) => {
    expect(files.length).toBeGreaterThan(0)
    const original = await photo(reference)
    for (const file of files) {
      const other = await photo(file)
      expect([other.width, other.height], file).toEqual([original.width, original.height])
      expect(await glanceDeltaE(original, other), file).toBeLessThan(least.glance)
      expect(await ssim(original, other), file).toBeGreaterThan(least.ssim)
    }
  })

  it.each(equals)('like $reference are equal to it', async ({ reference, files, max }) => {
    expect(files.length).toBeGreaterThan(0)
    const original = await photo(reference)
    for (const file of files) expect((await difference(original, await photo(file))).max, file).toBeLessThanOrEqual(max)
  })

  it.each(found('{heic,immich/formats/heic,motion-and-misc}/*.{heic,heif,HEIC}'))(
    'of HEVC (%s) look as libheif, another decoder, shows them',
    async (file) => {
      const bytes = readFileSync(join(photos, file))
      const [{ decodeWithLibheif }, { readPictureHeader }, { withProfile }, { pictureOf }, { sniff }] =
        await Promise.all([
          import('../../src/media/picture/libheif.ts'),
          import('../../src/media/picture/header.ts'),
          import('../../src/media/picture/profile.ts'),
          import('../../src/media/picture/raster.ts'),
          import('../../src/media/sniff.ts'),
        ])
      expect(await sniff(bytes.subarray(0, 65_536))).toBe('heic')
      const header = await readPictureHeader({
        path: '',
        bytes: bytes.length,
        format: 'heic',
        head: bytes,
        whole: bytes,
      })
      const decoded = await decodeWithLibheif(bytes)
      const pixels = header.icc ? await withProfile(decoded, header.icc) : decoded
      const picture = await render(join(photos, file))
      const other = pictureOf({ ...pixels, intent: picture.intent })
      expect([picture.width, picture.height]).toEqual([other.width, other.height])
      expect(await glanceDeltaE(picture, other)).toBeLessThan(1)
      expect(await ssim(picture, other)).toBeGreaterThan(0.99)
    },
  )

  it('of cameras are upright as exiftool reads their orientation', async () => {
    const { files } = JSON.parse(readFileSync(join(photos, 'expected.json'), 'utf8'))
    let turned = 0
    for (const { file, Orientation, ImageWidth, ImageHeight, FileType } of files) {
      if (typeof Orientation !== 'number' || !/^(JPEG|TIFF|NEF|WEBP|PNG)$/.test(FileType)) continue
      const { fullWidth, fullHeight, intent } = await photo(file.replace('photos/', ''))
      expect(intent.orientation, file).toBe(Orientation >= 1 && Orientation <= 8 ? Orientation : 1)
      if (FileType === 'NEF') continue
      const [width, height] = Orientation >= 5 ? [ImageHeight, ImageWidth] : [ImageWidth, ImageHeight]
      expect([fullWidth, fullHeight], file).toEqual([width, height])
      if (Orientation > 1) turned++
    }
    expect(turned).toBeGreaterThan(20)
  })

  it('named like a raw file are shown as the JPEG that they are', async () => {
    const { width, height, intent } = await photo('raw/Issue 247-1.nef')
    expect(intent).toEqual({ orientation: 1, orientationFrom: 'none', profile: 'Nikon sRGB 4.0.0.3001' })
    expect(height / width).toBeCloseTo(3008 / 2000, 2)
  })
})
