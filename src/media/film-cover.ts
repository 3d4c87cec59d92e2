import { Frame, type Stream } from 'node-av/lib'
import { MediaError } from '../errors.ts'
import { openDecoder } from './film-reader.ts'

/** Decodes the cover that is attached to a film or sound; the caller frees it. Throws MEDIA_DAMAGED when it is broken. */
export async function decodeCover(stream: Stream, options: { path: string; maxPixels: number }): Promise<Frame> {
  const packet = stream.attachedPic
  if (packet === null) throw new MediaError('NO_PICTURE', ['its cover is empty'])
  const decoder = await openDecoder(stream, options)
  const frame = new Frame()
  frame.alloc()
  try {
    await decoder.sendPacket(packet)
    await decoder.sendPacket(null)
    if (decoder.receiveFrameSync(frame) < 0) throw new MediaError('MEDIA_DAMAGED', ['its cover can not be decoded'])
    return frame
  } catch (error) {
    frame.free()
    throw error
  } finally {
    decoder.freeContext()
  }
}
