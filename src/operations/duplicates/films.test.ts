import { describe, expect, it } from 'vitest'
import { aMember, aView } from '../../../test/support/members.ts'
import { noFiles } from '../../../test/support/operation-io.ts'
import type { Member } from '../collection-operation.ts'
import { duplicates } from '../duplicates.ts'

/** A film with a look of its own for each seed, in which so many bits of every moment are changed. */
function aFilm(name: string, seed: number, more: Partial<Member> & { bits?: number; length?: number } = {}): Member {
  const { bits = 0, length = 60_000, ...given } = more
  const moments = Array.from({ length: 8 }, (_, at) => {
    const hash = (0x9e37_79b9_7f4a_7c15n * BigInt(seed * 8 + at + 1)) & 0xffff_ffff_ffff_ffffn
    const changed = hash ^ (2n ** BigInt(bits) - 1n)
    return { ms: (length * (at + 0.5)) / 8, perceptualHash: changed.toString(16).padStart(16, '0') }
  })
  const fingerprint = { contentId: '', pixelId: '', durationMs: length, moments }
  const film = { kind: 'film', format: 'mp4', width: 1920, height: 1080, durationMs: length } as const
  return aMember(name, { ...film, results: { fingerprint }, ...given })
}

const phone = { make: 'Apple', model: 'iPhone 12' }

async function namesOf(members: Member[], params = {}): Promise<string[][]> {
  const io = { signal: new AbortController().signal, progress: () => {}, artifact: async () => {}, ...noFiles }
  const found = await duplicates.run(
    aView(() => members),
    duplicates.params.parse(params),
    io,
  )
  expect(duplicates.result.parse(found)).toEqual(found)
  return found.groups.map(({ members: paths }) => paths.map(({ path }) => path.split('/').at(-1) ?? ''))
}

describe('duplicates among films', () => {
  it('are the same film saved otherwise; the larger one is kept', async () => {
    const small = aFilm('small.mp4', 1, { bits: 5, width: 640, height: 360 })
    const groups = await namesOf([small, aFilm('large.mp4', 1), aFilm('other.mp4', 2)])
    expect(groups).toEqual([['large.mp4', 'small.mp4']])
  })

  it('are not of another length, nor alike in some moments only', async () => {
    expect(await namesOf([aFilm('a.mp4', 1), aFilm('b.mp4', 1, { length: 40_000 })])).toEqual([])
    expect(await namesOf([aFilm('a.mp4', 1), aFilm('b.mp4', 1, { bits: 22 })])).toEqual([])
  })

  it('are not two that were taken one after the other, but what a program saved later', async () => {
    const takenAt = (name: string, at: string, camera = {}) => {
      const film = aFilm(name, 1)
      return { ...film, results: { ...film.results, metadata: { takenAt: at, camera, tags: {} } } }
    }
    const saved = [takenAt('a.mp4', '2024-05-01T10:00:00', phone), takenAt('b.mp4', '2025-01-07T18:12:40')]
    expect(await namesOf(saved)).toHaveLength(1)
    const takes = [takenAt('a.mp4', '2024-05-01T10:00:00', phone), takenAt('b.mp4', '2024-05-01T10:05:00', phone)]
    expect(await namesOf(takes)).toEqual([])
    expect(await namesOf(takes, { series: true })).toHaveLength(1)
  })

  it('are not films that tell nothing', async () => {
    const black = (name: string) => {
      const film = aFilm(name, 1)
      const moments = Array.from({ length: 8 }, (_, at) => ({ ms: at }))
      return { ...film, results: { fingerprint: { durationMs: 60_000, moments } } }
    }
    expect(await namesOf([black('a.mp4'), black('b.mp4')])).toEqual([])
  })
})
