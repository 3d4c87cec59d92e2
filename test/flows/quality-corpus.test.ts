import { readFileSync } from 'node:fs'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  type CorpusFigures,
  corpusFigures,
  falseAlarmsOfGoodPhotos,
  goodPhotos,
  type JudgedFile,
  judgeCorpus,
} from '../../scripts/train-quality/corpus-figures.ts'
import type { Rgb } from '../../scripts/train-quality/degrade.ts'
import { Random } from '../../scripts/train-quality/random.ts'
import { drawn, trapsOf } from '../../scripts/train-quality/traps.ts'
import { pictureOf } from '../../src/media/picture/raster.ts'
import { assessPicture, type IssueKind } from '../../src/operations/quality/assess.ts'
import { corpus, hasCorpus } from '../support/corpus.ts'

/** What is listed for pixels. */
async function listed(pixels: Rgb): Promise<IssueKind[]> {
  const intent = { orientation: 1, orientationFrom: 'none', profile: 'untagged' } as const
  const { issues } = await assessPicture(pictureOf({ ...pixels, channels: 3, intent }))
  return issues.map(({ kind }) => kind)
}

const aimedAt = ['blur', 'noise', 'compression', 'underexposed', 'overexposed']

describe.skipIf(!hasCorpus)('the quality of the corpus', { timeout: 300_000 }, () => {
  let judged: JudgedFile[] = []
  let figures: CorpusFigures[] = []

  beforeAll(async () => {
    judged = await judgeCorpus(corpus)
    figures = corpusFigures(judged)
  }, 300_000)

  it('is judged by the defects that its files were given', () => {
    expect(judged).toHaveLength(100)
    for (const { kind, againstPristine, againstAll } of figures) {
      expect.soft(againstPristine, `${kind} against pristine`).toBeGreaterThanOrEqual(0.95)
      expect.soft(againstAll, `${kind} against all others`).toBeGreaterThanOrEqual(aimedAt.includes(kind) ? 0.95 : 0.9)
    }
  })

  it('falls in the order of the levels, as severity and as score', () => {
    for (const { kind, severityRanks, scoreRanks } of figures) {
      expect.soft(severityRanks, `${kind} severity`).toBeGreaterThanOrEqual(0.9)
      expect.soft(scoreRanks, `${kind} score`).toBeGreaterThanOrEqual(0.9)
    }
  })

  it('is best for the pristine file of each set', () => {
    for (const pristine of judged.filter(({ defect }) => defect === undefined)) {
      const others = judged.filter(({ set, defect }) => set === pristine.set && defect !== undefined)
      expect(pristine.score).toBeGreaterThan(Math.max(...others.map(({ score }) => score)))
    }
  })

  it('lists something for at most one good photo in twenty', async () => {
    const alarms = await falseAlarmsOfGoodPhotos(corpus)
    expect(alarms.length, JSON.stringify(alarms)).toBeLessThanOrEqual(goodPhotos(corpus).length / 20)
  })

  it('is not lessened by what is meant so, shown in photos and drawings that nothing was learned from', async () => {
    // What each trap must not be taken for.
    const mistakes: Record<keyof typeof trapsOf, readonly IssueKind[]> = {
      'shallow-focus': ['blur', 'motion-blur', 'low-resolution'],
      fog: ['blur', 'low-contrast', 'overexposed'],
      night: ['underexposed', 'blur', 'noise'],
    }
    const wrong: string[] = []
    let traps = 0
    for (const name of ['tea-gardens', 'oakland-zoo-otters', 'singaporean-cityscape', 'high-trestle-trail']) {
      const image = sharp(`${corpus}/photos/large/${name}.jpg`).resize(900)
      const { data, info } = await image.raw().toBuffer({ resolveWithObject: true })
      for (const trap of Object.keys(mistakes) as (keyof typeof trapsOf)[]) {
        const { width, height } = info
        const made = await trapsOf[trap]({ data, width, height }, new Random(`trap ${name}`))
        for (const kind of await listed(made))
          if (mistakes[trap].includes(kind)) wrong.push(`${trap} of ${name}: ${kind}`)
        traps++
      }
    }
    for (const sort of Object.keys(drawn) as (keyof typeof drawn)[]) {
      for (let number = 0; number < 8; number++) {
        const kinds = await listed(await drawn[sort](new Random(`trap ${sort} ${number}`)))
        if (kinds.length > 0) wrong.push(`${sort} ${number}: ${kinds.join(', ')}`)
        traps++
      }
    }
    expect(wrong.length, wrong.join('; ')).toBeLessThanOrEqual(traps / 20)
  })

  it('is what docs/quality.md tells', () => {
    const page = readFileSync(new URL('../../docs/quality.md', import.meta.url), 'utf8')
    const section = page.split('### The corpus')[1] ?? ''
    for (const { kind, againstPristine, againstAll, severityRanks, scoreRanks } of figures) {
      const told =
        section
          .split(new RegExp(`\\| ${kind} +\\|`))[1]
          ?.split('|')
          .slice(1, 5)
          .map(Number.parseFloat) ?? []
      for (const [at, value] of [againstPristine, againstAll, severityRanks, scoreRanks].entries()) {
        expect.soft(Math.abs((told[at] ?? 9) - value), `${kind}, column ${at + 1}`).toBeLessThan(0.02)
      }
    }
  })
})
