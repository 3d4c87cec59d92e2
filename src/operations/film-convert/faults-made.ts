import type { WrittenFilm } from '../../media/film/transcode.ts'
import type { Probe } from '../../media/probe.ts'
import { type ConvertPlan, codedVideo } from './plan.ts'
import { isHdr } from './plan-video.ts'
import { mainVideoOf, seenSizeOf } from './sizes.ts'

/** In what a new film is not what was planned, each as part of a sentence; empty when it is. */
export function faultsOf(plan: ConvertPlan, source: Probe, made: Probe, written: WrittenFilm): string[] {
  return [...trackFaults(plan, source, made, written), ...pictureFaults(plan, made), ...lengthFaults(plan, made)]
}

const formatsOf = {
  mp4: ['mp4', 'm4a', 'mov'],
  mov: ['mov', 'mp4'],
  mkv: ['mkv', 'webm'],
  webm: ['webm', 'mkv'],
} as const

function trackFaults({ transcode }: ConvertPlan, source: Probe, made: Probe, { tracks }: WrittenFilm): string[] {
  const faults: string[] = []
  const formats: readonly string[] = formatsOf[transcode.container]
  if (!formats.includes(made.container.format))
    faults.push(`it is ${made.container.format} and not ${transcode.container}`)
  const pictures = transcode.video === 'drop' ? 0 : Math.min(1, source.video.length)
  if (made.video.length < pictures) faults.push('it has no picture')
  const dropped = tracks?.filter(({ kind, done }) => kind === 'audio' && done === 'dropped').length ?? 0
  const sounds = transcode.audio === 'drop' ? 0 : source.audio.length - dropped
  if (made.audio.length !== sounds) faults.push(`it has ${made.audio.length} sound tracks instead of ${sounds}`)
  if (typeof transcode.audio !== 'string') {
    const { codec } = transcode.audio
    const wrong = made.audio.find((track) => track.codec !== codec)
    if (wrong) faults.push(`its sound is in ${wrong.codec ?? 'an unknown codec'} and not in ${codec}`)
  }
  return faults
}

function pictureFaults(plan: ConvertPlan, made: Probe): string[] {
  const video = codedVideo(plan.transcode)
  const facts = mainVideoOf(made)
  if (facts === undefined || plan.transcode.video === 'drop') return []
  const faults: string[] = []
  const seen = seenSizeOf(facts)
  const { size, render } = plan
  const isOther = (one: number, other: number): boolean => Math.abs(one - other) > Math.max(2, other * 0.005)
  if (size && seen && (isOther(seen.width, size.width) || isOther(seen.height, size.height)))
    faults.push(`it is seen as ${seen.width} × ${seen.height} and not as ${size.width} × ${size.height}`)
  if (!video) return faults
  if (facts.codec !== video.codec)
    faults.push(`its picture is in ${facts.codec ?? 'an unknown codec'} and not in ${video.codec}`)
  if (render?.rotation === 'applied' && facts.rotation !== undefined) faults.push('it is turned twice')
  if (render?.toneMapped && isHdr(facts)) faults.push('it says to be in high dynamic range')
  return faults
}

/** Frames and packets of sound do not end where a cut is asked; what is copied begins and ends with whole groups of them. */
function lengthFaults({ part, transcode }: ConvertPlan, made: Probe): string[] {
  const { durationMs } = made.container
  if (durationMs === undefined) return ['it does not tell how long it is']
  if (part === undefined) return []
  const planned = part.toMs - part.fromMs
  const slack = Math.max(500, planned * 0.01)
  const isCopied = transcode.video === 'copy' && transcode.stretch !== undefined
  // A copied picture begins with an earlier key frame, as far away as its coder liked.
  const isLong = durationMs > planned + slack && !isCopied
  const isShort = durationMs < planned - slack
  return isLong || isShort ? [`it lasts ${seconds(durationMs)} instead of ${seconds(planned)}`] : []
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`
