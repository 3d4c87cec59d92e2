import type { AudioPlan, WritableContainer } from '../../media/film/transcode.ts'
import type { AudioFacts } from '../../media/probe.ts'
import { containers, takes } from './containers.ts'
import type { ConvertParams } from './params.ts'
import type { presetOf } from './presets.ts'

type SoundPreset = ReturnType<typeof presetOf>['sound']

/**
 * What becomes of the sound tracks, of all of them alike: they are copied only when every one serves as it is. Nothing to
 * do counts as a copy.
 */
export function soundPlan(
  tracks: readonly AudioFacts[],
  { audio, audioBitRate }: ConvertParams,
  preset: SoundPreset,
  container: WritableContainer,
): AudioPlan | 'copy' | 'drop' {
  if (audio === 'copy' || audio === 'drop') return audio
  if (tracks.length === 0) return 'copy'
  const codec = audio ?? usualCodec(preset, container)
  const isCopied =
    audioBitRate === undefined && tracks.every((track) => servesAsItIs(track, { audio, preset, container, codec }))
  if (isCopied) return 'copy'
  const channels = Math.min(preset.maxChannels ?? 8, Math.max(...tracks.map((track) => track.channels ?? 2)))
  const bitRate = audioBitRate ?? Math.max(...tracks.map((track) => usualBitRate(track, preset, channels)))
  return { codec, bitRate, ...(preset.maxChannels === undefined ? {} : { channels: preset.maxChannels }) }
}

/** The preset's codec where the container takes it. */
function usualCodec({ codec }: SoundPreset, container: WritableContainer): AudioPlan['codec'] {
  const [first = 'aac'] = containers[container].writes.audio
  return codec !== 'copy' && containers[container].writes.audio.includes(codec) ? codec : first
}

/** A quarter more than asked is not worth a second loss. */
const thriftySlack = 1.25

function servesAsItIs(
  track: AudioFacts,
  wish: {
    readonly audio: ConvertParams['audio']
    readonly preset: SoundPreset
    readonly container: WritableContainer
    readonly codec: AudioPlan['codec']
  },
): boolean {
  const { audio, preset, container, codec } = wish
  if (!takes(container, 'audio', track.codec)) return false
  const channels = track.channels ?? 2
  if (preset.maxChannels !== undefined && channels > preset.maxChannels) return false
  const isThriftyEnough =
    track.bitRate !== undefined && track.bitRate <= preset.bitRatePerChannel * channels * thriftySlack
  // Whatever its codec, sound that is small already only loses.
  if (preset.isThrifty && audio === undefined) return isThriftyEnough
  if (preset.codec === 'copy' && audio === undefined) return true
  return track.codec === codec
}

/** Sound without loss has a bit rate of its own that says nothing of what is heard. */
const lossless = /^(?:pcm_|flac|alac|truehd|mlp|ape|wavpack|tta)/

/** Bits a second for a track; one that has few itself does not gain by many. */
function usualBitRate(track: AudioFacts, preset: SoundPreset, channels: number): number {
  const own = Math.min(channels, track.channels ?? channels)
  const usual = preset.bitRatePerChannel * own
  const isLossless = track.codec !== undefined && lossless.test(track.codec)
  if (track.bitRate === undefined || isLossless) return usual
  return Math.min(usual, Math.max(24_000 * own, Math.round(track.bitRate * 1.5)))
}
