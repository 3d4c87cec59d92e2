import type { Size } from './tiles.ts'

/** Where the picture of a stretch of time lies. */
export interface Cue {
  readonly fromMs: number
  readonly toMs: number
  readonly sheet: string
  readonly x: number
  readonly y: number
}

/** WebVTT as players read it for pictures above the time line: each cue names a part of a sheet (Media Fragments). */
export function vttOf(cues: readonly Cue[], { width, height }: Size): string {
  const blocks = cues.map(
    ({ fromMs, toMs, sheet, x, y }) =>
      `${clock(fromMs)} --> ${clock(toMs)}\n${sheet}#xywh=${x},${y},${width},${height}\n`,
  )
  return ['WEBVTT\n', ...blocks].join('\n')
}

/** `00:01:02.345`; hours may have more digits. */
function clock(ms: number): string {
  const whole = Math.round(ms)
  const parts = [Math.floor(whole / 3_600_000), Math.floor(whole / 60_000) % 60, Math.floor(whole / 1000) % 60]
  return `${parts.map((part) => String(part).padStart(2, '0')).join(':')}.${String(whole % 1000).padStart(3, '0')}`
}
