import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { corpus, hasCorpus } from '../../../test/support/corpus.ts'
import { farthest } from '../../../test/support/pictures.ts'
import { errorCodes } from '../../errors.ts'
import { openMedia } from '../open.ts'
import type { Picture } from '../picture.ts'

/** Photos that give no picture, and why. */
const exceptions: Record<string, string> = {
  'pillow/balloon_eciRGBv2_aware.jp2': 'cut by its makers: 10 megapixels in 7 kB, only the header is of use',
  'avif/libavif/color_grid_alpha_grid_tile_shared_in_dimg.avif':
    'one tile serves colour and alpha at once, which libheif refuses and FFmpeg is not asked for because of the alpha',
}

/** Photos that were shortened by their makers, so that part of the picture is gone. */
const shortened = /shortened|pillow\/ultrahdr\.jpg$/

const decode = async (file: string): Promise<Picture> =>
  (await openMedia(join(corpus, 'photos', file))).picture({ edge: 512 })

const grid = async (picture: Picture): Promise<number[][]> => {
  const { data } = await picture.pixels({ width: 8, height: 8, fit: 'fill', as: 'rgb' })
  return [[...data]]
}

describe.skipIf(!hasCorpus)('pictures of real files', () => {
  it('makes a thumbnail of every photo, whole unless it was shortened', { timeout: 300_000 }, async () => {
    const files = globSync('**/*.*', { cwd: join(corpus, 'photos') }).filter((file) => !/\.(json|xmp|md)$/.test(file))
    const failed: Record<string, string> = {}
    const damaged: string[] = []
    for (const file of files) {
      try {
        const media = await openMedia(join(corpus, 'photos', file))
        const picture = await media.picture({ edge: 250 })
        const { data } = await picture.encode({
          format: 'webp',
          edge: 250,
          fit: 'inside',
          focus: 'centre',
          quality: 80,
        })
        expect(data.length).toBeGreaterThan(0)
        const { width, height } = media.identity
        expect({ width, height }, file).toEqual({ width: picture.fullWidth, height: picture.fullHeight })
        if (picture.damage !== undefined) damaged.push(file)
        await media.close()
      } catch (error) {
        failed[file] = String(error)
      }
    }
    expect(files.length).toBeGreaterThan(300)
    expect(Object.keys(failed).sort()).toEqual(Object.keys(exceptions).sort())
    expect(damaged.filter((file) => !shortened.test(file))).toEqual([])
    expect(damaged.length).toBeGreaterThan(5)
  })

  it('agrees with exiftool on the size of every photo as seen', async () => {
    const { files } = JSON.parse(readFileSync(join(corpus, 'photos/expected.json'), 'utf8'))
    const wrong: string[] = []
    for (const { file, ImageWidth, ImageHeight } of files) {
      if (ImageWidth === undefined || /\.(json|xmp)$/.test(file)) continue
      const { width, height } = (await openMedia(join(corpus, file))).identity
      const stored = [ImageWidth, ImageHeight].sort().join('x')
      if ([width, height].sort().join('x') !== stored) wrong.push(`${file}: ${width}x${height}, not ${stored}`)
    }
    // exiftool reads the coded size; these are cut to a smaller one by the container (clap).
    expect(wrong.filter((each) => !/crop\.avif|clap_|unknown/.test(each))).toEqual([])
  })

  it.each(['landscape', 'portrait'])('shows all eight orientations of %s alike', async (name) => {
    const first = await grid(await decode(`orientation/${name}_1.jpg`))
    for (let orientation = 2; orientation <= 8; orientation++) {
      const other = await grid(await decode(`orientation/${name}_${orientation}.jpg`))
      expect(farthest(other, first), `${orientation}`).toBeLessThan(30)
    }
  })

  it('shows AVIF turned and mirrored by their container alike', async () => {
    const first = await grid(await decode('avif/kimono.avif'))
    for (const turn of ['rotate90', 'rotate270', 'mirror-horizontal', 'mirror-vertical', 'mirror-vertical.rotate270']) {
      expect(farthest(await grid(await decode(`avif/kimono.${turn}.avif`)), first), turn).toBeLessThan(12)
    }
  })

  it('joins the tiles of an iPhone as libheif does', async () => {
    const file = 'immich/formats/heic/IMG_2682.heic'
    const picture = await decode(file)
    expect(picture.intent.profile).toBe('Display P3')
    const { decodeWithLibheif } = await import('./libheif.ts')
    const { withProfile } = await import('./profile.ts')
    const { pictureOf } = await import('./raster.ts')
    const { toRgb } = await import('./pixels.ts')
    const bytes = readFileSync(join(corpus, 'photos', file))
    const { readHeif } = await import('./heif-boxes.ts')
    const heif = readHeif(bytes)
    const icc = heif?.item(heif.references('dimg', heif.primary.id)[0] ?? -1)?.icc
    const slow = await withProfile(toRgb(await decodeWithLibheif(bytes)), icc ?? Buffer.alloc(0))
    const other = pictureOf({ ...slow, intent: picture.intent })
    expect([other.width, other.height]).toEqual([picture.fullWidth, picture.fullHeight])
    expect(farthest(await grid(picture), await grid(other))).toBeLessThan(4)
  })

  it('shows PQ and SDR versions of a scene alike', async () => {
    const sdr = await grid(await decode('avif/libavif/seine_sdr_gainmap_srgb.avif'))
    for (const name of ['seine_hdr_gainmap_srgb', 'seine_hdr_rec2020']) {
      const picture = await decode(`avif/libavif/${name}.avif`)
      expect(picture.intent.toneMapped).toBe('pq')
      expect(farthest(await grid(picture), sdr), name).toBeLessThan(60)
    }
  })

  it('shows CIELab, 16 bit and palettes as their RGB sisters', async () => {
    const rgb = await grid(await decode('pillow/hopper.png'))
    for (const file of ['hopper.Lab.tif', 'hopper.bmp', 'hopper.gif', 'hopper_bigtiff.tif', 'hopper.webp']) {
      expect(farthest(await grid(await decode(`pillow/${file}`)), rgb), file).toBeLessThan(16)
    }
    const bitmap = await grid(await decode('pillow/bmp/g/rgb24.bmp'))
    for (const name of ['rgb32', 'rgb32bf', 'rgb16-565', 'pal8', 'pal8rle', 'pal8topdown']) {
      expect(farthest(await grid(await decode(`pillow/bmp/g/${name}.bmp`)), bitmap), name).toBeLessThan(24)
    }
  })
})

