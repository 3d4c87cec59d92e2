import { existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeFilm } from '../support/films.ts'
import { aFolder } from '../support/library.ts'
import { aServer } from '../support/server.ts'

const executablePath = ['/usr/bin/chromium', '/usr/bin/google-chrome', '/usr/bin/chromium-browser'].find((path) =>
  existsSync(path),
)

if (!executablePath) {
  const note = 'No Chromium here: no film is played in a browser. On Debian, "apt-get install chromium".'
  if (process.env.CI === 'true') throw new Error(note)
  console.warn(note)
}

const hlsScript = createRequire(import.meta.url).resolve('hls.js/dist/hls.min.js')

/** Run in the page, as text: the tests know no DOM. */
const play = (address: string) => `
  document.body.innerHTML = '<video muted playsinline></video>'
  globalThis.video = document.querySelector('video')
  globalThis.troubles = []
  const hls = globalThis.hls = new Hls()
  hls.on(Hls.Events.ERROR, (_, { details, error }) => {
    // A busy machine may not have decoded yet what is there to be played.
    if (details !== Hls.ErrorDetails.BUFFER_STALLED_ERROR) troubles.push(details + ': ' + (error && error.message))
  })
  video.addEventListener('error', () => troubles.push(video.error.message))
  hls.loadSource(${JSON.stringify(address)})
  hls.attachMedia(video)
  void video.play()
`

interface Playing {
  readonly time: number
  readonly width: number
  readonly height: number
  readonly levels: number
  readonly troubles: readonly string[]
}

const state =
  '({ time: video.currentTime, width: video.videoWidth, height: video.videoHeight, levels: hls.levels.length, troubles })'

describe.skipIf(!executablePath)('a packaged film in a browser', () => {
  let browser: Browser

  beforeAll(async () => {
    const quiet = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run']
    browser = await chromium.launch({ ...(executablePath ? { executablePath } : {}), args: quiet })
  })
  afterAll(() => browser?.close())

  it('plays with sound from the first segment on, while the rest is still encoded, and leaves nothing when all have gone', async () => {
    using folder = aFolder()
    const films = join(folder.path, 'films')
    await aLongFilm(films)
    {
      await using server = await aServer(folder.path)
      await server.import(films)
      const [{ asset }] = (await server.get('/api/assets')).items
      const stream = `/api/assets/${asset}/stream`
      const page = await browser.newPage({ bypassCSP: true })
      await page.goto(`${server.url}/api/system-health/live`)
      await page.addScriptTag({ path: hlsScript })
      await page.evaluate(play(`${stream}/master.m3u8`))

      const playing = (): Promise<Playing> => page.evaluate(state)
      await expect.poll(async () => (await playing()).time, { timeout: 45_000, interval: 100 }).toBeGreaterThan(0.5)

      const playlist = await (await server.ask(`${stream}/480p.m3u8`)).text()
      expect(playlist).toContain('#EXT-X-PLAYLIST-TYPE:EVENT')
      expect(playlist).not.toContain('#EXT-X-ENDLIST')
      const { width, height, levels, troubles } = await playing()
      expect(width / height).toBeCloseTo(16 / 9, 1)
      expect([levels, troubles]).toEqual([3, []])
      await page.close()
    }
    const parts = join(folder.path, 'data', 'artifacts', 'tmp')
    expect(existsSync(parts) ? readdirSync(parts) : []).toEqual([])
  })
})

/** Few frames, each shown for long: soon made, and encoding takes its time. */
async function aLongFilm(folder: string): Promise<void> {
  const { mkdirSync } = await import('node:fs')
  mkdirSync(folder)
  await makeFilm(join(folder, 'long.mp4'), {
    width: 1280,
    height: 720,
    frameRate: 1,
    seconds: 12,
    timeOf: (frame) => frame * 20,
    gop: 1,
    audio: 'aac',
  })
}
