import { Top } from './top.ts'

/**
 * An asset's place in the lottery behind `sample` of `Need`; the lowest win. The content id is the lot, as hashes know
 * nothing of the files, and large files have more lots: they are what matters where bytes are summed up. An asset is
 * among those below a rank with the probability bytes × rank ("priority sampling" of Duffield, Lund and Thorup).
 */
export function rankOf(asset: string, bytes: number): number {
  // From the end, as the ids of large files begin otherwise; 13 hex digits are what a number holds.
  const lot = (Number.parseInt(asset.slice(-13), 16) + 1) / 16 ** 13
  return lot / Math.max(1, bytes)
}

/** Draws the sample: ids of at most `limit` assets, the same ones whenever it is drawn and in whatever order they come. */
export function drawSample(assets: Iterable<{ readonly id: string; readonly bytes: number }>, limit: number): string[] {
  const drawn = new Top<{ id: string; rank: number }>(limit, byRank)
  for (const { id, bytes } of assets) {
    // An asset that lies in several places has one lot all the same.
    if (!drawn.some((one) => one.id === id)) drawn.offer({ id, rank: rankOf(id, bytes) })
  }
  return drawn.list().map(({ id }) => id)
}

/** The order of ranks. */
export const byRank = (a: { readonly rank: number }, b: { readonly rank: number }): number => a.rank - b.rank
