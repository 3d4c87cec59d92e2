import { Frame } from 'node-av/lib'
import type { Stretch } from '../../film.ts'
import { measureFrame } from '../frame-measures.ts'
import { FilterChain, type Step } from '../graph.ts'
import type { FilmReader } from '../reader.ts'
import type { FrameFacts } from '../survey.ts'

/** What was seen in a stretch in which every frame was looked at. */
export interface Watched {
  readonly fromMs: number
  /** When its last frame is over, as far as that is known. */
  readonly toMs: number
  readonly frames: number
  readonly facts: readonly FrameFacts[]
  readonly cuts: readonly number[]
  readonly black: readonly Stretch[]
  readonly frozen: readonly Stretch[]
  /** Frames that are woven of two moments, by which of them comes first, and frames of which it can be told. */
  readonly topFirst: number
  readonly bottomFirst: number
  readonly judged: number
}

/** How it is watched. */
export interface WatchOptions {
  readonly signal: AbortSignal
  /** Facts are taken of a frame when the last ones are so old. */
  readonly factsEveryMs: number
  /** Stops after so many pixels, which is after some frames. */
  readonly mostPixels?: number
  onFrame?(ms: number, frames: number): void
}

/** Shorter ones are part of cutting. */
export const leastBlackMs = 500
/** As FFmpeg has it: a shorter one is a still moment. */
export const leastFrozenMs = 2000

/** Of FFmpeg's own measure of scene changes, 0–100; its own limit. */
const cutFrom = 10
/** How alike frames must be to be the same: FFmpeg's own limit of `freezedetect`. */
const frozenNoise = '-60dB'

const detectors: readonly Step[] = [
  ['idet'],
  ['scdet', 'threshold=0'],
  ['blackdetect', `d=${leastBlackMs / 1000}`],
  ['freezedetect', `n=${frozenNoise}:d=${leastFrozenMs / 1000}`],
]

/** Decodes every frame of a stretch and looks at it with FFmpeg's detectors. */
export async function watch(
  reader: FilmReader,
  { fromMs, toMs }: Stretch,
  { signal, factsEveryMs, mostPixels = Number.POSITIVE_INFINITY, onFrame }: WatchOptions,
): Promise<Watched> {
  const notes = new Notes()
  const facts: FrameFacts[] = []
  const output = new Frame()
  output.alloc()
  let chain: FilterChain | undefined
  let pixels = 0
  let factsMs = Number.NEGATIVE_INFINITY
  const drain = async () => {
    while (chain !== undefined && (await chain.pull(output)) >= 0) {
      notes.read(output)
      output.unref()
    }
  }
  try {
    for await (const { frame, ms, endMs } of reader.framesFrom(Math.max(0, fromMs))) {
      signal.throwIfAborted()
      if (ms > toMs) break
      if (ms < fromMs - 0.5) continue
      if (pixels >= mostPixels) break
      pixels += frame.width * frame.height
      // The detectors are told of a new size by beginning anew.
      if (chain !== undefined && !chain.takes(frame)) {
        chain.push(null)
        await drain()
        chain.close()
        chain = undefined
        notes.breakOff()
      }
      chain ??= FilterChain.open(frame, detectors, { num: 1, den: 1_000_000 })
      frame.pts = BigInt(Math.round(ms * 1000))
      if (ms - factsMs >= factsEveryMs) {
        factsMs = ms
        facts.push({ ms, ...(await measureFrame(frame)), change: 0 })
        notes.wanted.add(Number(frame.pts))
      }
      chain.push(frame)
      await drain()
      notes.endMs = endMs ?? ms
      onFrame?.(ms, notes.frames)
    }
    chain?.push(null)
    await drain()
  } finally {
    output.free()
    chain?.close()
  }
  return notes.result(fromMs, facts)
}

/** Reads what the detectors wrote on the frames. */
class Notes {
  frames = 0
  endMs = 0
  readonly #cuts: number[] = []
  /** Time stamps of the frames whose change is asked for. */
  readonly wanted = new Set<number>()
  readonly #changes = new Map<number, number>()
  readonly #black: Stretch[] = []
  readonly #frozen: Stretch[] = []
  #blackFrom: number | undefined
  #frozenFrom: number | undefined
  #topFirst = 0
  #bottomFirst = 0
  #judged = 0

  read(frame: Frame): void {
    this.frames++
    using notes = frame.getMetadata()
    const told = notes.getAll()
    const ms = Number(frame.pts) / 1000
    const number = (name: string): number | undefined => {
      const value = told[`lavfi.${name}`]
      return value === undefined ? undefined : Number(value)
    }
    if (this.wanted.delete(Number(frame.pts))) this.#changes.set(Number(frame.pts), (number('scd.mafd') ?? 0) / 100)
    if ((number('scd.score') ?? 0) >= cutFrom) this.#cuts.push(ms)
    const blackFrom = number('black_start')
    const blackTo = number('black_end')
    if (blackFrom !== undefined) this.#blackFrom = blackFrom * 1000
    if (blackTo !== undefined) this.#endBlack(blackTo * 1000)
    const frozenFrom = number('freezedetect.freeze_start')
    const frozenTo = number('freezedetect.freeze_end')
    if (frozenFrom !== undefined) this.#frozenFrom = frozenFrom * 1000
    if (frozenTo !== undefined) this.#endFrozen(frozenTo * 1000)
    const weave = told['lavfi.idet.multiple.current_frame']
    if (weave === 'tff') this.#topFirst++
    if (weave === 'bff') this.#bottomFirst++
    if (weave !== undefined && weave !== 'undetermined') this.#judged++
  }

  /** To be called when the detectors begin anew. */
  breakOff(): void {
    this.#endBlack(this.endMs)
    this.#endFrozen(this.endMs)
  }

  result(fromMs: number, facts: readonly FrameFacts[]): Watched {
    this.breakOff()
    return {
      fromMs,
      toMs: this.endMs,
      frames: this.frames,
      facts: facts.map((one) => ({ ...one, change: this.#changes.get(Math.round(one.ms * 1000)) ?? 0 })),
      cuts: this.#cuts,
      black: this.#black.filter((stretch) => stretch.toMs - stretch.fromMs >= leastBlackMs),
      frozen: this.#frozen,
      topFirst: this.#topFirst,
      bottomFirst: this.#bottomFirst,
      judged: this.#judged,
    }
  }

  #endBlack(toMs: number): void {
    if (this.#blackFrom !== undefined) this.#black.push({ fromMs: this.#blackFrom, toMs })
    this.#blackFrom = undefined
  }

  #endFrozen(toMs: number): void {
    if (this.#frozenFrom !== undefined) this.#frozen.push({ fromMs: this.#frozenFrom, toMs })
    this.#frozenFrom = undefined
  }
}
