import './svt-log.ts'
import {
  AV_PIX_FMT_NV12,
  AV_PIX_FMT_VAAPI,
  AV_PIX_FMT_YUV420P,
  AVERROR_EOF,
  FF_HWDEVICE_TYPE_CUDA,
  FF_HWDEVICE_TYPE_QSV,
  FF_HWDEVICE_TYPE_VAAPI,
  FF_HWDEVICE_TYPE_VIDEOTOOLBOX,
} from 'node-av/constants'
import {
  avChannelLayoutDefault,
  Codec,
  CodecContext,
  Dictionary,
  Frame,
  HardwareDeviceContext,
  HardwareFramesContext,
  Packet,
  Rational,
} from 'node-av/lib'
import { expectDone, reasonOf } from './ffmpeg.ts'

/** FFmpeg's numbers of them. */
export const devices = {
  cuda: FF_HWDEVICE_TYPE_CUDA,
  qsv: FF_HWDEVICE_TYPE_QSV,
  vaapi: FF_HWDEVICE_TYPE_VAAPI,
  videotoolbox: FF_HWDEVICE_TYPE_VIDEOTOOLBOX,
}

/** Kinds of graphics cards by the name of their interface. */
export type Device = keyof typeof devices

// Smaller pictures are refused by some hardware.
const [width, height] = [320, 192]

/** Encodes a moment of grey or silence with an encoder; tells why that failed, and nothing when it worked. */
export async function faultOf(name: string, device?: Device): Promise<string | undefined> {
  // The type lists the encoders that are compiled in; a name that is not among them gives null.
  const codec = Codec.findEncoderByName(name as never)
  if (codec === null) return 'it is not part of this FFmpeg'
  const trial = new Trial(codec)
  try {
    return await trial.run(device)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    trial.free()
  }
}

class Trial {
  readonly #codec: Codec
  readonly #encoder = new CodecContext()
  readonly #frame = new Frame()
  readonly #packet = new Packet()
  #device: HardwareDeviceContext | undefined
  #frames: HardwareFramesContext | undefined

  constructor(codec: Codec) {
    this.#codec = codec
    this.#encoder.allocContext3(codec)
    this.#frame.alloc()
    this.#packet.alloc()
  }

  async run(device: Device | undefined): Promise<string | undefined> {
    if (device !== undefined) {
      this.#device = new HardwareDeviceContext()
      const code = this.#device.create(HardwareDeviceContext.findTypeByName(devices[device]))
      if (code < 0) return `there is no ${device} device (${reasonOf(code)})`
    }
    const isSound = this.#codec.sampleFormats !== null
    if (isSound) this.#describeSound()
    else this.#describePicture(device)
    const opened = await this.#encoder.open2(this.#codec, Dictionary.fromObject(quiet[this.#codec.name ?? ''] ?? {}))
    if (opened < 0) return reasonOf(opened)
    if (isSound) this.#fillSilence()
    else await this.#fillGrey(device)
    return await this.#encode()
  }

  free(): void {
    this.#packet.free()
    this.#frame.free()
    this.#encoder.freeContext()
    this.#frames?.free()
    this.#device?.free()
  }

  #describePicture(device: Device | undefined): void {
    const encoder = this.#encoder
    encoder.width = width
    encoder.height = height
    encoder.timeBase = new Rational(1, 25)
    encoder.pixelFormat = device === undefined ? AV_PIX_FMT_YUV420P : AV_PIX_FMT_NV12
    encoder.threadCount = 1
    if (this.#device !== undefined) encoder.hwDeviceCtx = this.#device
    // Only this one takes nothing but pictures that are on the card already.
    if (device !== 'vaapi' || this.#device === undefined) return
    const frames = new HardwareFramesContext()
    this.#frames = frames
    frames.alloc(this.#device)
    frames.format = AV_PIX_FMT_VAAPI
    frames.swFormat = AV_PIX_FMT_NV12
    frames.width = width
    frames.height = height
    frames.initialPoolSize = 4
    expectDone(frames.init(), 'reserving pictures on the card')
    encoder.pixelFormat = AV_PIX_FMT_VAAPI
    encoder.hwFramesCtx = frames
  }

  #describeSound(): void {
    const [sampleFormat] = this.#codec.sampleFormats ?? []
    if (sampleFormat !== undefined) this.#encoder.sampleFormat = sampleFormat
    this.#encoder.sampleRate = 48_000
    this.#encoder.channelLayout = avChannelLayoutDefault(2)
    this.#encoder.timeBase = new Rational(1, 48_000)
  }

  async #fillGrey(device: Device | undefined): Promise<void> {
    const frame = this.#frame
    frame.width = width
    frame.height = height
    frame.format = device === undefined ? AV_PIX_FMT_YUV420P : AV_PIX_FMT_NV12
    expectDone(frame.allocBuffer(), 'taking memory')
    for (const plane of frame.data ?? []) plane.fill(128)
    frame.pts = 0n
    if (this.#frames === undefined) return
    const onCard = new Frame()
    onCard.alloc()
    expectDone(this.#frames.getBuffer(onCard), 'taking a picture on the card')
    expectDone(await this.#frames.transferData(onCard, frame), 'copying to the card')
    onCard.pts = 0n
    frame.unref()
    frame.ref(onCard)
    onCard.free()
  }

  #fillSilence(): void {
    const frame = this.#frame
    frame.format = this.#encoder.sampleFormat
    frame.nbSamples = this.#encoder.frameSize || 1024
    frame.sampleRate = this.#encoder.sampleRate
    frame.channelLayout = this.#encoder.channelLayout
    expectDone(frame.allocBuffer(), 'taking memory')
    for (const plane of frame.data ?? []) plane.fill(0)
    frame.pts = 0n
  }

  async #encode(): Promise<string | undefined> {
    for (const frame of [this.#frame, null]) {
      const sent = await this.#encoder.sendFrame(frame)
      if (sent < 0) return reasonOf(sent)
    }
    const received = await this.#encoder.receivePacket(this.#packet)
    if (received < 0) return received === AVERROR_EOF ? 'it wrote nothing' : reasonOf(received)
    return this.#packet.size > 0 ? undefined : 'it wrote nothing'
  }
}

/** Others have an option for that. */
const quiet: Readonly<Record<string, Record<string, string>>> = {
  libx265: { 'x265-params': 'log-level=none' },
}
