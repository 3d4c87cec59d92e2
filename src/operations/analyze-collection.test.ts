import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { quietIo } from '../../test/support/collection-view.ts'
import { aMember, aView, idOf, manyMembers } from '../../test/support/members.ts'
import { analyzeCollection } from './analyze-collection.ts'
import type { CollectionIo, Member } from './collection-operation.ts'

/** Runs it over members; answers what it tells and its page. */
async function analysed(
  members: () => Iterable<Member>,
  given: { list?: number; sample?: number } = {},
  name?: string,
) {
  let page = ''
  const io: CollectionIo = {
    ...quietIo,
    artifact: async (draft, content) => {
      expect(draft).toEqual({ role: 'report', format: 'html' })
      page = Buffer.from(content).toString()
    },
  }
  const params = analyzeCollection.params.parse(given)
  const result = await analyzeCollection.run(aView(members, name), params, io)
  return { result, page }
}

const looks = (mean = 0.5, isGrey = false) => ({ exposure: { mean }, isGrey, hasAlpha: false })

/** Six files that can be counted by hand: four pictures, one of them twice, a film without an answer of probe. */
const library: readonly Member[] = [
  aMember('a.jpg', {
    ...{ bytes: 4000, width: 4000, height: 3000 },
    results: {
      metadata: {
        takenAt: '2020-07-01T10:00:00',
        camera: { make: 'Canon', model: 'Canon EOS 5D', lens: 'EF50mm' },
        exposure: { iso: 200, fNumber: 2.8, focalLength35mm: 50 },
        gps: { latitude: 48, longitude: 11 },
        rating: 5,
        tags: {},
      },
      analyze: looks(),
      'quality-issues': { score: 90, issues: [] },
      optimize: { gained: true, bytes: 3000 },
    },
  }),
  aMember('b.jpg', {
    ...{ bytes: 2000, width: 3000, height: 4000 },
    results: {
      metadata: {
        takenAt: '2021-01-31T23:59:00+01:00',
        camera: { make: 'Canon', model: 'Canon EOS 5D' },
        exposure: { iso: 3200 },
        tags: {},
      },
      analyze: looks(0.1, true),
      'quality-issues': {
        score: 31,
        issues: [
          { kind: 'noise', severity: 0.4, confidence: 0.8 },
          { kind: 'blur', severity: 0.7, confidence: 0.9 },
        ],
      },
      optimize: { gained: false, bytes: 2000 },
    },
  }),
  aMember('c.png', {
    ...{ format: 'png', bytes: 1000, width: 100, height: 100 },
    results: { metadata: { rating: -1, tags: {} }, analyze: looks(0.9), 'quality-issues': { score: 100, issues: [] } },
  }),
  aMember('d.heic', { format: 'heic', bytes: 500, results: { metadata: { tags: {} } } }),
  aMember('film.mov', {
    ...{ kind: 'film', format: 'mov', bytes: 9000, width: 1920, height: 1080, durationMs: 61_000 },
    results: { metadata: { camera: { make: 'Apple', model: 'iPhone 12' }, tags: {} } },
  }),
]
const copy: Member = { ...library[0], path: '/photos/copy of a.jpg' } as Member

