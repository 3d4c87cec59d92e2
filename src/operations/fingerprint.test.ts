import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { corpus, hasCorpus } from '../../test/support/corpus.ts'
import { noFiles } from '../../test/support/operation-io.ts'
import { fileOf, photo, truncated, withExif } from '../../test/support/pictures.ts'
import { openMedia } from '../media/open.ts'
import { orientPixels } from '../media/picture/orient.ts'
import { fingerprint } from './fingerprint.ts'
import type { OperationIo } from './operation.ts'
import { differenceHash, perceptualHashes } from './perceptual-hash.ts'

const io: OperationIo = {
  signal: new AbortController().signal,
  artifact: async () => undefined,
  ...noFiles,
  progress: () => undefined,
}

async function run(path: string) {
  const media = await openMedia(path)
  const result = fingerprint.result.parse(await fingerprint.run(media, {}, io))
  await media.close()
  return result
}

const distance = (one: string, other: string): number =>
  (BigInt(`0x${one}`) ^ BigInt(`0x${other}`)).toString(2).replaceAll('0', '').length

/** Grey squares of 4 × 4 pixels, 32 × 32 in all, different for each seed. */
function squares(seed: number): Uint8Array {
  let state = seed * 7919
  const values = Array.from({ length: 64 }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return 40 + (state >>> 24) / 1.6
  })
  return Uint8Array.from({ length: 1024 }, (_, at) => values[(at >> 7) * 8 + ((at & 31) >> 2)] ?? 0)
}

describe('perceptualHashes', () => {
  it('does not hang on brightness, and hardly on noise', () => {
    const grey = squares(3)
    const [hash = ''] = perceptualHashes(grey)
    const [brighter = ''] = perceptualHashes(grey.map((value) => Math.min(255, value + 20)))
    const [noisy = ''] = perceptualHashes(grey.map((value, at) => value + ((at * 7) % 5) - 2))
    expect(distance(hash, brighter)).toBeLessThanOrEqual(2)
    expect(distance(hash, noisy)).toBeLessThanOrEqual(6)
  })

  it('tells pictures apart', () => {
    const hashes = [1, 2, 3, 4, 7].map((seed) => perceptualHashes(squares(seed))[0] ?? '')
    for (const one of hashes) {
      for (const other of hashes) if (one !== other) expect(distance(one, other)).toBeGreaterThan(14)
    }
    expect(new Set(hashes).size).toBe(5)
  })

  it('knows the picture turned by each orientation', () => {
    const pixels = { data: Buffer.from(squares(3)), width: 32, height: 32, channels: 1 as const }
    const hashes = perceptualHashes(pixels.data)
    for (let orientation = 1; orientation <= 8; orientation++) {
      const [turned = ''] = perceptualHashes(orientPixels(pixels, orientation).data)
      expect(distance(hashes[orientation - 1] ?? '', turned), `${orientation}`).toBeLessThanOrEqual(1)
    }
    expect(new Set(hashes).size).toBe(8)
  })

  it('is nought for a flat picture, instead of chance', () => {
    expect(perceptualHashes(new Uint8Array(1024).fill(200))[0]).toBe('0000000000000000')
  })
})

describe('differenceHash', () => {
  it('tells where it gets brighter to the right', () => {
    const rising = Uint8Array.from({ length: 72 }, (_, at) => (at % 9) * 20)
    expect(differenceHash(rising)).toBe('ffffffffffffffff')
    expect(differenceHash(rising.map((value) => 200 - value))).toBe('0000000000000000')
  })
})

describe('fingerprint', () => {
  it('keeps all but the content id when metadata changes', async () => {
    const bare = await photo().jpeg().toBuffer()
    const one = await run(fileOf('one.jpg', bare))
    const other = await run(fileOf('other.jpg', withExif(bare, [[0x4746, 5]])))
    const { contentId, ...rest } = one
    expect(other).toMatchObject(rest)
    expect(other.contentId).not.toBe(contentId)
  })

  it('refuses damaged files, whose hashes would be false', async () => {
    const path = fileOf('cut.jpg', truncated(await photo().jpeg().toBuffer(), 0.6))
    await expect(run(path)).rejects.toMatchObject({ code: 'MEDIA_DAMAGED' })
  })

  it.skipIf(!hasCorpus)('finds recompressed, resized and turned copies of a photo, and no stranger', async () => {
    const group = join(corpus, 'duplicates/g03-prairie_falcon')
    const { perceptualHash } = await run(join(group, 'copy 1.jpg'))
    for (const name of [
      'recompressed-q30.jpg',
      'resized.jpg',
      'as-webp.webp',
      'grayscale.jpg',
      'thumb-recompressed.jpg',
    ]) {
      expect(distance(perceptualHash, (await run(join(group, name))).perceptualHash), name).toBeLessThanOrEqual(8)
    }
    for (const name of ['rotated90.jpg', 'flipped.jpg']) {
      const { orientedHashes } = await run(join(group, name))
      expect(Math.min(...orientedHashes.map((hash) => distance(perceptualHash, hash))), name).toBeLessThanOrEqual(8)
    }
    const stranger = await run(join(corpus, 'duplicates/g07-fox/copy 1.jpg'))
    expect(distance(perceptualHash, stranger.perceptualHash)).toBeGreaterThan(16)
  })

  it('is the same for a picture however it was saved without loss', async () => {
    const png = await run(fileOf('one.png', await photo().png().toBuffer()))
    const webp = await run(fileOf('one.webp', await photo().webp({ lossless: true }).toBuffer()))
    expect(webp.perceptualHash).toBe(png.perceptualHash)
    expect(webp.differenceHash).toBe(png.differenceHash)
    expect(webp.look).toEqual(png.look)
    expect(sharp.concurrency()).toBe(1)
  })

  it('tells the colours without their transparency, as a copy in JPEG shows them', async () => {
    const { data, info } = await photo(200, 150).raw().toBuffer({ resolveWithObject: true })
    const alpha = Buffer.from(Array.from({ length: 200 * 150 }, (_, at) => (at % 200) + 20))
    const clear = sharp(data, { raw: info }).joinChannel(alpha, { raw: { width: 200, height: 150, channels: 1 } })
    const faded = await run(fileOf('faded.png', await clear.png().toBuffer()))
    const opaque = await run(fileOf('opaque.png', await sharp(data, { raw: info }).png().toBuffer()))
    expect(opaque).not.toHaveProperty('opaque')
    expect(distance(faded.opaque?.perceptualHash ?? '', opaque.perceptualHash)).toBeLessThanOrEqual(8)
    const [one, other] = [faded.opaque?.look, opaque.look].map((look) => Buffer.from(look?.luma ?? '', 'base64'))
    expect(one?.length).toBe(324)
    expect(Math.max(...(one ?? []).map((value, at) => Math.abs(value - (other?.[at] ?? 0))))).toBeLessThanOrEqual(2)
    expect(faded.look).not.toEqual(opaque.look)
  })

  it('takes at most 600 bytes for a look', async () => {
    const { look } = await run(fileOf('look.jpg', await photo().jpeg().toBuffer()))
    expect(JSON.stringify({ look }).length).toBeLessThanOrEqual(600)
    expect(Buffer.from(look.chroma, 'base64')).toHaveLength(32)
  })
})
