import { AV_DISPOSITION_ATTACHED_PIC, AVMEDIA_TYPE_ATTACHMENT } from 'node-av/constants'
import { Dictionary, type Packet, type Stream } from 'node-av/lib'
import { expectDone } from '../ffmpeg.ts'
import { codecNameOf } from '../names.ts'
import type { Line, Shared } from './shared.ts'
import type { WriterTrack } from './writer.ts'

/** Pictures that containers hold as covers, and how files of them are called. */
const files: Readonly<Record<string, { readonly name: string; readonly type: string }>> = {
  mjpeg: { name: 'cover.jpg', type: 'image/jpeg' },
  png: { name: 'cover.png', type: 'image/png' },
}

/** Whether a picture can be a cover of a new film. */
export const isCover = (stream: Stream): boolean => Object.hasOwn(files, codecNameOf(stream.codecpar) ?? '')

/** A cover on its way: it comes before all else. */
export class CoverLine implements Line {
  readonly stream: Stream
  readonly isOver = true
  readonly #shared: Shared
  readonly #track: WriterTrack
  readonly #holds: 'track' | 'file'

  constructor(shared: Shared, stream: Stream, track: WriterTrack, holds: 'track' | 'file') {
    this.#shared = shared
    this.stream = stream
    this.#track = track
    this.#holds = holds
  }

  async take(packet: Packet): Promise<void> {
    if (this.#track.isKnown) return
    const data = Buffer.from(packet.data ?? [])
    const isTrack = this.#holds === 'track'
    this.#track.become({
      timeBase: this.stream.timeBase,
      describe: (made) => (isTrack ? this.#describeTrack(made) : this.#describeFile(made, data)),
    })
    if (isTrack) {
      packet.pts = 0n
      packet.dts = 0n
      packet.duration = 0n
      await this.#track.write(packet)
    } else {
      this.#track.packets = 1
      this.#track.bytes = data.length
    }
    await this.#shared.writer.begin()
  }

  async end(): Promise<void> {}

  async close(): Promise<void> {}

  #describeTrack(made: Stream): void {
    expectDone(this.stream.codecpar.copy(made.codecpar), 'describing a cover')
    made.codecpar.codecTag = 0
    made.disposition = AV_DISPOSITION_ATTACHED_PIC
  }

  #describeFile(made: Stream, data: Buffer): void {
    const { name = 'cover.jpg', type = 'image/jpeg' } = files[codecNameOf(this.stream.codecpar) ?? ''] ?? {}
    made.codecpar.codecType = AVMEDIA_TYPE_ATTACHMENT
    made.codecpar.codecId = this.stream.codecpar.codecId
    made.codecpar.extradata = data
    made.metadata = Dictionary.fromObject({ filename: name, mimetype: type })
  }
}