describe.skipIf(!hasCorpus)('broken files', () => {
  // In a child process: a decoder that crashes would take the tests with it and tell nothing.
  const script = `
    const { readFileSync } = await import('node:fs')
    const { openMedia } = await import(${JSON.stringify(new URL('../open.ts', import.meta.url).href)})
    for (const file of process.argv.slice(1)) {
      let answer
      try {
        const media = await openMedia(file)
        if (media.identity.kind !== 'picture') answer = 'other'
        else {
          const picture = await media.picture({ edge: 1440 })
          await picture.encode({ format: 'webp', edge: 250, fit: 'inside', focus: 'centre', quality: 80 })
          answer = picture.damage === undefined ? 'whole' : 'damaged'
        }
        await media.close()
      } catch (error) {
        answer = error.code ?? String(error)
      }
      const status = process.platform === 'linux' ? readFileSync('/proc/self/status', 'latin1') : 'VmHWM: 0'
      process.stdout.write(JSON.stringify([file, answer, Number(/VmHWM:\\s+(\\d+)/.exec(status)[1])]) + '\\n')
    }`
  const look = (files: readonly string[]): Map<string, { answer: string; maxRss: number }> => {
    const node = spawnSync(process.execPath, [
      '--input-type=module',
      '-e',
      script,
      ...files.map((file) => join(corpus, file)),
    ])
    expect(node.signal, String(node.stderr)).toBeNull()
    const lines = node.stdout.toString().trim().split('\n')
    return new Map(
      lines.map((line) => {
        const [file, answer, maxRss] = JSON.parse(line)
        return [file.slice(corpus.length + 1), { answer, maxRss }]
      }),
    )
  }
  const all = hasCorpus
    ? globSync('broken/**/*', { cwd: corpus }).filter((file) => /\/[^/]+\//.test(file) && !/\.(md|json)$/.test(file))
    : []
  const files = all.filter((file) => /\.\w+$|no-extension$/.test(file))

  it('gives each a picture or an error of the table, and never crashes', { timeout: 120_000 }, () => {
    const seen = look(files)
    expect(seen.size).toBe(files.length)
    const known = new Set<string>([...errorCodes.filter((code) => code !== 'INTERNAL'), 'whole', 'damaged', 'other'])
    expect([...seen].filter(([, { answer }]) => !known.has(answer))).toEqual([])
  })

  it('answers each kind of defect as it should', { timeout: 120_000 }, () => {
    const expected: Record<string, string> = {
      'zero-byte.jpg': 'EMPTY_FILE',
      'one-byte.png': 'UNSUPPORTED_CONTENT',
      'text-named.jpg': 'UNSUPPORTED_CONTENT',
      'html-named.png': 'UNSUPPORTED_CONTENT',
      'truncated-10.jpg': 'MEDIA_DAMAGED',
      'truncated-50.jpg': 'damaged',
      'truncated-95.jpg': 'damaged',
      'truncated-50.png': 'damaged',
      'truncated-50.gif': 'damaged',
      'truncated-50.webp': 'MEDIA_DAMAGED',
      'truncated-50.heic': 'MEDIA_DAMAGED',
      'truncated-50.avif': 'MEDIA_DAMAGED',
      'truncated-50.jxl': 'MEDIA_DAMAGED',
      'bitrot.jpg': 'damaged',
      'zero-tail.jpg': 'damaged',
      'bad-crc.png': 'damaged',
      'trailing-garbage.jpg': 'whole',
      'exif-ifd-loop.jpg': 'whole',
      'exif-strange-values.jpg': 'whole',
      'jpeg-named.png': 'whole',
      'external-entity.svg': 'MEDIA_DAMAGED',
      'bomb-billion-laughs.svg': 'MEDIA_DAMAGED',
    }
    const seen = look(Object.keys(expected).map((file) => `broken/made/${file}`))
    const found = Object.fromEntries([...seen].map(([file, { answer }]) => [file.replace('broken/made/', ''), answer]))
    expect(found).toEqual(expected)
  })

  // The peak that the system reports for a child would be that of its parent, so it is read where only Linux tells it.
  it.skipIf(process.platform !== 'linux')('refuses bombs with little memory', () => {
    const bombs = files.filter((file) => /bomb-(declared|real|huge)|decompression_bomb\.|reallybig/.test(file))
    const seen = look(bombs)
    expect(bombs.length).toBeGreaterThan(6)
    for (const [file, { answer, maxRss }] of seen) {
      expect(['INPUT_TOO_LARGE', 'MEDIA_DAMAGED'], file).toContain(answer)
      expect(maxRss, file).toBeLessThan(300_000)
    }
  })
})
