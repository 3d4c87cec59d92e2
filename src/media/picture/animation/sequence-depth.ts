import type { Drawn } from './drawn.ts'

/** Bits a sample in a sequence of frames that have so many; above 10 few programs show it, so they are kept only without loss. */
export const sequenceDepth = (depth: Drawn['depth'], lossless = false): 8 | 10 | 12 =>
  depth <= 10 ? (depth as 8 | 10) : lossless ? 12 : 10
