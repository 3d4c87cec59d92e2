import { describe, expect, it } from 'vitest'
import { idOf } from '../../../test/support/members.ts'
import { byRank, rankOf } from '../sample.ts'
import { estimateSaved } from './saving-estimate.ts'
import { studentT95 } from './student-t.ts'

type File = readonly [bytes: number, saved: number]

/** A number between 0 and 1 that a text stands for. */
const lot = (text: string): number => Number.parseInt(idOf(text).slice(0, 8), 16) / 2 ** 32

/** Draws by the rule of samples, with other content ids for each seed. */
function forecast(files: readonly File[], size: number, seed: number) {
  const ranked = files
    .map(([bytes, saved], at) => ({ bytes, saved, rank: rankOf(idOf(`${seed} ${at}`), bytes) }))
    .sort(byRank)
  return estimateSaved(ranked.slice(0, size), ranked[size]?.rank, sum(files, 0))
}

const sum = (files: readonly File[], of: 0 | 1) => files.reduce((total, file) => total + file[of], 0)

/** Libraries in which a forecast is hard: sizes over three orders, savings that hang on the size, savings that are rare. */
const libraries: readonly (readonly [string, File[]])[] = [
  [
    'files of all sizes, of which the small ones save more',
    Array.from({ length: 400 }, (_, at) => {
      const bytes = Math.round(5000 * 800 ** (lot(`size ${at}`) ** 2))
      return [bytes, Math.round(bytes * Math.max(0, 0.7 - 0.08 * Math.log10(bytes) - 0.3 * lot(`gain ${at}`)))] as const
    }),
  ],
  [
    'photos of one camera',
    Array.from({ length: 400 }, (_, at) => {
      const bytes = Math.round(3e6 + 3e6 * lot(`camera ${at}`))
      return [bytes, Math.round(bytes * (0.1 + 0.3 * lot(`share ${at}`)))] as const
    }),
  ],
  [
    'files of which one in ten saves a half, and the others nothing',
    Array.from({ length: 400 }, (_, at) => {
      const bytes = Math.round(1e6 + 1e6 * lot(`rare ${at}`))
      return [bytes, lot(`who ${at}`) < 0.1 ? bytes / 2 : 0] as const
    }),
  ],
]

describe('an estimate of what is saved', () => {
  describe.each(libraries)('over %s', (_, files) => {
    it.each([20, 80])('from %i draws holds the truth within its bounds in nine of ten libraries and more', (size) => {
      const truth = sum(files, 1)
      const all = Array.from({ length: 400 }, (__, seed) => forecast(files, size, seed))
      const hits = all.filter((one) => one && one.low <= truth && truth <= one.high).length
      expect(hits / all.length).toBeGreaterThanOrEqual(0.9)
      const mean = all.reduce((total, one) => total + (one?.saved ?? 0), 0) / all.length
      expect(Math.abs(mean / truth - 1)).toBeLessThan(0.1)
    })
  })

  it('is exact when every file was tried', () => {
    const files: File[] = [
      [1000, 100],
      [500, 0],
    ]
    expect(forecast(files, 5, 1)).toMatchObject({ saved: 100, low: 100, high: 100 })
  })

  it('says nothing from four draws of many, and something from five', () => {
    const files = Array.from({ length: 100 }, (_, at): File => [1000 + at, 100])
    expect(forecast(files, 4, 1)).toBeUndefined()
    expect(forecast(files, 5, 1)?.saved).toBeGreaterThan(0)
  })

  it('does not claim to be sure where no draw saved anything', () => {
    const files = Array.from({ length: 1000 }, (): File => [1000, 0])
    const found = forecast(files, 20, 1)
    expect(found?.saved).toBe(0)
    expect(found?.high).toBeGreaterThan(10_000)
  })

  it('takes files that are larger than all others together by themselves', () => {
    const files = [[1e9, 4e8] as const, ...Array.from({ length: 200 }, (): File => [1000, 0])]
    const found = forecast(files, 10, 3)
    expect(found?.low).toBeGreaterThanOrEqual(4e8)
    expect(found?.high).toBeLessThan(4.01e8)
  })

  it('uses the factors of Student', () => {
    const table = [
      [4, 2.776],
      [10, 2.228],
      [30, 2.042],
      [1000, 1.962],
    ] as const
    for (const [degrees, factor] of table) expect(studentT95(degrees)).toBeCloseTo(factor, 2)
  })
})
