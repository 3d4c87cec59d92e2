import type { Detector } from './model.ts'

/** What `npm run train:quality` learned. */
export const detectors: readonly Detector[] = []
