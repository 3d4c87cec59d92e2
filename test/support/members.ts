import { createHash } from 'node:crypto'
import type { FormatName, Kind } from '../../src/media/formats.ts'
import type { CollectionView, Member } from '../../src/operations/collection-operation.ts'
import { viewOf } from './collection-view.ts'

/** Members as a collection operation gets them, over whatever list or generator is given. */
export function aView(members: () => Iterable<Member>, name = 'Photos'): CollectionView {
  return { ...viewOf([]), name, root: '/photos', members }
}

/** A content id for each text. */
export const idOf = (text: string): string => createHash('sha256').update(text).digest('hex')

/** A picture or film of 1,000 bytes with an id and a path of its own, and what is given. */
export function aMember(name: string, more: Partial<Member> = {}): Member {
  const asset = idOf(name)
  const kind: Kind = 'picture'
  const format: FormatName = 'jpeg'
  return { asset, pixelId: asset, kind, format, bytes: 1000, path: `/photos/${name}`, results: {}, ...more }
}

const cameras = [
  { make: 'NIKON CORPORATION', model: 'NIKON D750', lens: 'AF-S Nikkor 24-120mm f/4G ED VR', sizes: [6016, 4016] },
  { make: 'Apple', model: 'iPhone 12', lens: 'iPhone 12 back dual wide camera 4.2mm f/1.6', sizes: [4032, 3024] },
  { make: 'Canon', model: 'Canon PowerShot G7 X Mark II', lens: undefined, sizes: [5472, 3648] },
  { make: 'FUJIFILM', model: 'X-T3', lens: 'XF35mmF2 R WR', sizes: [6240, 4160] },
  { make: 'Google', model: 'Pixel 6', lens: 'Pixel 6 back camera 6.81mm f/1.85', sizes: [4080, 3072] },
] as const

const kinds = ['blur', 'noise', 'underexposed', 'overexposed', 'low-contrast', 'compression', 'color-cast'] as const

/** Members as a large library of many years would have them, drawn by a generator with a seed; no two lists differ. */
export function* manyMembers(count: number, seed = 1): Generator<Member> {
  const random = randomOf(seed)
  const pick = <T>(list: readonly T[], skew = 1): T => list[Math.floor(random() ** skew * list.length)] as T
  for (let at = 0; at < count; at++) {
    // Every fortieth lies there again.
    const twin = at % 40 === 39 ? at - 1 : at
    const asset = idOf(`${seed} ${twin}`)
    const lot = Number.parseInt(asset.slice(0, 6), 16)
    const path = `/photos/${2004 + (at % 20)}/${at % 12}/DSC_${String(at).padStart(5, '0')}`
    if (lot % 50 === 0) {
      const durationMs = Math.round(random() ** 3 * 600_000) + 2000
      const probe = {
        video: [{ codec: lot % 3 === 0 ? 'hevc' : 'h264', hdr: lot % 4 === 0 ? 'hlg' : 'none' }],
        audio: [{ codec: 'aac' }],
      }
      yield {
        ...{ asset, pixelId: asset, kind: 'film', format: 'mov', bytes: durationMs * 2500, width: 1920, height: 1080 },
        ...{ durationMs, path: `${path}.mov`, results: { metadata: { tags: {} }, probe } },
      }
      continue
    }
    const camera = cameras[Math.floor(((lot % 1000) ** 1.6 / 1000 ** 1.6) * 5)] ?? cameras[0]
    const isUpright = lot % 4 === 0
    const [long, short] = camera.sizes
    const format: FormatName = lot % 11 === 0 ? 'png' : camera.make === 'Apple' && lot % 2 === 0 ? 'heic' : 'jpeg'
    const year = 2004 + Math.floor(20 * Math.sqrt((lot % 997) / 997))
    const two = (value: number) => String(value).padStart(2, '0')
    const takenAt = `${year}-${two(1 + (lot % 12))}-${two(1 + (lot % 28))}T${two(7 + Math.floor(random() * 14))}:15:00`
    const issues =
      lot % 3 === 0 ? [{ kind: pick(kinds, 2), severity: Math.round(random() * 100) / 100, confidence: 0.9 }] : []
    const score = Math.round(97 - 12 * random() - issues.reduce((sum, { severity }) => sum + 70 * severity, 0))
    const metadata = {
      ...(lot % 9 === 0
        ? {}
        : {
            takenAt,
            camera: { make: camera.make, model: camera.model, ...(camera.lens ? { lens: camera.lens } : {}) },
          }),
      exposure: {
        iso: 100 * 2 ** Math.floor(random() ** 2 * 7),
        fNumber: pick([1.8, 2.8, 4, 5.6, 8, 11]),
        focalLength35mm: pick([24, 26, 35, 50, 85, 120]),
      },
      ...(lot % 3 === 1 ? { gps: { latitude: 45 + random() * 6, longitude: 5 + random() * 10 } } : {}),
      ...(lot % 7 === 0 ? { rating: 1 + (lot % 5) } : {}),
      tags: { exif: { Filler: 'x'.repeat(200) } },
    }
    const bytes = Math.round(
      long * short * (format === 'png' ? 1.6 : format === 'heic' ? 0.18 : 0.4) * (0.6 + random() * 0.8),
    )
    const isTried = lot % 97 < 2
    const optimize =
      lot % 6 === 0 ? { gained: false } : { gained: true, bytes: Math.round(bytes * (0.7 + 0.25 * random())) }
    const hasFailed = lot % 701 === 0
    yield {
      ...{
        asset,
        pixelId: asset,
        kind: 'picture',
        format,
        bytes,
        path: `${path}.${format === 'jpeg' ? 'jpg' : format}`,
      },
      ...{ width: isUpright ? short : long, height: isUpright ? long : short },
      results: {
        metadata,
        ...(hasFailed
          ? {}
          : {
              analyze: { exposure: { mean: random() }, isGrey: lot % 23 === 0, hasAlpha: false },
              'quality-issues': { score, issues },
            }),
        ...(isTried && format !== 'heic' ? { optimize } : {}),
      },
    }
  }
}

/** mulberry32 */
function randomOf(seed: number): () => number {
  let state = seed * 0x9e3779b9
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
