import { AV_BUFFERSRC_FLAG_KEEP_REF, type AVPixelFormat } from 'node-av/constants'
import { Filter, FilterGraph, Frame } from 'node-av/lib'
import { MediaError } from '../../errors.ts'
import { expectDone } from './ffmpeg.ts'

/** A filter of FFmpeg with its options as FFmpeg writes them. */
export type Step = readonly [filter: string, options?: string]

/** Sends one frame through filters, one after the other; the input stays as it is, the caller frees the output. */
export async function filterFrame(frame: Frame, steps: readonly Step[]): Promise<Frame> {
  const graph = new FilterGraph()
  graph.alloc()
  const output = new Frame()
  output.alloc()
  try {
    graph.nbThreads = 1
    const source = graph.allocFilter(filterNamed('buffer'), 'in')
    if (source === null) throw new MediaError('INTERNAL', ['there is no memory for a filter'])
    expectDone(source.buffersrcParametersSet(describe(frame)), 'describing a frame')
    expectDone(source.initStr(null), 'preparing a filter')
    const sink = graph.createFilter(filterNamed('buffersink'), 'out')
    let last = source
    for (const [at, [name, options]] of steps.entries()) {
      const next = graph.createFilter(filterNamed(name), `${name}${at}`, options ?? null)
      if (next === null) throw new MediaError('INTERNAL', [`the filter ${name} does not take ${options}`])
      expectDone(last.link(0, next, 0), `linking ${name}`)
      last = next
    }
    if (sink === null) throw new MediaError('INTERNAL', ['there is no memory for a filter'])
    expectDone(last.link(0, sink, 0), 'linking filters')
    expectDone(await graph.config(), 'configuring filters')
    expectDone(await source.buffersrcAddFrame(frame, AV_BUFFERSRC_FLAG_KEEP_REF), 'filtering a frame')
    // Some filters wait for a next frame to compare with.
    expectDone(await source.buffersrcAddFrame(null), 'filtering a frame')
    expectDone(await sink.buffersinkGetFrame(output), 'filtering a frame')
    return output
  } catch (error) {
    output.free()
    throw error
  } finally {
    graph.free()
  }
}

const describe = (frame: Frame) => ({
  width: frame.width,
  height: frame.height,
  format: frame.format as AVPixelFormat,
  timeBase: { num: 1, den: 1000 },
  sampleAspectRatio: { num: 1, den: 1 },
  colorRange: frame.colorRange,
  colorSpace: frame.colorSpace,
})

function filterNamed(name: string): Filter {
  const filter = Filter.getByName(name)
  if (filter === null) throw new MediaError('INTERNAL', [`this FFmpeg has no filter ${name}`])
  return filter
}
