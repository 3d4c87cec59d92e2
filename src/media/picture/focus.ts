import sharp from 'sharp'
import type { ResizeOptions } from '../picture.ts'

/** Where libvips shall cut, as sharp calls it. */
export const positionOf = (focus: ResizeOptions['focus']): string | number =>
  focus === 'centre' ? 'centre' : sharp.strategy[focus]
