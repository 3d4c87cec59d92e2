import type { PictureStep, Pixels } from '../picture.ts'

/** Pixels after steps, one after the other. Throws PARAMS_INVALID for a step that does not fit the picture. */
export async function applySteps(_pixels: Pixels, _steps: readonly PictureStep[]): Promise<Pixels> {
  throw new Error('not built yet')
}
