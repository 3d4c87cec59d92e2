import { AV_PKT_DATA_DYNAMIC_HDR10_PLUS, AVCOL_TRC_SMPTE2084 } from 'node-av/constants'
import { type FormatContext, Packet, type Stream } from 'node-av/lib'
import { MiB } from '../../units.ts'
import { tellOfPacket } from './setup/spare-decoding.ts'
import { msOf } from './time.ts'

/** What the first packets of a video track tell, beyond its header. */
export interface Pace {
  /** Whether frames follow each other at uneven distances; absent when too few were seen. */
  readonly isVariable?: boolean
  /** Frames a second by the usual distance; absent when too few were seen. */
  readonly usualRate?: number
  readonly hasHdr10Plus: boolean
}

/**
 * Reads the first packets of a video track, most of which FFmpeg holds already since it read the streams' facts. It leaves
 * the reading place behind them: seek before frames are taken.
 */
export function readPace(context: FormatContext, stream: Stream): Pace {
  const mayBeHdr10Plus = stream.codecpar.colorTrc === AVCOL_TRC_SMPTE2084
  const { streams } = context
  const packet = new Packet()
  packet.alloc()
  const begun = new Set<number>()
  const times: number[] = []
  let hasHdr10Plus = false
  let bytes = 0
  let isCut = true
  try {
    for (let packets = 0; packets < maxPackets && times.length < maxFrames && bytes < maxBytes; packets++) {
      isCut = context.readFrameSync(packet) >= 0
      if (!isCut) break
      bytes += packet.size
      const { streamIndex } = packet
      const track = begun.has(streamIndex) ? undefined : streams[streamIndex]
      if (track !== undefined) tellOfPacket(track, packet)
      begun.add(streamIndex)
      if (streamIndex === stream.index) {
        const time = msOf(packet.pts, stream.timeBase)
        if (time !== undefined) times.push(time)
        if (mayBeHdr10Plus) hasHdr10Plus ||= carriesHdr10Plus(packet)
      }
      packet.unref()
    }
  } finally {
    packet.free()
  }
  return { ...paceOf(times, isCut, msOf(1n, stream.timeBase) ?? 1), hasHdr10Plus }
}

const maxPackets = 400
const maxFrames = 60
// The pace of the first second is enough; a film of 100 MB a second must not be read for it.
const maxBytes = 2 * MiB

/** A frame that is this much early or late is uneven; less comes from rounding and from cameras' clocks. */
const tolerance = 0.02
/** Stamps that were once rounded to milliseconds are off by up to one. */
const clockNoiseMs = 1.01
/** More uneven distances than this make a rhythm; fewer are dropped frames. */
const unevenShare = 0.05

function paceOf(
  stamps: readonly number[],
  isCut: boolean,
  tickMs: number,
): { isVariable?: boolean; usualRate?: number } {
  // Packets come in the order of decoding: behind the last ones earlier ones may be missing still.
  const sorted = [...stamps].sort((one, other) => one - other).slice(0, isCut ? -8 : undefined)
  const usual = median(distancesOf(sorted))
  if (usual === undefined || usual <= 0) return {}
  // Frames that are only referred to (VP9, AV1) stand right before the one that is shown.
  const times = sorted.filter((time, at) => at === 0 || time - (sorted[at - 1] ?? 0) > usual / 4)
  const distances = distancesOf(times)
  if (distances.length < 4) return {}
  const allowed = Math.max(tickMs * 1.01, clockNoiseMs, usual * tolerance)
  const uneven = distances.filter((distance) => Math.abs(distance - usual) > allowed).length
  const span = (times.at(-1) ?? 0) - (times[0] ?? 0)
  return {
    isVariable: uneven > distances.length * unevenShare,
    usualRate: uneven === 0 ? (distances.length * 1000) / span : 1000 / usual,
  }
}

const distancesOf = (times: readonly number[]): number[] => times.slice(1).map((time, at) => time - (times[at] ?? time))

const median = (values: readonly number[]): number | undefined =>
  [...values].sort((one, other) => one - other)[values.length >> 1]

/** The beginning of an HDR10+ message (ITU-T T.35, Samsung, ST 2094-40), the same in HEVC and AV1. */
const hdr10PlusMark = Buffer.from([0xb5, 0x00, 0x3c, 0x00, 0x01, 0x04])

function carriesHdr10Plus(packet: Packet): boolean {
  if (packet.getSideData(AV_PKT_DATA_DYNAMIC_HDR10_PLUS) !== null) return true
  // The message stands before the picture's own bytes.
  return packet.data?.subarray(0, 4096).includes(hdr10PlusMark) ?? false
}