describe('analyze-collection', () => {
  it('counts right', async () => {
    const { result } = await analysed(() => [...library, copy])
    expect(analyzeCollection.result.parse(result)).toEqual(result)
    expect(result.totals).toEqual({
      ...{ files: 6, assets: 5, bytes: 20_500, pictures: 5, films: 1, sounds: 0, durationMs: 61_000 },
    })
    expect(result.formats).toEqual(
      [
        { format: 'mov', kind: 'film', files: 1, bytes: 9000 },
        { format: 'jpeg', kind: 'picture', files: 3, bytes: 10_000 },
        { format: 'png', kind: 'picture', files: 1, bytes: 1000 },
        { format: 'heic', kind: 'picture', files: 1, bytes: 500 },
      ].sort((a, b) => b.bytes - a.bytes),
    )
    expect(result.cameras).toEqual({
      ...{ known: 4, unknown: 2, distinct: 2, others: 0 },
      top: [
        { name: 'Canon EOS 5D', files: 3 },
        { name: 'Apple iPhone 12', files: 1 },
      ],
    })
    expect(result.lenses).toMatchObject({ known: 2, unknown: 4, top: [{ name: 'EF50mm', files: 2 }] })
    expect(result.dates).toMatchObject({
      ...{ dated: 3, undated: 3 },
      oldest: { takenAt: '2020-07-01T10:00:00', path: '/photos/a.jpg' },
      newest: { takenAt: '2021-01-31T23:59:00+01:00', path: '/photos/b.jpg' },
      years: [
        { year: 2020, files: 2 },
        { year: 2021, files: 1 },
      ],
      months: [
        { month: '2020-07', files: 2 },
        { month: '2021-01', files: 1 },
      ],
    })
    expect(result.exposures.iso.known).toBe(3)
    expect(result.exposures.iso.classes.filter(({ files }) => files > 0)).toEqual([
      { from: 180, below: 360, files: 2 },
      { from: 2880, below: 5760, files: 1 },
    ])
    expect(result.gps).toEqual({ with: 2, without: 4, bounds: { west: 11, east: 11, south: 48, north: 48 } })
    expect(result.ratings).toEqual({ rated: 3, unrated: 3, rejected: 1, stars: [0, 0, 0, 0, 2] })
    expect(result.films).toMatchObject({ silent: 0, longest: [{ path: '/photos/film.mov', durationMs: 61_000 }] })
    expect(result.largest.map(({ path }) => path).slice(0, 3)).toEqual([
      '/photos/film.mov',
      '/photos/a.jpg',
      '/photos/copy of a.jpg',
    ])
    expect(result.duplicates).toEqual({
      ...{ contents: 1, files: 1, bytes: 4000 },
      largest: [{ path: '/photos/copy of a.jpg', asset: idOf('a.jpg'), places: 2, bytes: 4000 }],
    })
  })

  it('judges by quality-issues: scores, shares by kind, and the worst with their reasons', async () => {
    const { result } = await analysed(() => [...library, copy])
    expect(result.quality).toEqual({
      ...{ judged: 4, notJudged: 1, mean: 77.8, median: 90, flawless: 3 },
      scores: [0, 0, 0, 1, 0, 0, 0, 0, 0, 3],
      issues: [
        { kind: 'blur', files: 1, share: 0.25, meanSeverity: 0.7 },
        { kind: 'noise', files: 1, share: 0.25, meanSeverity: 0.4 },
      ],
      worst: [
        {
          ...{ path: '/photos/b.jpg', asset: idOf('b.jpg'), score: 31 },
          reasons: [
            { kind: 'blur', severity: 0.7 },
            { kind: 'noise', severity: 0.4 },
          ],
        },
        { path: '/photos/a.jpg', asset: idOf('a.jpg'), score: 90, reasons: [] },
      ],
      tones: { measured: 4, grey: 1, alpha: 0, dark: 1, bright: 1 },
    })
  })

  it('names files on which something failed that every file of their kind was asked', async () => {
    const { result } = await analysed(() => library)
    expect(result.problems).toEqual({
      files: 2,
      operations: [
        { operation: 'analyze', files: 1 },
        { operation: 'probe', files: 1 },
        { operation: 'quality-issues', files: 1 },
      ],
      list: [
        { path: '/photos/d.heic', format: 'heic', failed: ['analyze', 'quality-issues'] },
        { path: '/photos/film.mov', format: 'mov', failed: ['probe'] },
      ],
    })
  })

  it('forecasts what optimising saves, each content once, and says of what it does not speak', async () => {
    const { result } = await analysed(() => [...library, copy])
    expect(result.forecast).toMatchObject({
      ...{ tried: 2, files: 2, bytes: 6000, savedBytes: 1000, lowBytes: 1000, highBytes: 1000, basis: 'all' },
      formats: [{ format: 'jpeg', files: 2, tried: 2, gained: 1, failed: 0 }],
      leftOut: { files: 3, bytes: 10_500 },
    })
    const { result: unasked } = await analysed(() => library, { sample: 0 })
    expect(unasked.forecast).toMatchObject({ tried: 0, basis: 'none' })
    expect(unasked.forecast.savedBytes).toBeUndefined()
  })

  it('asks for a sample to be optimised, and for all else of every file', () => {
    const needs = analyzeCollection.needs({ list: 20, sample: 7 })
    expect(needs.map(({ operation, sample }) => [operation, sample])).toEqual([
      ['metadata', undefined],
      ['analyze', undefined],
      ['quality-issues', undefined],
      ['probe', undefined],
      ['optimize', 7],
    ])
  })

  it('takes 5,000 files in one pass and keeps none of them', { timeout: 120_000 }, async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    let used = 0
    const { result, page } = await analysed(function* () {
      collect()
      const before = process.memoryUsage().heapUsed
      let at = 0
      for (const member of manyMembers(5000)) {
        // As much as the largest answers of metadata hold; all of them are 160 MB.
        const tags = { exif: { Filler: Buffer.alloc(32_000, `${at++} `).toString('latin1') } }
        yield { ...member, results: { ...member.results, metadata: { ...(member.results.metadata as object), tags } } }
      }
      collect()
      used = process.memoryUsage().heapUsed - before
    })
    expect(result.totals.files).toBe(5000)
    expect(result.duplicates.files).toBe(125)
    expect(result.dates.years.length).toBeGreaterThan(15)
    expect(used).toBeLessThan(20e6)
    expect(page.length).toBeLessThan(300_000)
    expect(JSON.stringify(result).length).toBeLessThan(100_000)
  })

  it('gives the same bytes for the same files', async () => {
    const [one, other] = [await analysed(() => manyMembers(800)), await analysed(() => manyMembers(800))]
    expect(other.result).toEqual(one.result)
    expect(other.page).toBe(one.page)
  })

  it('stops when nobody waits any more', async () => {
    const control = new AbortController()
    let seen = 0
    const endless = function* () {
      for (const member of manyMembers(100_000)) {
        if (++seen === 1000) setImmediate(() => control.abort())
        yield member
      }
    }
    const io = { ...quietIo, signal: control.signal }
    const run = analyzeCollection.run(aView(endless), { list: 5, sample: 0 }, io)
    await expect(run).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(seen).toBeLessThan(3000)
  })

  it('tells the gist in a few lines', async () => {
    const { result } = await analysed(() => [...library, copy])
    expect(analyzeCollection.tell?.(result)).toEqual([
      '6 files, 20.0 KiB, 2020–2021',
      'formats: jpeg 3, mov 1, png 1 and heic 1',
      'cameras: Canon EOS 5D 3 and Apple iPhone 12 1',
      'quality: median score 90, 75 % without a flaw',
      'byte copies: 1 file, 3.9 KiB',
      'optimising would save about 1000 B (1000 B to 1000 B), from 2 trials',
      'something failed on 2 files',
    ])
  })
})

