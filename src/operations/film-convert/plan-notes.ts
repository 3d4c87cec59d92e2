import type { Probe } from '../../media/probe.ts'
import { isVideoCodec } from './codecs.ts'
import { edits } from './faults.ts'
import type { ConvertParams } from './params.ts'
import { type ConvertPlan, codedVideo } from './plan.ts'
import { mainVideoOf, seenSizeOf } from './sizes.ts'

/** Sentences on what of a plan one might not expect: parameters that move nothing, and pixels that are cut off. */
export function planNotes(plan: ConvertPlan, probe: Probe, params: ConvertParams): string[] {
  return [...unusedNotes(probe, params), ...cutNotes(plan, probe, params)]
}

const ofPictures = [...edits, 'rotation', 'hdr'] as const

/** Films and sounds are converted together, so that what only films can be asked is no fault of a sound. */
function unusedNotes(probe: Probe, params: ConvertParams): string[] {
  if (mainVideoOf(probe) !== undefined) return []
  const given = ofPictures.filter((name) => params[name] !== undefined)
  const names = [...(isVideoCodec(params.video) ? ['video'] : []), ...given].map((name) => `"${name}"`)
  if (names.length === 0) return []
  return [`It has no picture, so ${names.join(', ')} changed nothing.`]
}

function cutNotes({ transcode, size, render }: ConvertPlan, probe: Probe, { crop }: ConvertParams): string[] {
  const facts = mainVideoOf(probe)
  const isSquare = (facts?.sar ?? '1:1') === '1:1'
  const from = crop ?? (facts && seenSizeOf(facts))
  // What is resized is squeezed into the even size instead.
  if (!codedVideo(transcode) || !from || !size || render?.resized === true || !isSquare) return []
  const cut = [from.width > size.width ? 'column' : '', from.height > size.height ? 'row' : ''].filter(Boolean)
  return cut.length === 0 ? [] : [`The last ${cut.join(' and ')} was cut off: colours are coded in halves.`]
}
