import { AV_BUFFERSRC_FLAG_KEEP_REF, type AVPixelFormat, type AVSampleFormat } from 'node-av/constants'
import { avGetSampleFmtName, Filter, type FilterContext, FilterGraph, Frame } from 'node-av/lib'
import { MediaError } from '../../errors.ts'
import { expectDone } from './ffmpeg.ts'

/** A filter of FFmpeg with its options as FFmpeg writes them. */
export type Step = readonly [filter: string, options?: string]

/** Sends one frame through filters, one after the other; the input stays as it is, the caller frees the output. */
export async function filterFrame(frame: Frame, steps: readonly Step[]): Promise<Frame> {
  const chain = FilterChain.open(frame, steps)
  const output = new Frame()
  output.alloc()
  try {
    chain.push(frame)
    // Some filters wait for a next frame to compare with.
    chain.push(null)
    expectDone(await chain.pull(output), 'filtering a frame')
    return output
  } catch (error) {
    output.free()
    throw error
  } finally {
    chain.close()
  }
}

/**
 * Filters in a row, through which pictures or sound flow; made for frames like the first one. Sound is filtered at once: that is
 * faster than to hand it to another thread.
 */
export class FilterChain {
  readonly #graph: FilterGraph
  readonly #source: FilterContext
  readonly #sink: FilterContext
  readonly #kind: string
  readonly #isSound: boolean

  private constructor(graph: FilterGraph, source: FilterContext, sink: FilterContext, first: Frame) {
    this.#graph = graph
    this.#source = source
    this.#sink = sink
    this.#kind = kindOf(first)
    this.#isSound = isSound(first)
  }

  /** Builds it; frames have their time stamps in seconds of this base, milliseconds when left out. */
  static open(
    first: Frame,
    steps: readonly Step[],
    timeBase: { num: number; den: number } = { num: 1, den: 1000 },
  ): FilterChain {
    const graph = new FilterGraph()
    graph.alloc()
    try {
      graph.nbThreads = 1
      const isOfSound = isSound(first)
      const source = graph.allocFilter(filterNamed(isOfSound ? 'abuffer' : 'buffer'), 'in')
      const sink = graph.createFilter(filterNamed(isOfSound ? 'abuffersink' : 'buffersink'), 'out')
      if (source === null || sink === null) throw new MediaError('INTERNAL', ['there is no memory for a filter'])
      if (!isOfSound) expectDone(source.buffersrcParametersSet(pictureOf(first, timeBase)), 'describing a frame')
      expectDone(source.initStr(isOfSound ? soundOf(first, timeBase) : null), 'preparing a filter')
      let last = source
      for (const [at, [name, options]] of steps.entries()) {
        const next = graph.createFilter(filterNamed(name), `${name}${at}`, options ?? null)
        if (next === null) throw new MediaError('INTERNAL', [`the filter ${name} does not take ${options}`])
        expectDone(last.link(0, next, 0), `linking ${name}`)
        last = next
      }
      expectDone(last.link(0, sink, 0), 'linking filters')
      // At once: to hand it to another thread takes as long.
      expectDone(graph.configSync(), 'configuring filters')
      return new FilterChain(graph, source, sink, first)
    } catch (error) {
      graph.free()
      throw error
    }
  }

  /** Whether a frame is of the kind that the chain was made for. */
  takes(frame: Frame): boolean {
    return kindOf(frame) === this.#kind
  }

  /** Gives it a frame, which stays the caller's; null when there is none any more. The work is done by `pull`. */
  push(frame: Frame | null): void {
    const flags = frame === null ? undefined : AV_BUFFERSRC_FLAG_KEEP_REF
    expectDone(this.#source.buffersrcAddFrameSync(frame, flags), 'filtering a frame')
  }

  /** Takes what comes out into a frame, which must be empty; negative when there is nothing now. */
  async pull(into: Frame): Promise<number> {
    return this.#isSound ? this.pullSync(into) : await this.#sink.buffersinkGetFrame(into)
  }

  /** As `pull`, for filters that take less time than handing the frame to another thread. */
  pullSync(into: Frame): number {
    return this.#sink.buffersinkGetFrameSync(into)
  }

  /** Frees the filters. */
  close(): void {
    this.#graph.free()
  }
}

const isSound = (frame: Frame): boolean => frame.width === 0

function kindOf(frame: Frame): string {
  if (isSound(frame)) return [frame.format, frame.sampleRate, layoutOf(frame)].join(' ')
  return [frame.format, frame.width, frame.height, frame.colorRange, frame.colorSpace].join(' ')
}

const pictureOf = (frame: Frame, timeBase: { num: number; den: number }) => ({
  width: frame.width,
  height: frame.height,
  format: frame.format as AVPixelFormat,
  timeBase,
  sampleAspectRatio: { num: 1, den: 1 },
  colorRange: frame.colorRange,
  colorSpace: frame.colorSpace,
})

const soundOf = (frame: Frame, { num, den }: { num: number; den: number }): string =>
  [
    `sample_rate=${frame.sampleRate}`,
    `sample_fmt=${avGetSampleFmtName(frame.format as AVSampleFormat)}`,
    `channel_layout=${layoutOf(frame)}`,
    `time_base=${num}/${den}`,
  ].join(':')

/** As FFmpeg reads it: a mask of places, or how many channels where their places are not told. */
function layoutOf({ channelLayout: { mask, nbChannels } }: Frame): string {
  return mask === 0n ? `${nbChannels}c` : `0x${mask.toString(16)}`
}

/** A filter of this FFmpeg by its name. */
export function filterNamed(name: string): Filter {
  const filter = Filter.getByName(name)
  if (filter === null) throw new MediaError('INTERNAL', [`this FFmpeg has no filter ${name}`])
  return filter
}
