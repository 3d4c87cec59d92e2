import { AV_BUFFERSRC_FLAG_KEEP_REF, type AVColorRange, type AVColorSpace, type AVPixelFormat } from 'node-av/constants'
import { type FilterContext, FilterGraph, Frame } from 'node-av/lib'
import { MediaError } from '../../../errors.ts'
import { expectDone } from '../ffmpeg.ts'
import { filterNamed, type Step } from '../graph.ts'
import { bitDepthOf, pixelFormatNameOf } from '../names.ts'

/** What a filter of FFmpeg tells of a pair of frames, by the names of its notes. */
export type PairNotes = Readonly<Record<string, string>>

/** A filter that compares two films. */
export interface PairFilter {
  readonly name: string
  /** Takes the original first; the others take it second. */
  readonly takesReferenceFirst: boolean
  /** Reads lines of more than 8 bit right only where their length is a multiple of this, with nothing between them; shorter ones are mirrored on. */
  readonly lineStep?: number
  /** Of pictures of fewer pixels each is shown as several, or it would divide by 0 and end the process. */
  readonly leastPixels?: number
}

/** Threads that each filter may divide a frame among. */
const threads = 2

/** Filters that each look at the same two frames, made for frames like the first pair. */
export class PairGraph {
  readonly #graph: FilterGraph
  readonly #film: FilterContext
  readonly #reference: FilterContext
  readonly #sinks: readonly FilterContext[]
  readonly #output = new Frame()
  readonly #colour: { readonly range: AVColorRange; readonly space: AVColorSpace }
  #pairs = 0

  private constructor(
    graph: FilterGraph,
    [film, reference]: readonly [FilterContext, FilterContext],
    sinks: readonly FilterContext[],
    { colorRange, colorSpace }: Frame,
  ) {
    this.#colour = { range: colorRange, space: colorSpace }
    this.#graph = graph
    this.#film = film
    this.#reference = reference
    this.#sinks = sinks
    this.#output.alloc()
  }

  /** Builds it. Frames a second matter to XPSNR, which looks at movement. */
  static async open(frame: Frame, filters: readonly PairFilter[], frameRate: number): Promise<PairGraph> {
    const graph = new FilterGraph()
    graph.alloc()
    try {
      graph.nbThreads = threads
      const inputs = [
        sourceFor(graph, 'film', frame, frameRate),
        sourceFor(graph, 'reference', frame, frameRate),
      ] as const
      const splits = inputs.map((input, at) => {
        const split = made(graph.createFilter(filterNamed('split'), `split${at}`, `outputs=${filters.length}`))
        expectDone(input.link(0, split, 0), 'linking a film')
        return split
      })
      const sinks = filters.map(({ name, takesReferenceFirst, ...needs }, at) => {
        const steps = enlarged(frame, needs)
        const filter = made(graph.createFilter(filterNamed(name), `measure${at}`, null))
        const sink = made(graph.createFilter(filterNamed('buffersink'), `out${at}`))
        const [film, reference] = takesReferenceFirst ? [1, 0] : [0, 1]
        for (const [side, input] of [film, reference].entries()) {
          const label = `${name}${at}of${side}`
          const [from, output] = chained(graph, [made(splits[side]), at], steps, label)
          expectDone(from.link(output, filter, input), `linking ${name}`)
        }
        expectDone(filter.link(0, sink, 0), `linking ${name}`)
        return sink
      })
      expectDone(await graph.config(), 'configuring the comparison')
      return new PairGraph(graph, inputs, sinks, frame)
    } catch (error) {
      graph.free()
      throw error
    }
  }

  /** Compares two frames, which stay the caller's; the notes of each filter in their order. */
  async compare(film: Frame, reference: Frame): Promise<PairNotes[]> {
    const pts = BigInt(this.#pairs++)
    for (const [source, frame] of [
      [this.#film, film],
      [this.#reference, reference],
    ] as const) {
      frame.pts = pts
      // Both are told to be of one kind, or a filter would bring one to the other once more.
      frame.colorRange = this.#colour.range
      frame.colorSpace = this.#colour.space
      expectDone(source.buffersrcAddFrameSync(frame, AV_BUFFERSRC_FLAG_KEEP_REF), 'comparing frames')
    }
    const notes: PairNotes[] = []
    for (const sink of this.#sinks) {
      expectDone(await sink.buffersinkGetFrame(this.#output), 'comparing frames')
      using told = this.#output.getMetadata()
      notes.push(told.getAll())
      this.#output.unref()
    }
    return notes
  }

  /** Frees the filters. */
  close(): void {
    this.#output.free()
    this.#graph.free()
  }
}

/** What makes pictures as a filter needs them: pixels are repeated, lines are mirrored on, or moved together. */
function enlarged(
  { width, height, format }: Frame,
  { lineStep, leastPixels = 0 }: Pick<PairFilter, 'lineStep' | 'leastPixels'>,
): Step[] {
  const times = Math.ceil(Math.sqrt(leastPixels / (width * height)))
  const wide = width * Math.max(1, times)
  const repeated: Step[] = times > 1 ? [['scale', `w=${wide}:h=${height * times}:flags=neighbor`]] : []
  if (lineStep === undefined || bitDepthOf(pixelFormatNameOf(format) ?? '') <= 8) return repeated
  const missing = Math.ceil(wide / lineStep) * lineStep - wide
  // Decoders leave room behind lines as it suits them: dav1d up to a multiple of 128 pixels.
  if (missing === 0) return [...repeated, ['copy']]
  return [...repeated, ['pad', `w=${wide + missing}:h=ih`], ['fillborders', `right=${missing}:mode=mirror`]]
}

/** Puts filters behind an output of another; gives the output of the last. */
function chained(
  graph: FilterGraph,
  start: readonly [FilterContext, number],
  steps: readonly Step[],
  label: string,
): readonly [FilterContext, number] {
  return steps.reduce<readonly [FilterContext, number]>(([from, output], [name, options], at) => {
    const filter = made(graph.createFilter(filterNamed(name), `${label}step${at}`, options ?? null))
    expectDone(from.link(output, filter, 0), `linking ${name}`)
    return [filter, 0]
  }, start)
}

function sourceFor(graph: FilterGraph, name: string, frame: Frame, frameRate: number): FilterContext {
  const source = made(graph.allocFilter(filterNamed('buffer'), name))
  const rate = { num: Math.max(1, Math.round(frameRate * 1000)), den: 1000 }
  const code = source.buffersrcParametersSet({
    width: frame.width,
    height: frame.height,
    format: frame.format as AVPixelFormat,
    timeBase: { num: rate.den, den: rate.num },
    frameRate: rate,
    sampleAspectRatio: { num: 1, den: 1 },
    colorRange: frame.colorRange,
    colorSpace: frame.colorSpace,
  })
  expectDone(code, 'describing a frame')
  expectDone(source.initStr(null), 'preparing a filter')
  return source
}

function made(filter: FilterContext | null | undefined): FilterContext {
  if (filter === null || filter === undefined) throw new MediaError('INTERNAL', ['there is no memory for a filter'])
  return filter
}
