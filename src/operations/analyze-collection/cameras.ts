import type { z } from 'zod'
import type { Collector } from './collector.ts'
import { Tally, type tallySchema } from './tally.ts'

/** The most usual cameras or lenses. */
export type Gear = z.output<typeof tallySchema>

/** Counts the cameras and lenses of pictures and films. */
export function countCameras(limit: number): Collector<{ cameras: Gear; lenses: Gear }> {
  const cameras = new Tally()
  const lenses = new Tally()
  return {
    add({ kind }, { metadata }) {
      if (kind === 'sound') return
      cameras.add(cameraName(metadata?.camera?.make, metadata?.camera?.model))
      lenses.add(metadata?.camera?.lens)
    },
    result: () => ({ cameras: cameras.result(limit), lenses: lenses.result(limit) }),
  }
}

/** Make and model as people say them: `Canon` + `Canon EOS 5D` is one Canon, `NIKON CORPORATION` is Nikon. */
export function cameraName(make = '', model = ''): string {
  const words = (text: string) => text.toLowerCase().split(/\W+/)
  const brands = words(make).filter((word) => word.length > 1)
  const [first = ''] = words(model.trim())
  if (brands.includes(first)) return model
  const brand = make.replace(
    /[\s,]+(corporation|corp\.?|company|imaging( corp\.?)?|optical co\.?|co\.|ltd\.?|inc\.?)/gi,
    '',
  )
  return `${brand} ${model}`
}
