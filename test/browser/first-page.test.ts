import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { aFolder, aLibrary } from '../support/library.ts'
import { aServer } from '../support/server.ts'

const executablePath = ['/usr/bin/chromium', '/usr/bin/google-chrome', '/usr/bin/chromium-browser'].find((path) =>
  existsSync(path),
)

if (!executablePath) {
  const note = 'No Chromium here: the pages are not tested in a browser. On Debian, "apt-get install chromium".'
  if (process.env.CI === 'true') throw new Error(note)
  console.warn(note)
}

describe.skipIf(!executablePath)('the first page in a browser', () => {
  let browser: Browser

  beforeAll(async () => {
    const quiet = [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--no-first-run',
      '--disable-sync',
    ]
    browser = await chromium.launch({ ...(executablePath ? { executablePath } : {}), args: quiet })
  })
  afterAll(() => browser?.close())

  it('offers a sample library to newcomers, imports it, and shows its pictures, asking nobody else', async () => {
    using folder = aFolder()
    const sample = join(folder.path, 'sample')
    await aLibrary(sample, 4)
    await using server = await aServer(folder.path, { makeSample: async () => sample })
    const page = await browser.newPage()
    const troubles: string[] = []
    page.on('pageerror', (error) => troubles.push(error.message))
    page.on('console', (message) => message.type() === 'error' && troubles.push(message.text()))
    page.on('request', (request) => request.url().startsWith(server.url) || troubles.push(request.url()))

    await page.goto(server.url)
    await page.getByRole('button', { name: /sample/i }).click()
    const pictures = page.locator('img[src*="size=thumbnail"]')
    await pictures.first().waitFor({ timeout: 30_000 })

    await expect.poll(() => pictures.count()).toBe(4)
    const widths = await pictures.evaluateAll((all) =>
      all.map((one) => (one as { naturalWidth?: number }).naturalWidth),
    )
    expect(widths.every((width) => (width ?? 0) > 0)).toBe(true)
    expect(await page.getByText('4 assets').count()).toBeGreaterThan(0)
    expect(troubles).toEqual([])
    await page.close()
  })

  it('says what is wrong with a folder that is not there', async () => {
    using folder = aFolder()
    await using server = await aServer(folder.path)
    const page = await browser.newPage()
    await page.goto(server.url)
    await page.getByLabel(/folder/i).fill('/no/such/folder')
    await page.keyboard.press('Enter')
    await page.getByText(/does not exist/).waitFor({ timeout: 10_000 })
    await page.close()
  })
})
