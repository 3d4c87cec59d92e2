import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fileOfFrames, shaded } from '../support/animations.ts'
import { rewrite } from '../support/rewriting.ts'

const executablePath = ['/usr/bin/chromium', '/usr/bin/google-chrome', '/usr/bin/chromium-browser'].find((path) =>
  existsSync(path),
)

if (!executablePath) {
  const note = 'No Chromium here: no animation is shown in a browser. On Debian, "apt-get install chromium".'
  if (process.env.CI === 'true') throw new Error(note)
  console.warn(note)
}

/** What a browser decodes: of each frame its time in milliseconds, and two pixels. */
interface Seen {
  readonly repeats: number
  readonly times: readonly number[]
  readonly corners: readonly (readonly number[])[]
  readonly middles: readonly (readonly number[])[]
}

/** Run in the page, as text: the tests know no DOM. */
const decode = (base64: string, type: string) => `(async () => {
  const data = Uint8Array.from(atob('${base64}'), (letter) => letter.charCodeAt(0))
  const decoder = new ImageDecoder({ data, type: '${type}' })
  await decoder.completed
  await decoder.tracks.ready
  const { frameCount, repetitionCount } = decoder.tracks.selectedTrack
  const seen = { repeats: repetitionCount === Infinity ? -1 : repetitionCount, times: [], corners: [], middles: [] }
  for (let frameIndex = 0; frameIndex < frameCount; frameIndex++) {
    const { image } = await decoder.decode({ frameIndex })
    const { displayWidth: width, displayHeight: height } = image
    const canvas = new OffscreenCanvas(width, height).getContext('2d')
    canvas.drawImage(image, 0, 0)
    seen.times.push(image.duration / 1000)
    seen.corners.push([...canvas.getImageData(width - 2, height - 2, 1, 1).data])
    seen.middles.push([...canvas.getImageData(60, 40, 1, 1).data])
    image.close()
  }
  return seen
})()`

describe.skipIf(!executablePath)('an animation in a browser', () => {
  let browser: Browser
  let page: Page
  // Decoders of single frames are given to pages of a server only.
  const server = createServer((_, reply) => reply.end())

  beforeAll(async () => {
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const quiet = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run']
    browser = await chromium.launch({ ...(executablePath ? { executablePath } : {}), args: quiet })
    page = await browser.newPage()
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  })
  afterAll(async () => {
    await browser?.close()
    server.close()
  })

  it.each([
    ['avif', {}],
    ['avif', { quality: 95 }],
    ['png', {}],
  ] as const)('moves as %s written with %j, with its times, its repeats and its alpha', async (format, options) => {
    for (const [isHazy, loop] of [
      [false, 0],
      [true, 1],
      [true, 4],
    ] as const) {
      const made = shaded({ isHazy })
      const { data } = await rewrite(await fileOfFrames(made, 'webp', loop), { format, ...options })
      const seen: Seen = await page.evaluate(decode(data.toString('base64'), `image/${format}`))
      expect(seen.repeats).toBe(loop - 1)
      expect(seen.times).toEqual(made.times)
      for (const [frame, corner] of seen.corners.entries()) {
        const at = (frame * made.width * made.height + (made.height - 2) * made.width + made.width - 2) * 4
        expect(differenceOf(corner, made.data.subarray(at, at + 4))).toBeLessThan(16)
        const middle = (frame * made.width * made.height + 40 * made.width + 60) * 4
        expect(differenceOf(seen.middles[frame] ?? [], made.data.subarray(middle, middle + 4))).toBeLessThan(24)
      }
    }
  })
})

/** The largest difference of a sample, as it is seen on black: of what is hardly there browsers know the colour only roughly. */
const differenceOf = (seen: readonly number[], made: Uint8Array): number =>
  Math.max(...onBlack([...made]).map((value, at) => Math.abs(value - (onBlack(seen)[at] ?? 999))))

const onBlack = ([red = 0, green = 0, blue = 0, alpha = 255]: readonly number[]): number[] =>
  [red, green, blue, 255].map((value) => (value * alpha) / 255)
