import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Member } from '../../src/operations/collection-operation.ts'
import type { Duplicates } from '../../src/operations/duplicates/result.ts'
import { duplicates } from '../../src/operations/duplicates.ts'
import { memberOf, quietIo, viewOf } from '../support/collection-view.ts'
import { corpus, hasCorpus } from '../support/corpus.ts'

/** What ../shared/corpus/duplicates/duplicates.json says. */
interface Truth {
  readonly groups: readonly {
    readonly id: string
    readonly media: 'image' | 'video'
    readonly original: string
    readonly members: readonly { readonly file: string; readonly relation: string }[]
  }[]
  readonly not_duplicates: readonly { readonly files: readonly string[] }[]
}

/**
 * Photos of the corpus beside the groups above that show the same picture too, looked at one by one: each line is a family.
 * A group's id joins its family. What is named by none of them has no copy.
 */
const families: readonly (readonly [family: string, files: RegExp])[] = [
  ['g04-landscape_1', /^photos\/orientation\/landscape_\d/],
  ['g06-tmshre_riaphotographs_alpha', /^photos\/jxl\/tmshre_riaphotographs/],
  ['g07-fox', /^photos\/avif\/fox\./],
  ['portrait', /^photos\/orientation\/portrait_\d/],
  ['kimono crop', /^photos\/avif\/kimono\..*crop/],
  ['kimono', /^photos\/avif\/kimono\./],
  ['plum blossom', /^photos\/avif\/plum-blossom-small/],
  ['clock', /^photos\/avif\/red-at-12-oclock/],
  ['star', /^photos\/avif\/star-\d+bpc\./],
  ['star with alpha', /^photos\/avif\/star-\d+bpc-with-alpha/],
  ['abc', /^photos\/avif\/libavif\/abc/],
  ['grid of colours', /^photos\/avif\/libavif\/(alpha_noispe|color_grid_alpha_nogrid)\./],
  ['seine', /^photos\/avif\/libavif\/seine_/],
  ['gain map of Apple', /^photos\/avif\/libavif\/apple_gainmap/],
  ['circle', /^photos\/avif\/libavif\/circle/],
  ['grid with gain map', /^photos\/avif\/libavif\/color_grid.*gainmap/],
  ['colours', /^photos\/avif\/libavif\/colors_(hdr|sdr|wcg)/],
  ['colours with text', /^photos\/avif\/libavif\/colors_text/],
  ['points', /^photos\/avif\/libavif\/draw_points/],
  ['kodim03', /^photos\/avif\/libavif\/kodim03/],
  ['paris', /^photos\/avif\/libavif\/paris_/],
  ['sofa', /^photos\/avif\/libavif\/sofa_/],
  ['gain map versions', /^photos\/avif\/libavif\/(un)?supported_gainmap/],
  ['flower', /^photos\/(cameras\/Canon_PowerShot_S40|pillow\/flower\.)/],
  ['flower 2', /^photos\/pillow\/flower2/],
  ['flower small', /^photos\/jxl\/flower_small/],
  ['el torcal', /el_torcal_rocks/],
  ['faces', /^photos\/immich\/metadata\/faces\//],
  ['keong macan', /^photos\/jxl\/cvo9xd_keong/],
  ['london', /^photos\/motion-and-misc\/london/],
  ['media3test', /^photos\/motion-and-misc\/media3test/],
  ['pixel', /^photos\/motion-and-misc\/pixel-motion-photo/],
  ['sample motion photo', /^photos\/motion-and-misc\/sample_(MP|still)/],
  ['hopper', /^photos\/pillow\/(avif\/)?hopper/],
  ['turned by HEIF', /^photos\/pillow\/avif\/rot\dmir\d/],
  ['with and without profile', /^photos\/pillow\/avif\/icc_profile/],
  ['transparency', /^photos\/pillow\/(avif\/transparency|rgb_trns_ycbc)/],
  ['names', /^photos\/odd-names\//],
  ['transparent', /^photos\/pillow\/transparent\./],
  ['bitmap', /^photos\/pillow\/bmp\/g\//],
  ['disposal', /^photos\/pillow\/dispose_/],
  ['200 dpi', /^photos\/pillow\/(exif-200dpcm|photoshop-200dpi)/],
  ['fax', /^photos\/pillow\/g4_orientation/],
  ['iss634', /^photos\/pillow\/iss634/],
  ['sample of PIL', /^photos\/pillow\/(pil_sample|tiff_strip_cmyk_jpeg)/],
  ['Giunchedi', /^photos\/thumbor\/Giunchedi/],
]

const pairsOf = (files: readonly string[]): string[] => {
  const sorted = [...new Set(files)].sort()
  return sorted.flatMap((one, at) => sorted.slice(at + 1).map((other) => `${one} | ${other}`))
}

const share = (part: number, whole: number): string => `${part}/${whole} = ${(whole ? part / whole : 1).toFixed(4)}`

describe.skipIf(!hasCorpus)('duplicates over the corpus', { timeout: 300_000 }, () => {
  const truth: Truth = hasCorpus
    ? JSON.parse(readFileSync(join(corpus, 'duplicates/duplicates.json'), 'utf8'))
    : { groups: [], not_duplicates: [] }
  const filesOf = ({ original, members }: Truth['groups'][number]) => [original, ...members.map(({ file }) => file)]
  const groupOf = new Map(truth.groups.flatMap((group) => filesOf(group).map((file) => [file, group.id] as const)))
  const familyOf = (file: string): string =>
    groupOf.get(file) ?? families.find(([, pattern]) => pattern.test(file))?.[0] ?? file

  const members: Member[] = []
  let answer: Duplicates
  /** Pairs of pictures that stand in one group. */
  let joined: Set<string>

  const search = async (params: Parameters<typeof duplicates.params.parse>[0] = {}): Promise<Duplicates> =>
    duplicates.run(viewOf(members), duplicates.params.parse(params), quietIo)
  const fileOf = (path: string): string => relative(corpus, path)
  const pairsIn = ({ groups }: Duplicates): Set<string> =>
    new Set(groups.flatMap(({ members: found }) => pairsOf(found.map(({ path }) => fileOf(path)))))

  /** Pairs that are said to be byte copies, in whichever group. */
  const copiesIn = ({ groups }: Duplicates): Set<string> => {
    const sets = groups.flatMap(({ members: found }) =>
      found.map(({ path }) => [path, ...found.filter(({ copyOf }) => copyOf === path).map((copy) => copy.path)]),
    )
    return new Set(sets.flatMap((paths) => pairsOf(paths.map(fileOf))))
  }

  beforeAll(async () => {
    const paths = ['duplicates', 'photos', 'videos'].flatMap((folder) =>
      readdirSync(join(corpus, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name)),
    )
    for (const path of paths.sort()) {
      const member = await memberOf(path)
      if (member) members.push(member)
    }
    answer = await search()
    joined = pairsIn(answer)
  }, 900_000)

  /** The pairs of all groups of pictures by the looser relation of the two. */
  function wanted(): Map<string, string[]> {
    const order = ['exact', 'same-pixels', 'near', 'transformed', 'loose']
    const byRelation = new Map<string, string[]>()
    for (const group of truth.groups.filter(({ media }) => media === 'image')) {
      const relations = new Map(group.members.map(({ file, relation }) => [file, relation]))
      for (const pair of pairsOf(filesOf(group))) {
        const places = pair.split(' | ').map((file) => order.indexOf(relations.get(file) ?? 'exact'))
        const relation = order[Math.max(...places)] ?? ''
        byRelation.set(relation, [...(byRelation.get(relation) ?? []), pair])
      }
    }
    return byRelation
  }

  it('finds at least 98 % of the pairs that must be found, and joins at most 2 % strangers', () => {
    const lines: string[] = []
    const missing: string[] = []
    let [found, all] = [0, 0]
    for (const [relation, pairs] of wanted()) {
      const hits = pairs.filter((pair) => joined.has(pair))
      lines.push(`${relation}: ${share(hits.length, pairs.length)}`)
      if (relation === 'loose') continue
      found += hits.length
      all += pairs.length
      missing.push(...pairs.filter((pair) => !joined.has(pair)))
    }
    const pictures = new Set(members.filter(({ kind }) => kind === 'picture').map(({ path }) => fileOf(path)))
    const judged = [...joined].filter((pair) => pair.split(' | ').every((file) => pictures.has(file)))
    const strangers = judged.filter((pair) => {
      const [one = '', other = ''] = pair.split(' | ')
      return familyOf(one) !== familyOf(other)
    })
    const right = judged.length - strangers.length
    console.info(
      [
        `duplicates over ${pictures.size} pictures, pairs: recall ${share(found, all)}, precision ${share(right, judged.length)}`,
        ...lines.map((line) => `  ${line}`),
        ...missing.map((pair) => `  missing: ${pair}`),
        ...strangers.map((pair) => `  strangers: ${pair}`),
      ].join('\n'),
    )
    // The corpus is what the figures are about: about 800 pairs to find, among 100,000 that could be joined.
    expect(all).toBeGreaterThan(700)
    expect(found / all).toBeGreaterThanOrEqual(0.98)
    expect(right / judged.length).toBeGreaterThanOrEqual(0.98)
  })

  it('joins none of those that are said to be different', () => {
    const forbidden = truth.not_duplicates.flatMap(({ files }) => pairsOf(files))
    expect(forbidden.length).toBeGreaterThan(250)
    expect(forbidden.filter((pair) => joined.has(pair))).toEqual([])
  })

  it('calls byte copies exact, all of them and nothing else', () => {
    const exact = copiesIn(answer)
    const copies = truth.groups.flatMap((group) =>
      pairsOf([
        group.original,
        ...group.members.filter(({ relation }) => relation === 'exact').map(({ file }) => file),
      ]),
    )
    expect(copies.length).toBeGreaterThan(10)
    expect(copies.filter((pair) => !exact.has(pair))).toEqual([])
    const idOf = new Map(members.map(({ path, asset }) => [fileOf(path), asset]))
    const different = [...exact].filter((pair) => new Set(pair.split(' | ').map((file) => idOf.get(file))).size > 1)
    expect(different).toEqual([])
  })

  it('finds turned and mirrored copies only when asked', async () => {
    const pairs = wanted().get('transformed') ?? []
    const upright = pairsIn(await search({ transforms: false }))
    const originals = truth.groups.filter(({ media }) => media === 'image').map(({ original }) => original)
    const fromOriginal = pairs.filter((pair) => pair.split(' | ').some((file) => originals.includes(file)))
    expect(fromOriginal.length).toBe(22)
    expect(fromOriginal.filter((pair) => upright.has(pair))).toEqual([])
    expect(fromOriginal.filter((pair) => !joined.has(pair))).toEqual([])
  })

  it('finds films in other containers, sizes and codecs', () => {
    const lines: string[] = []
    for (const relation of ['exact', 'same-streams', 'same-video-stream', 'near']) {
      const pairs = truth.groups
        .filter(({ media }) => media === 'video')
        .flatMap(({ original, members: copies }) =>
          copies.filter((copy) => copy.relation === relation).flatMap(({ file }) => pairsOf([original, file])),
        )
      lines.push(`films, ${relation}: ${share(pairs.filter((pair) => joined.has(pair)).length, pairs.length)}`)
      // A copy whose container lost how it is to be turned is not looked for.
      const found = pairs.filter((pair) => joined.has(pair)).length
      expect(found / pairs.length).toBeGreaterThanOrEqual(relation === 'same-streams' ? 0.75 : 1)
    }
    console.info(lines.join('\n'))
  })

  it('finds less with a stricter threshold and more with a looser one', async () => {
    const strict = pairsIn(await search({ threshold: 0.98 }))
    const loose = pairsIn(await search({ threshold: 0.7 }))
    expect(strict.size).toBeLessThan(joined.size)
    expect(loose.size).toBeGreaterThan(joined.size)
  })
})
