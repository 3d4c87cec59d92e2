import { copyFileSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { runOperation } from '../../src/executor/run.ts'
import { analyzeCollection } from '../../src/operations/analyze-collection.ts'
import { anApp, dataIn } from '../support/app.ts'
import { corpus, hasCorpus } from '../support/corpus.ts'
import { makeFilm } from '../support/films.ts'
import { aFolder, aLibrary, aPhoto } from '../support/library.ts'

type Answer = { result: z.output<typeof analyzeCollection.result>; artifacts: { role: string; path: string }[] }

/** Imports a folder and analyses it as a job, the way the command does. */
async function analysed(app: ReturnType<typeof anApp>, library: string, params: Record<string, unknown> = {}) {
  const { collection, ended } = app.jobs.startImport(library)
  await ended
  return analyse(app, collection.id, params)
}

async function analyse(app: ReturnType<typeof anApp>, collection: string, params: Record<string, unknown> = {}) {
  const answers = app.heard('task.finished')
  const run = await app.jobs.startRun({ operation: 'analyze-collection', params, selection: { collection } })
  expect((await run.ended).state).toBe('finished')
  const answer = answers.filter(({ operation }) => operation === 'analyze-collection').at(-1)
  return answer as unknown as Answer & { cached: boolean; collection: string }
}

describe('a collection that is analysed', { timeout: 180_000 }, () => {
  it('is told in figures and on a page, from real files', async () => {
    using folder = aFolder()
    const library = join(folder.path, 'Summer <2024>')
    const photos = await aLibrary(library, 12)
    copyFileSync(photos[0] ?? '', join(library, 'copy.jpg'))
    writeFileSync(join(library, 'large.jpg'), await aPhoto(99, 1600, 1200))
    writeFileSync(join(library, 'torn.jpg'), (await aPhoto(98, 800, 600)).subarray(0, 4000))
    await makeFilm(join(library, 'film.mp4'))
    for (const name of ['copy.jpg', 'large.jpg', 'torn.jpg', 'film.mp4']) {
      utimesSync(join(library, name), 1_600_000_000, 1_600_000_000)
    }
    await using app = anApp(dataIn(folder.path))

    const { result, artifacts, cached } = await analysed(app, library, { sample: 0 })

    expect(cached).toBe(false)
    expect(analyzeCollection.result.parse(result)).toEqual(result)
    expect(result.totals).toMatchObject({ files: 16, assets: 15, pictures: 15, films: 1, sounds: 0 })
    expect(result.cameras.top).toEqual([{ name: 'mediamill Test', files: 15 }])
    expect(result.quality).toMatchObject({ judged: 15, notJudged: 0, tones: { measured: 14 } })
    expect(result.problems).toMatchObject({
      files: 1,
      list: [{ path: join(library, 'torn.jpg'), failed: ['analyze'] }],
    })
    expect(result.duplicates).toMatchObject({ contents: 1, files: 1, bytes: statSync(photos[0] ?? '').size })
    expect(result.films.longest).toMatchObject([{ path: join(library, 'film.mp4'), format: 'mp4' }])
    expect(result.films.videoCodecs.known).toBe(1)
    expect(artifacts.map(({ role }) => role)).toEqual(['report'])
    const page = readFileSync(artifacts[0]?.path ?? '', 'utf8')
    expect(page).toContain('<h1><bdi>Summer &lt;2024&gt;</bdi></h1>')
    expect(page).toContain('All of the 15 files that name a camera come from one camera, <bdi>mediamill Test</bdi>.')
  })

  it('is remembered until a file comes or goes', async () => {
    using folder = aFolder()
    const library = join(folder.path, 'library')
    await aLibrary(library, 3)
    await using app = anApp(dataIn(folder.path))
    const first = await analysed(app, library, { sample: 0 })
    const again = await analyse(app, first.collection, { sample: 0 })
    expect([again.cached, again.result]).toEqual([true, first.result])
    writeFileSync(join(library, 'new.jpg'), await aPhoto(50))
    utimesSync(join(library, 'new.jpg'), 1_600_000_000, 1_600_000_000)
    const later = await analysed(app, library, { sample: 0 })
    expect([later.cached, later.result.totals.files]).toEqual([false, 4])
  })
})

describe.skipIf(!hasCorpus)('the forecast of savings over real photos', { timeout: 300_000 }, () => {
  it('holds what optimising all of them saves within its bounds, from a part of them', async () => {
    using folder = aFolder()
    const library = join(folder.path, 'library')
    mkdirSync(library)
    const sources = ['cameras', 'gps', 'orientation', 'pillow', 'thumbor', 'xmp', 'jxl', 'hdr-pair']
    for (const source of sources) {
      for (const name of readdirSync(join(corpus, 'photos', source)).filter((one) => one.endsWith('.jpg'))) {
        const [from, to] = [join(corpus, 'photos', source, name), join(library, `${source} ${name}`)]
        if (statSync(from).size > 300_000) continue
        copyFileSync(from, to)
        utimesSync(to, 1_600_000_000, 1_600_000_000)
      }
    }
    await using app = anApp(dataIn(folder.path))
    const sample = 25

    const { result, collection } = await analysed(app, library, { sample })
    const [jpeg] = result.forecast.formats

    const all = app.catalog.assets.list({}, 'added', 500).items.filter(({ format }) => format === 'jpeg')
    let saved = 0
    for (const { id } of all) {
      const asked = { asset: id, operation: 'optimize', params: {} }
      const answer = await runOperation(app, asked).catch(() => undefined)
      saved += (answer?.result as { savedBytes?: number } | undefined)?.savedBytes ?? 0
    }
    expect(all.length).toBeGreaterThan(2 * sample)
    expect(jpeg).toMatchObject({ format: 'jpeg', files: all.length })
    expect((jpeg?.tried ?? 0) + (jpeg?.failed ?? 0)).toBe(sample)
    expect(jpeg?.failed).toBeLessThan(5)
    console.info(
      `${all.length} photos save ${saved} bytes; forecast ${jpeg?.savedBytes}, ${jpeg?.lowBytes}–${jpeg?.highBytes}`,
    )
    expect(saved).toBeGreaterThanOrEqual(jpeg?.lowBytes ?? Number.NaN)
    expect(saved).toBeLessThanOrEqual(jpeg?.highBytes ?? Number.NaN)
    const whole = await analyse(app, collection, { sample: 500 })
    expect(whole.result.forecast.formats.find(({ format }) => format === 'jpeg')?.savedBytes).toBe(saved)
  })
})
