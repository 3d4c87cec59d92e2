import { type Device, faultOf } from './encoder-trial.ts'

/** Whether an encoder of films or sound works on this machine, found out by encoding with it. */
export interface EncoderFinding {
  /** FFmpeg's name: `libx264`, `h264_nvenc`, … */
  readonly name: string
  /** What it writes: `h264`, `hevc`, `av1`, `opus`, … */
  readonly codec: string
  readonly hardware: boolean
  readonly works: boolean
  /** Why it does not, as part of a sentence. */
  readonly reason?: string
}

/** Encoders in the order of preference within a codec; those with a device need the graphics card of that kind. */
const candidates: readonly { name: string; codec: string; device?: Device }[] = [
  { name: 'libx264', codec: 'h264' },
  { name: 'libx265', codec: 'hevc' },
  { name: 'libsvtav1', codec: 'av1' },
  { name: 'libvpx-vp9', codec: 'vp9' },
  { name: 'aac', codec: 'aac' },
  { name: 'libopus', codec: 'opus' },
  { name: 'libmp3lame', codec: 'mp3' },
  { name: 'flac', codec: 'flac' },
  ...(['h264', 'hevc', 'av1'] as const).flatMap((codec) => [
    { name: `${codec}_nvenc`, codec, device: 'cuda' as const },
    { name: `${codec}_qsv`, codec, device: 'qsv' as const },
    { name: `${codec}_vaapi`, codec, device: 'vaapi' as const },
    ...(codec === 'av1' ? [] : [{ name: `${codec}_videotoolbox`, codec, device: 'videotoolbox' as const }]),
  ]),
]

/** Encoders of graphics cards that write a codec, the preferred first. */
export const hardwareEncoders = (codec: string): { name: string; device: Device }[] =>
  candidates.flatMap(({ name, codec: written, device }) => (written === codec && device ? [{ name, device }] : []))

/** Encodes a moment of grey or silence with each encoder and tells which of them work; takes about a second. */
export async function probeEncoders(): Promise<EncoderFinding[]> {
  const findings: EncoderFinding[] = []
  for (const { name, codec, device } of candidates) {
    const reason = await faultOf(name, device)
    const found = { name, codec, hardware: device !== undefined, works: reason === undefined }
    findings.push(reason === undefined ? found : { ...found, reason })
  }
  return findings
}
