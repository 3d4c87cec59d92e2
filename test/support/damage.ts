import { readFileSync, writeFileSync } from 'node:fs'
import { AV_NOPTS_VALUE } from 'node-av/constants'
import { FFmpegError, FormatContext, Packet } from 'node-av/lib'
import { numbersFrom } from './random.ts'

/** A packet of a film and where it lies in the file. */
export interface PlacedPacket {
  readonly stream: number
  /** From the first time stamp of the film. */
  readonly ms: number
  readonly endMs: number
  readonly isKey: boolean
  /** In bytes; −1 where the container does not tell. */
  readonly at: number
  readonly bytes: number
}

/** All packets of a film in the order of the file. */
export async function packetsOf(path: string): Promise<PlacedPacket[]> {
  const found: PlacedPacket[] = []
  await eachPacket(path, (packet, context) => {
    const { num, den } = context.streams[packet.streamIndex]?.timeBase ?? { num: 1, den: 1 }
    const stamp = packet.pts === AV_NOPTS_VALUE ? packet.dts : packet.pts
    const startMs = context.startTime === AV_NOPTS_VALUE ? 0 : Number(context.startTime) / 1000
    const ms = (Number(stamp) * num * 1000) / den - startMs
    const endMs = ms + (Number(packet.duration) * num * 1000) / den
    const at = Number(packet.pos)
    found.push({ stream: packet.streamIndex, ms, endMs, isKey: packet.isKeyframe, at, bytes: packet.size })
  })
  return found
}

/** Writes a copy with some bytes changed: to noise that is the same each time, or to zeros. */
export function overwritten(
  path: string,
  to: string,
  from: number,
  end: number,
  how: 'noise' | 'zeros' = 'noise',
): string {
  const content = readFileSync(path)
  const next = numbersFrom(7)
  for (let at = from; at < end; at++) content[at] = how === 'zeros' ? 0 : Math.floor(next() * 256)
  writeFileSync(to, content)
  return to
}

/** Writes the first bytes of a file as another. */
export function cutOff(path: string, to: string, bytes: number): string {
  writeFileSync(to, readFileSync(path).subarray(0, bytes))
  return to
}

/** Writes a film anew with only those packets that are to be kept. */
export async function withPackets(
  path: string,
  to: string,
  keep: (packet: Packet, ms: number) => boolean,
): Promise<string> {
  const output = new FormatContext()
  FFmpegError.throwIfError(output.allocOutputContext2(null, null, to), 'making a film')
  let isBegun = false
  try {
    await eachPacket(path, async (packet, context) => {
      if (!isBegun) {
        for (const { codecpar, timeBase } of context.streams) {
          const stream = output.newStream()
          FFmpegError.throwIfError(codecpar.copy(stream.codecpar), 'making a film')
          stream.codecpar.codecTag = 0
          stream.timeBase = timeBase
        }
        FFmpegError.throwIfError(await output.openOutput(), 'making a film')
        FFmpegError.throwIfError(await output.writeHeader(null), 'making a film')
        isBegun = true
      }
      const from = context.streams[packet.streamIndex]
      const into = output.streams[packet.streamIndex]
      if (from === undefined || into === undefined) return
      if (!keep(packet, (Number(packet.pts) * from.timeBase.num * 1000) / from.timeBase.den)) return
      packet.rescaleTs(from.timeBase, into.timeBase)
      FFmpegError.throwIfError(await output.interleavedWriteFrame(packet), 'making a film')
    })
    FFmpegError.throwIfError(await output.writeTrailer(), 'making a film')
    await output.closeOutput()
    return to
  } finally {
    output.freeContext()
  }
}

async function eachPacket(path: string, work: (packet: Packet, context: FormatContext) => void | Promise<void>) {
  const context = new FormatContext()
  context.allocContext()
  const packet = new Packet()
  packet.alloc()
  try {
    FFmpegError.throwIfError(await context.openInput(`file:${path}`, null, null), 'reading a film')
    await context.findStreamInfo(null)
    while ((await context.readFrame(packet)) >= 0) {
      await work(packet, context)
      packet.unref()
    }
  } finally {
    packet.free()
    await context.closeInput()
  }
}
