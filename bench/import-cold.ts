import { readdirSync, statSync } from 'node:fs'
import { extname, join } from 'node:path'
import type { BenchContext, Figure, Skipped } from './bench.ts'
import { cores, eachWithShell, findProgram, inRepository, run } from './commands.ts'
import { freshFolder } from './fresh-folder.ts'
import { type Contestant, compareTimes, interleave, pick } from './measure.ts'
import { importFolder } from './mediamill.ts'
import { makePhotos } from './photos.ts'

/** What a script would call for each file; `$1` is the file, `$OUT` a folder. Both make the sizes and qualities of an import. */
const scripts = {
  vipsthumbnail: `set -e; name=$OUT/$(basename "$1" .jpg)
    vipsthumbnail "$1" --size 1440x1440 -o "$name.jpeg[Q=82]"
    vipsthumbnail "$1" --size 250x250 -o "$name.webp[Q=80]"
    exiftool -json "$1" > "$name.json"`,
  imagemagick: `set -e; name=$OUT/$(basename "$1" .jpg)
    $CONVERT "$1" -auto-orient -resize 1440x1440 -quality 82 "$name.jpeg"
    $CONVERT "$1" -auto-orient -resize 250x250 -quality 80 "$name.webp"
    exiftool -json "$1" > "$name.json"`,
  hinted: `set -e; name=$OUT/$(basename "$1" .jpg)
    $CONVERT -define jpeg:size=1440x1440 "$1" -auto-orient -resize 1440x1440 -quality 82 "$name.jpeg"
    $CONVERT -define jpeg:size=250x250 "$1" -auto-orient -resize 250x250 -quality 80 "$name.webp"
    exiftool -json "$1" > "$name.json"`,
}

/** A first import of camera photos, against a bare sharp loop and against scripts. */
export async function* importCold({ sizes, runs, folder, note, material }: BenchContext<{ files: number }>) {
  const { files } = sizes
  note(`making ${files} photos`)
  const photos = await makePhotos(join(folder, 'photos'), files)
  material(`cold: ${photos.description}`)

  const [exiftool, vips] = [findProgram('exiftool'), findProgram('vipsthumbnail')]
  // Debian's own name first: "convert" may be another program.
  const convert = findProgram('magick', 'convert-im6.q16', 'convert')
  let data = ''
  let floor = ''
  const byScript = (script: string, isThere: boolean): Contestant | undefined =>
    isThere && exiftool
      ? {
          rounds: Math.min(runs, 3),
          async run() {
            const OUT = freshFolder(folder, 'script')
            // One thread a process: there are as many processes as cores.
            const env = { OUT, CONVERT: convert ?? '', VIPS_CONCURRENCY: '1', MAGICK_THREAD_LIMIT: '1' }
            const { wholeMs } = await eachWithShell(script, photos.paths, { parallel: cores, env })
            return { wholeMs }
          },
        }
      : undefined

  const results = await interleave(
    {
      ours: {
        run() {
          data = freshFolder(folder, 'data')
          return importFolder(join(folder, 'photos'), data, { done: files })
        },
      },
      floor: {
        async run() {
          floor = freshFolder(folder, 'floor')
          const args = [inRepository('bench/peers/pictures.ts'), floor]
          const { stdout, wholeMs } = await run(process.execPath, args, { input: photos.paths.join('\n') })
          return { wholeMs, workMs: JSON.parse(stdout).workMs }
        },
      },
      vipsthumbnail: byScript(scripts.vipsthumbnail, vips !== undefined),
      imagemagick: byScript(scripts.imagemagick, convert !== undefined),
      hinted: byScript(scripts.hinted, convert !== undefined),
    },
    runs,
    note,
  )
  assertSamePictures(join(data, 'artifacts'), floor)

  const against = (figure: string, measure: string, peer: keyof typeof results, name: string, target: number | null) =>
    ({
      figure: `import, cold${figure}`,
      unit: 'ms a file',
      against: name,
      target,
      ...compareTimes(pick(results.ours, measure, files), pick(results[peer], measure, files)),
    }) satisfies Figure
  const script = (
    peer: keyof typeof results,
    name: string,
    isThere: boolean,
    target: number | null,
  ): Figure | Skipped =>
    isThere && exiftool
      ? against(` (${name})`, 'wholeMs', peer, `${name} twice and exiftool`, target)
      : { figure: `import, cold (${name})`, skipped: 'it or exiftool is not installed' }

  yield against('', 'wholeMs', 'floor', 'bare sharp loop', 0.95)
  yield against(', without start-up', 'workMs', 'floor', 'bare sharp loop', 0.95)
  yield script('vipsthumbnail', 'vipsthumbnail', vips !== undefined, null)
  yield script('imagemagick', 'ImageMagick', convert !== undefined, 5)
  yield script('hinted', 'ImageMagick with jpeg:size', convert !== undefined, null)
  yield memoryFigure('import, cold: peak memory of the main process', pick(results.ours, 'peakBytes', 1e6))
}

/** Memory against the limit that the main process has to keep. */
export function memoryFigure(figure: string, megabytes: readonly number[]): Figure | Skipped {
  if (megabytes.some((value) => value === 0)) return { figure, skipped: 'this system does not tell (no /proc)' }
  const limits = megabytes.map(() => 400)
  return { figure, unit: 'MB', against: 'limit', target: 1, ...compareTimes(megabytes, limits) }
}

/** A floor that made smaller or fewer pictures would prove nothing. */
function assertSamePictures(artifacts: string, floor: string): void {
  const [ours, theirs] = [bytesByFormat(artifacts), bytesByFormat(floor)]
  for (const format of ['.jpeg', '.webp']) {
    const [mine = 0, bare = 0] = [ours[format], theirs[format]]
    if (!(Math.abs(mine - bare) <= 0.02 * bare)) {
      throw new Error(`the bare loop no longer makes the pictures of an import: ${format} ${bare} bytes, ours ${mine}`)
    }
  }
}

function bytesByFormat(folder: string): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const format = extname(entry.name)
    sums[format] = (sums[format] ?? 0) + statSync(join(entry.parentPath, entry.name)).size
  }
  return sums
}
