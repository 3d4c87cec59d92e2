import type { Media } from '../../media/media.ts'
import type { OperationIo } from '../operation.ts'
import { type Estimate, notWorth } from './estimate.ts'
import type { ConvertPlan } from './plan.ts'
import type { Stages } from './stages.ts'
import { type Made, type Verification, verify } from './verify.ts'

/** A film that was made, verified and kept. */
export interface KeptFilm extends Omit<Made, 'path'> {
  readonly verification: Verification
  readonly encodeMs: number
}

/** Writes the film and verifies it while nobody sees it yet; what is not worth its bytes is not kept, and the reason given. */
export async function makeFilm(
  media: Media,
  plan: ConvertPlan,
  folder: () => Promise<string>,
  io: OperationIo,
  stages: Stages,
): Promise<KeptFilm | { readonly refusal: string }> {
  const film = await media.film()
  const draft = { role: 'film', format: plan.format, ...plan.size }
  try {
    return await io.file(draft, async (path) => {
      const startedAt = performance.now()
      const written = await film.transcode(plan.transcode, path, stages.of('write'))
      const encodeMs = Math.round(performance.now() - startedAt)
      const refusal = notWorth(written.bytes, media.identity.bytes, plan)
      if (refusal !== undefined) throw new NotWorth(refusal)
      const made = { path, written }
      const verification = await verify(media, plan, made, folder, stages.of('verify'))
      return { written, verification, encodeMs }
    })
  } catch (error) {
    if (error instanceof NotWorth) return { refusal: error.message }
    throw error
  }
}

/** Keeps a film from being kept. */
class NotWorth extends Error {}

/** The plan with the CRF that was found. */
export function settled(plan: ConvertPlan, { crf }: Estimate): ConvertPlan {
  const { video } = plan.transcode
  if (typeof video === 'string' || crf === undefined || plan.target === undefined) return plan
  return { ...plan, transcode: { ...plan.transcode, video: { ...video, rate: { crf } } } }
}
