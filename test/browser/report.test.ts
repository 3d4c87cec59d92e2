import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { analyzeCollection } from '../../src/operations/analyze-collection.ts'
import type { Member } from '../../src/operations/collection-operation.ts'
import { quietIo } from '../support/collection-view.ts'
import { aFolder } from '../support/library.ts'
import { aMember, aView, manyMembers } from '../support/members.ts'

const executablePath = ['/usr/bin/chromium', '/usr/bin/google-chrome', '/usr/bin/chromium-browser'].find((path) =>
  existsSync(path),
)

if (!executablePath) {
  const note = 'No Chromium here: the report is not tested in a browser. On Debian, "apt-get install chromium".'
  if (process.env.CI === 'true') throw new Error(note)
  console.warn(note)
}

const evil = '<img src=x onerror="document.title=1"><style>*{display:none}</style>\u202egnp.exe'
const hostile = [
  aMember(`${evil}${'x'.repeat(10_000)}`, {
    results: { metadata: { camera: { make: evil, model: evil, lens: 'x'.repeat(300) }, tags: {} } },
  }),
]

const libraries: Readonly<Record<string, () => Iterable<Member>>> = {
  'an empty collection': () => [],
  'one file': () => [aMember('a.jpg', { width: 4000, height: 3000 })],
  '5,132 files': () => manyMembers(5132),
  'hostile names': () => hostile,
}

describe.skipIf(!executablePath)('the report of a collection in a browser', () => {
  const folder = aFolder()
  let browser: Browser

  beforeAll(async () => {
    const quiet = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run']
    browser = await chromium.launch({ ...(executablePath ? { executablePath } : {}), args: quiet })
  })
  afterAll(async () => {
    await browser?.close()
    folder[Symbol.dispose]()
  })

  /** Opens the report of members from a file; every complaint and every request for anything else is a trouble. */
  async function opened(members: () => Iterable<Member>, width: number, colorScheme: 'light' | 'dark' = 'light') {
    const path = join(folder.path, 'report.html')
    const io = { ...quietIo, artifact: async (_: unknown, content: Uint8Array) => writeFileSync(path, content) }
    await analyzeCollection.run(aView(members), analyzeCollection.params.parse({}), io)
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme })
    const url = pathToFileURL(path).href
    const troubles: string[] = []
    page.on('pageerror', (error) => troubles.push(error.message))
    page.on('console', (message) => troubles.push(message.text()))
    page.on('request', (request) => request.url() === url || troubles.push(request.url()))
    await page.goto(url)
    return { page, troubles }
  }

  // As text: the tests know no DOM.
  const backgroundOf = (page: Page) =>
    page.evaluate("getComputedStyle(document.querySelector('section')).backgroundColor")

  describe.each(Object.entries(libraries))('of %s', (_, members) => {
    it.each([1200, 380])('asks for nothing, complains of nothing and fits into %i pixels', async (width) => {
      const { page, troubles } = await opened(members, width)
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
      expect(await page.locator('h1').isVisible()).toBe(true)
      expect(troubles).toEqual([])
      await page.close()
    })
  })

  it('draws every chart, with columns as high as their figures', async () => {
    const { page } = await opened(() => manyMembers(1000), 1200)
    const heights = await page
      .locator('.chart > svg')
      .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().height))
    expect(heights.length).toBeGreaterThan(7)
    expect(Math.min(...heights)).toBeGreaterThan(30)
    const years = page.locator('figure:has(#years-title)')
    const drawn = await years.locator('rect').evaluateAll((all) => all.map((one) => one.getBoundingClientRect().height))
    const figures = await years.locator('tbody td').evaluateAll((all) => all.map((one) => Number(one.textContent)))
    const most = figures.indexOf(Math.max(...figures))
    const least = figures.indexOf(Math.min(...figures))
    expect(drawn.length).toBe(figures.length)
    expect((drawn[least] ?? 0) / (drawn[most] ?? 1)).toBeCloseTo((figures[least] ?? 0) / (figures[most] ?? 1), 1)
    await page.close()
  })

  it('is light by day, dark by night, and light on paper, where no chart is torn apart', async () => {
    const { page: day } = await opened(() => manyMembers(300), 1200)
    const { page: night } = await opened(() => manyMembers(300), 1200, 'dark')
    expect(await backgroundOf(day)).toBe('rgb(255, 255, 255)')
    expect(await backgroundOf(night)).toBe('rgb(31, 30, 29)')
    await night.emulateMedia({ media: 'print' })
    expect(await backgroundOf(night)).toBe('rgb(255, 255, 255)')
    const breaks = await night.evaluate(
      "[...document.querySelectorAll('figure')].map((one) => getComputedStyle(one).breakInside).join(' ')",
    )
    expect(breaks).toMatch(/^avoid( avoid)+$/)
    const pdf = await night.pdf({ preferCSSPageSize: true })
    const sheets = pdf.toString('latin1').match(/\/MediaBox\s*\[[^\]]*\]/g) ?? []
    // A4 in points.
    expect(sheets.length).toBeGreaterThan(2)
    expect(
      new Set(
        sheets.map((sheet) =>
          sheet
            .match(/[\d.]+/g)
            ?.map(Number)
            .map(Math.round)
            .join(' '),
        ),
      ),
    ).toEqual(new Set(['0 0 595 842']))
    await day.close()
    await night.close()
  })

  it('shows hostile names as what they are', async () => {
    const { page } = await opened(() => hostile, 1200)
    expect(await page.title()).not.toBe('1')
    expect(await page.locator('img').count()).toBe(0)
    expect(await page.getByText('<img src=x onerror="document.title=1">').count()).toBeGreaterThan(1)
    expect(await page.getByText('[U+202E]gnp.exe').first().isVisible()).toBe(true)
    await page.close()
  })
})