describe('the report page', () => {
  it('is one file that asks for nothing: no address, no script, one style that its own policy names', async () => {
    const { page } = await analysed(() => manyMembers(300))
    expect(page).not.toMatch(/(src|href)="(?!data:,)/)
    expect(page).not.toMatch(/<script|@import|url\(|\son\w+=/)
    expect(page.match(/<style>/g)).toHaveLength(1)
    expect(page).toContain("default-src 'none'; style-src 'sha256-")
  })

  it('says in words what the charts show, and gives every chart a name, a description and a table', async () => {
    const { page } = await analysed(() => manyMembers(5132))
    expect(page).toMatch(/of (the|your) [\d,]+ files that name a camera come from three of five cameras/)
    const ids = [...page.matchAll(/role="img" aria-labelledby="([\w-]+) ([\w-]+)"/g)]
    expect(ids.length).toBeGreaterThan(7)
    expect(new Set(ids.map(([, title]) => title)).size).toBe(ids.length)
    for (const [, title, description] of ids) {
      expect(page).toMatch(new RegExp(`<title id="${title}">[^<]+</title><desc id="${description}">[^<]+</desc>`))
    }
    expect(page.match(/<summary>As a table<\/summary>/g)).toHaveLength(ids.length)
    expect(page).not.toMatch(/NaN|Infinity|undefined|\[object/)
  })

  const evil = '<img src=x onerror=alert(1)>"\'&amp;</style></title><script>alert(2)</script>'

  it('lets no name out of its place, wherever it comes from', async () => {
    const metadata = {
      camera: { make: evil, model: `${evil}2`, lens: evil },
      takenAt: '2020-07-01T10:00:00',
      tags: {},
    }
    const quality = { score: 3, issues: [{ kind: evil, severity: 0.5, confidence: 1 }] }
    const hostile = aMember(evil, { results: { metadata, analyze: looks(), 'quality-issues': quality } })
    const film = aMember(`${evil}.mov`, { kind: 'film', format: 'mov', durationMs: 1000, results: {} })
    const { page } = await analysed(() => [hostile, hostile, film], {}, evil)
    expect(page).not.toMatch(/<img|<script|<\/style>(?!\n<\/head>)|&amp;amp;amp;/)
    expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;')
    expect(page.match(/<\/title>\n<style>/g)).toHaveLength(1)
  })

  it('spells out what turns a line around, and cuts endless names', async () => {
    const names = [
      '\u202egnp.exe',
      'line\nfeed\u0000',
      'x'.repeat(10_000),
      'half a \ud83d',
      '\u{e0041}tag',
      '日本 👩‍👩‍👧 é',
    ]
    const { page } = await analysed(() => names.map((name) => aMember(name)))
    for (const text of ['[U+202E]gnp.exe', 'line[U+000A]feed[U+0000]', '[U+E0041]tag', '日本 👩‍👩‍👧 é']) {
      expect(page).toContain(text)
    }
    expect(page).not.toMatch(/\u202e|x{200}|\0/)
    expect(Buffer.from(page).toString()).toBe(page)
  })

  it('is readable when there is nothing, and when there is one file', async () => {
    const { page: empty } = await analysed(() => [])
    expect(empty).toContain('There is no picture, film or sound in this collection yet.')
    expect(empty).not.toMatch(/NaN|Infinity|undefined|<section/)
    const { page: one } = await analysed(() => library.slice(0, 1))
    expect(one).toContain('The only file comes from one camera, <bdi>Canon EOS 5D</bdi>.')
    expect(one).not.toMatch(/NaN|Infinity|undefined|1 files|1 pictures/)
  })
})
