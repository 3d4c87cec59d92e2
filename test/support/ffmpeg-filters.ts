import {
  AV_LOG_QUIET,
  AV_PIX_FMT_GRAY8,
  AVCOL_RANGE_JPEG,
  AVCOL_SPC_UNSPECIFIED,
  type AVPixelFormat,
} from 'node-av/constants'
import { FFmpegError, Filter, FilterGraph, Frame, Log, Rational } from 'node-av/lib'
import type { Pixels } from '../../src/media/picture.ts'

Log.setLevel(AV_LOG_QUIET)

/** What a filter of FFmpeg that compares two grey pictures notes of them, such as `lavfi.ssim.Y`. */
export async function filtered(name: string, note: string, one: Pixels, other: Pixels): Promise<number> {
  using graph = new FilterGraph()
  graph.alloc()
  graph.nbThreads = 1
  const filter = (kind: string, as: string) => {
    const found = Filter.getByName(kind)
    const made = found && graph.allocFilter(found, as)
    if (!made) throw new Error(`no filter ${kind}`)
    return made
  }
  const sources = [filter('buffer', 'one'), filter('buffer', 'other')]
  const comparing = filter(name, 'comparing')
  FFmpegError.throwIfError(comparing.initStr(null), 'init')
  const sink = filter('buffersink', 'sink')
  for (const [index, source] of sources.entries()) {
    source.buffersrcParametersSet({
      width: one.width,
      height: one.height,
      format: AV_PIX_FMT_GRAY8 as AVPixelFormat,
      timeBase: { num: 1, den: 25 },
      colorRange: AVCOL_RANGE_JPEG,
      colorSpace: AVCOL_SPC_UNSPECIFIED,
    })
    FFmpegError.throwIfError(source.initStr(null), 'init')
    FFmpegError.throwIfError(source.link(0, comparing, index), 'link')
  }
  FFmpegError.throwIfError(sink.initStr(null), 'init')
  FFmpegError.throwIfError(comparing.link(0, sink, 0), 'link')
  FFmpegError.throwIfError(await graph.config(), 'config')
  for (const [index, pixels] of [one, other].entries()) {
    using frame = frameOf(pixels)
    FFmpegError.throwIfError((await sources[index]?.buffersrcAddFrame(frame)) ?? -1, 'add')
    FFmpegError.throwIfError((await sources[index]?.buffersrcAddFrame(null)) ?? -1, 'end')
  }
  using result = new Frame()
  result.alloc()
  FFmpegError.throwIfError(await sink.buffersinkGetFrame(result), 'get')
  return Number(result.getMetadata().get(note))
}

function frameOf({ data, width, height }: Pixels): Frame {
  const frame = new Frame()
  frame.alloc()
  frame.format = AV_PIX_FMT_GRAY8
  frame.width = width
  frame.height = height
  frame.colorRange = AVCOL_RANGE_JPEG
  frame.timeBase = new Rational(1, 25)
  frame.pts = 0n
  FFmpegError.throwIfError(frame.getBuffer(0), 'buffer')
  const [plane, stride = 0] = [frame.data?.[0], frame.linesize[0]]
  for (let y = 0; plane && y < height; y++) data.copy(plane, y * stride, y * width, (y + 1) * width)
  return frame
}
