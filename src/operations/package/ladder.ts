import type { Rung } from '../../media/film/package.ts'
import type { Probe, VideoFacts } from '../../media/probe.ts'
import { evenSide } from '../even-side.ts'

/** Shorter sides that `auto` chooses of, below the film's own. */
const usualSides = [2160, 1080, 720, 480, 240]
/** A quality must be this much smaller than the next to be of use. */
const stepDown = 0.8

/** The qualities of a film, the largest first, none larger than it; empty when it has no picture. */
export function ladderFor(probe: Probe, ladder: 'auto' | readonly number[]): Rung[] {
  const [facts] = probe.video
  const { displayWidth: width = 0, displayHeight: height = 0 } = facts ?? {}
  if (facts === undefined || width < 2 || height < 2) return []
  const own = Math.min(width, height)
  const sides = ladder === 'auto' ? autoSides(own) : givenSides(own, ladder)
  const sizes = sides
    .map((side) => sizeAt(width, height, side / own))
    // Odd sides become even ones, which may be there already.
    .filter((size, at, all) => at === 0 || shorterSide(size) < shorterSide(all[at - 1] ?? size))
  const cap = capOf(probe, facts, width * height)
  return sizes.map((size) => ({
    ...size,
    bitRate: Math.max(leastBits, Math.round(Math.min(usualBits(size, facts), cap(size)))),
  }))
}

const shorterSide = (size: { width: number; height: number }): number => Math.min(size.width, size.height)

function autoSides(own: number): number[] {
  const sides = [Math.min(own, usualSides[0] ?? own)]
  for (const side of usualSides) if (side <= (sides.at(-1) ?? 0) * stepDown) sides.push(side)
  return sides
}

/** What is larger than the film becomes the film's own size; each once. */
const givenSides = (own: number, ladder: readonly number[]): number[] =>
  [...new Set(ladder.map((side) => Math.min(side, own)))].sort((one, other) => other - one)

const sizeAt = (width: number, height: number, scale: number): { width: number; height: number } => ({
  width: evenSide(width, scale),
  height: evenSide(height, scale),
})

const leastBits = 64_000

/** What 1080p of 30 frames needs at most in H.264; smaller ones need more for each pixel, faster ones less for each frame. */
function usualBits({ width, height }: { width: number; height: number }, { frameRate = 30 }: VideoFacts): number {
  const speed = Math.max(0.7, Math.sqrt(Math.min(60, frameRate) / 30))
  return 5_000_000 * ((width * height) / (1920 * 1080)) ** 0.75 * speed
}

/** How many bits H.264 needs for one of another codec, generously: the film's own compression must not be seen twice. */
const bitsForOne: Readonly<Record<string, number>> = { h264: 1.2, hevc: 2, vp9: 2, av1: 2.5 }

/** More bits than the film has itself are wasted. */
function capOf(probe: Probe, facts: VideoFacts, pixels: number): (size: { width: number; height: number }) => number {
  const own = facts.bitRate ?? probe.container.bitRate
  if (own === undefined) return () => Number.POSITIVE_INFINITY
  const bits = own * (bitsForOne[facts.codec ?? ''] ?? 1)
  return ({ width, height }) => bits * ((width * height) / pixels) ** 0.75
}

/** Bits a second for the film's sound in AAC; 0 when it has none. */
export function audioBitRateFor({ audio }: Probe): number {
  const [facts] = audio
  if (facts === undefined) return 0
  const usual = facts.channels === 1 ? 80_000 : 128_000
  return Math.max(48_000, Math.min(usual, facts.bitRate ?? usual))
}
