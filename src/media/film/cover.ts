import { AVSEEK_FLAG_BACKWARD } from 'node-av/constants'
import { type FormatContext, Frame, Packet, type Stream } from 'node-av/lib'
import { MediaError } from '../../errors.ts'
import { type DecoderOptions, openDecoder } from './decoder.ts'

/** Decodes the cover that is attached to a film or sound; the caller frees it. Throws MEDIA_DAMAGED when it is broken. */
export async function decodeCover(context: FormatContext, stream: Stream, options: DecoderOptions): Promise<Frame> {
  const packet = new Packet()
  packet.alloc()
  const frame = new Frame()
  frame.alloc()
  try {
    await readCover(context, stream, packet)
    await decode(stream, packet, frame, options)
    return frame
  } catch (error) {
    frame.free()
    throw error
  } finally {
    packet.free()
  }
}

/** Covers come before all else after a seek; sound files are read a little further for odd ones. */
const maxPackets = 200

/** Reads the cover as a packet of its stream: `stream.attachedPic` of node-av 6.1 ends the process when it is touched. */
async function readCover(context: FormatContext, stream: Stream, packet: Packet): Promise<void> {
  await context.seekFrame(-1, 0n, AVSEEK_FLAG_BACKWARD)
  for (let count = 0; count < maxPackets && (await context.readFrame(packet)) >= 0; count++) {
    if (packet.streamIndex === stream.index) return
    packet.unref()
  }
  throw new MediaError('MEDIA_DAMAGED', ['its cover can not be read'])
}

async function decode(stream: Stream, packet: Packet, frame: Frame, options: DecoderOptions): Promise<void> {
  const decoder = openDecoder(stream, options)
  try {
    await decoder.sendPacket(packet)
    await decoder.sendPacket(null)
    if (decoder.receiveFrameSync(frame) < 0) throw new MediaError('MEDIA_DAMAGED', ['its cover can not be decoded'])
  } finally {
    decoder.freeContext()
  }
}
