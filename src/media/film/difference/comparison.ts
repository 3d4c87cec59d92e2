import type { Frame } from 'node-av/lib'
import type { Metric } from '../difference.ts'
import { Brought } from './brought.ts'
import { measures } from './measures.ts'
import { PairGraph } from './pair-graph.ts'
import type { FramePair } from './pairs.ts'
import type { Side } from './side.ts'
import { stepsTo, type Target } from './target.ts'
import { VmafPipe } from './vmaf.ts'

/** Measures pairs of frames; however many measures are asked for, each frame is brought to the target once. */
export class Comparison {
  readonly #film: Brought
  readonly #reference: Brought
  readonly #frameRate: number
  readonly #own: readonly (keyof typeof measures)[]
  readonly #hasVmaf: boolean
  readonly #signal: AbortSignal
  #graph: PairGraph | undefined
  #vmaf: VmafPipe | undefined
  #shown: Frame | undefined

  constructor(film: Side, reference: Side, target: Target, metrics: readonly Metric[], signal: AbortSignal) {
    this.#signal = signal
    this.#film = new Brought((frame) => stepsTo(target, film, frame))
    this.#reference = new Brought((frame) => stepsTo(target, reference, frame))
    this.#frameRate = reference.frameRate
    this.#own = (Object.keys(measures) as (keyof typeof measures)[]).filter((metric) => metrics.includes(metric))
    this.#hasVmaf = metrics.includes('vmaf')
  }

  /** The measures of a pair, without VMAF, which is there in the end. */
  async take({ film, reference, isSameFilm }: FramePair): Promise<Partial<Record<Metric, number>>> {
    const original = await this.#reference.take(reference.frame)
    if (!isSameFilm || this.#shown === undefined) this.#shown = await this.#film.take(film.frame)
    const frame = this.#shown
    if (this.#hasVmaf) {
      this.#vmaf ??= await VmafPipe.open(original, this.#frameRate, this.#signal)
      await this.#vmaf.take(frame, original)
    }
    if (this.#own.length === 0) return {}
    this.#graph ??= await PairGraph.open(
      original,
      this.#own.map((metric) => measures[metric]),
      this.#frameRate,
    )
    const notes = await this.#graph.compare(frame, original)
    const scores = this.#own.map((metric, at) => [metric, measures[metric].score(notes[at] ?? {})] as const)
    return Object.fromEntries(scores.filter(([, score]) => score !== undefined))
  }

  /** What is known only now: VMAF of each pair, or nothing. */
  async end(): Promise<readonly number[]> {
    return (await this.#vmaf?.scores()) ?? []
  }

  async close(): Promise<void> {
    this.#graph?.close()
    this.#film.close()
    this.#reference.close()
    await this.#vmaf?.close()
  }
}
