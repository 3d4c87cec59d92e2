import { readdirSync, readFileSync } from 'node:fs'
import { openMedia } from '../../src/media/open.ts'
import { examinePicture, type IssueKind, issueKinds, listedFrom } from '../../src/operations/quality/assess.ts'
import type { Detector, Finding } from '../../src/operations/quality/model.ts'
import { scoreOf } from '../../src/operations/quality/score.ts'
import { auroc, mean, spearman } from './figures.ts'

/** A file of the corpus, judged as the operation does. */
export interface JudgedFile {
  readonly file: string
  readonly set: string
  /** Absent for the pristine one. */
  readonly defect?: IssueKind
  readonly level: number
  readonly findings: Readonly<Record<IssueKind, Finding>>
  readonly score: number
}

interface QualitySets {
  readonly sets: readonly {
    readonly pristine: string
    readonly degraded: readonly { readonly file: string; readonly defect: string; readonly level: number }[]
  }[]
}

/** Judges every file of `quality/`, which nothing was learned from. */
export async function judgeCorpus(corpus: string, detectors?: readonly Detector[]): Promise<JudgedFile[]> {
  const { sets } = JSON.parse(readFileSync(`${corpus}/quality/quality.json`, 'utf8')) as QualitySets
  const judged: JudgedFile[] = []
  for (const { pristine, degraded } of sets) {
    judged.push({ file: pristine, set: pristine, level: 0, ...(await judge(`${corpus}/${pristine}`, detectors)) })
    for (const { file, defect, level } of degraded) {
      const kind = issueKinds.find((known) => known === (defect === 'jpeg' ? 'compression' : defect))
      if (kind === undefined) throw new Error(`quality.json knows a defect that is no kind of issue: ${defect}`)
      judged.push({ file, set: pristine, defect: kind, level, ...(await judge(`${corpus}/${file}`, detectors)) })
    }
  }
  return judged
}

/** Judges one file from its decode and the tables of its coding. */
export async function judge(
  path: string,
  detectors?: readonly Detector[],
): Promise<Pick<JudgedFile, 'findings' | 'score'>> {
  const media = await openMedia(path)
  try {
    const coding = media.jpegCoding()
    const hints = coding === undefined ? {} : { jpegQuality: coding.quality }
    const { findings } = await examinePicture(await media.picture({ edge: 1440 }), hints, detectors)
    return { findings, score: scoreOf(findings) }
  } finally {
    await media.close()
  }
}

/** How well one defect of the corpus is found. */
export interface CorpusFigures {
  readonly kind: IssueKind
  readonly files: number
  /** Against the pristine files, and against all others, those with other defects included. */
  readonly againstPristine: number
  readonly againstAll: number
  /** Spearman's correlation with the level within a set, the pristine file as level 0; the mean of the sets. */
  readonly severityRanks: number
  readonly scoreRanks: number
  /** Share of the files with the defect that list it. */
  readonly found: number
}

/** The figures of each defect that the corpus has. */
export function corpusFigures(judged: readonly JudgedFile[]): CorpusFigures[] {
  const sets = [...new Set(judged.map(({ set }) => set))]
  return issueKinds
    .filter((kind) => judged.some(({ defect }) => defect === kind))
    .map((kind) => {
      const confidences = (files: readonly JudgedFile[]): number[] =>
        files.map(({ findings }) => findings[kind].confidence)
      const there = judged.filter(({ defect }) => defect === kind)
      const ladders = sets.map((set) => judged.filter((file) => file.set === set && (file.defect ?? kind) === kind))
      const ranks = (value: (file: JudgedFile) => number): number =>
        mean(
          ladders.map((ladder) =>
            spearman(
              ladder.map(value),
              ladder.map(({ level }) => level),
            ),
          ),
        )
      return {
        kind,
        files: there.length,
        againstPristine: auroc(confidences(there), confidences(judged.filter(({ defect }) => defect === undefined))),
        againstAll: auroc(confidences(there), confidences(judged.filter(({ defect }) => defect !== kind))),
        severityRanks: ranks(({ findings }) => findings[kind].severity),
        scoreRanks: ranks(({ score }) => -score),
        found: confidences(there).filter((value) => value >= listedFrom).length / there.length,
      }
    })
}

/** Files beside those of `photos/large` that nothing is wrong with, as far as the eye can tell. */
const otherGoodPhotos = [
  'mobile/HMD_Nokia_8.3_5G.jpg',
  'immich/albums/text/handwritten-notes.jpg',
  'immich/metadata/gps-position/empty_gps.jpg',
  'immich/formats/avif/8bit-sRGB.avif',
  'immich/formats/heic/IMG_2682.heic',
  'immich/albums/nature/tanners_ridge.jpg',
  'immich/albums/nature/prairie_falcon.jpg',
  'immich/albums/nature/wood_anemones.jpg',
  'immich/albums/nature/silver_fir.jpg',
  'immich/albums/nature/notocactus_minimus.jpg',
  'immich/albums/nature/el_torcal_rocks.jpg',
  'immich/albums/nature/orychophragmus_violaceus.jpg',
  'immich/albums/nature/polemonium_reptans.jpg',
  'immich/metadata/rating/mongolels.jpg',
  'heic/IMG_5195.HEIC',
  'heic/example.heic',
  'heic/samplefilehub.heif',
  'avif/fox.jpg',
  'avif/hato.profile0.8bpc.yuv420.avif',
  'jxl/flower_cropped.jpg',
  'jxl/tmshre_riaphotographs_srgb8.png',
  'jxl/u76c0g_bliznaca_srgb8.png',
  'jxl/cvo9xd_keong_macan_srgb8.png',
  'motion-and-misc/london.jpg',
  'motion-and-misc/tokyo.jpg',
  'thumbor/Giunchedi%2C_Filippo_January_2015_01.jpg',
  'gps/DSCN0010.jpg',
  'gps/DSCN0012.jpg',
  'gps/DSCN0021.jpg',
  'gps/DSCN0025.jpg',
  'gps/DSCN0027.jpg',
  'gps/DSCN0029.jpg',
  'gps/DSCN0038.jpg',
  'gps/DSCN0040.jpg',
  'gps/DSCN0042.jpg',
]

/** Paths within the corpus of the photos that nothing should be listed for. */
export function goodPhotos(corpus: string): string[] {
  const large = readdirSync(`${corpus}/photos/large`)
    .sort()
    .map((name) => `photos/large/${name}`)
  return [...large, ...otherGoodPhotos.map((path) => `photos/${path}`)]
}

/** What is listed, wrongly, for a good photo. */
export interface FalseAlarm {
  readonly file: string
  readonly kinds: readonly IssueKind[]
}

/** Judges the good photos, each by the detectors that `of` gives for it; those with anything listed come back. */
export async function falseAlarmsOfGoodPhotos(
  corpus: string,
  of: (path: string) => readonly Detector[] | undefined = () => undefined,
): Promise<FalseAlarm[]> {
  const alarms: FalseAlarm[] = []
  for (const file of goodPhotos(corpus)) {
    const { findings } = await judge(`${corpus}/${file}`, of(file))
    const kinds = issueKinds.filter((kind) => findings[kind].confidence >= listedFrom)
    if (kinds.length > 0) alarms.push({ file, kinds })
  }
  return alarms
}
