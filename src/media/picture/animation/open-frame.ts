import sharp, { type Sharp } from 'sharp'
import type { Drawn } from './drawn.ts'

/** Opens a frame for libvips. */
export function openFrame(frame: Buffer, { width, height, depth }: Pick<Drawn, 'width' | 'height' | 'depth'>): Sharp {
  const raw = { width, height, channels: 4 } as const
  if (depth === 8) return sharp(frame, { raw, limitInputPixels: false })
  const samples = new Uint16Array(frame.buffer, frame.byteOffset, frame.length / 2)
  return sharp(samples, { raw, limitInputPixels: false }).toColourspace('rgb16')
}
