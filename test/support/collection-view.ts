import { openMedia } from '../../src/media/open.ts'
import type { CollectionIo, CollectionView, Member } from '../../src/operations/collection-operation.ts'
import { filmFingerprint } from '../../src/operations/film-fingerprint.ts'
import { fingerprint } from '../../src/operations/fingerprint.ts'
import { qualityIssues } from '../../src/operations/quality-issues.ts'
import { noFiles } from './operation-io.ts'

/** Lends nothing: signal never fires, artifacts vanish, nobody hears of progress. */
export const quietIo: CollectionIo = {
  signal: new AbortController().signal,
  artifact: async () => undefined,
  progress: () => undefined,
}

/** What a collection would know of a file after its fingerprint and metadata were asked for; of no media: undefined. */
export async function memberOf(path: string, options: { quality?: boolean } = {}): Promise<Member | undefined> {
  const media = await openMedia(path).catch(() => undefined)
  if (!media) return undefined
  const { contentId: asset, pixelId, kind, format, bytes, width, height, durationMs } = media.identity
  const isPicture = kind === 'picture'
  const io = { ...quietIo, ...noFiles }
  const named = kind === 'picture' ? fingerprint : kind === 'film' ? filmFingerprint : undefined
  const seen = await named?.run(media, {}, io).catch(() => undefined)
  const judged = isPicture && options.quality ? await qualityIssues.run(media, {}, io) : undefined
  const told = isPicture ? await media.metadata().catch(() => undefined) : undefined
  await media.close()
  return {
    asset,
    pixelId,
    kind,
    format,
    bytes,
    ...(width === undefined ? {} : { width }),
    ...(height === undefined ? {} : { height }),
    ...(durationMs === undefined ? {} : { durationMs }),
    path,
    results: {
      ...(seen ? { fingerprint: seen } : {}),
      ...(told ? { metadata: told } : {}),
      ...(judged ? { 'quality-issues': judged } : {}),
    },
  }
}

/** A collection of these members. */
export const viewOf = (
  members: readonly Member[],
  distinct: readonly (readonly [string, string])[] = [],
): CollectionView => ({
  id: 'test',
  name: 'test',
  root: '/',
  members: () => members,
  distinctPairs: () => distinct,
})
