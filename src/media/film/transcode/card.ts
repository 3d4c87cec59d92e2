import { AV_PIX_FMT_NV12, AV_PIX_FMT_P010LE, AV_PIX_FMT_VAAPI } from 'node-av/constants'
import { type CodecContext, Frame, HardwareDeviceContext, HardwareFramesContext } from 'node-av/lib'
import { type Device, devices, faultOf } from '../encoder-trial.ts'
import { hardwareEncoders } from '../encoders.ts'
import { expectDone } from '../ffmpeg.ts'
import { FilterChain } from '../graph.ts'
import type { VideoPlan } from '../transcode.ts'

/** An encoder of a graphics card. */
export interface CardEncoder {
  /** FFmpeg's name. */
  readonly name: string
  readonly device: Device
}

const found = new Map<string, Promise<CardEncoder | undefined>>()

/** The first encoder of a graphics card that really encodes here; looked for once for each codec. */
export function workingCard(codec: VideoPlan['codec']): Promise<CardEncoder | undefined> {
  const known = found.get(codec) ?? firstWorking(codec)
  found.set(codec, known)
  return known
}

async function firstWorking(codec: string): Promise<CardEncoder | undefined> {
  for (const { name, device } of hardwareEncoders(codec)) {
    if ((await faultOf(name, device)) === undefined) return { name, device }
  }
  return undefined
}

/** How cards are asked for an even quality, by the scale of the processor's encoders, and for their best tools. */
export function cardOptions({ device }: CardEncoder, { rate }: VideoPlan): Record<string, string> {
  if (!('crf' in rate)) return {}
  const crf = String(rate.crf)
  switch (device) {
    case 'cuda':
      return { rc: 'vbr', cq: crf, b: '0', preset: 'p5' }
    case 'qsv':
      return { global_quality: crf }
    case 'vaapi':
      return { rc_mode: 'CQP', qp: crf }
    case 'videotoolbox':
      // From 1, the worst, to 100.
      return { global_quality: String(118 * Math.max(1, 100 - 2 * rate.crf)), flags: '+qscale' }
  }
}

/** A graphics card that is made ready: brings frames into its form, and where it wants that into its memory. */
export class Card {
  readonly #device = new HardwareDeviceContext()
  readonly #kind: Device
  readonly #isDeep: boolean
  readonly #converted = new Frame()
  readonly #uploaded = new Frame()
  #frames: HardwareFramesContext | undefined
  #chain: FilterChain | undefined

  constructor(kind: Device, isDeep: boolean) {
    this.#kind = kind
    this.#isDeep = isDeep
    expectDone(this.#device.create(HardwareDeviceContext.findTypeByName(devices[kind])), 'opening the card')
    this.#converted.alloc()
    this.#uploaded.alloc()
  }

  /** Tells an encoder, which has its size already, what it is given. */
  describe(encoder: CodecContext): void {
    const format = this.#isDeep ? AV_PIX_FMT_P010LE : AV_PIX_FMT_NV12
    encoder.pixelFormat = format
    encoder.hwDeviceCtx = this.#device
    // Only this one takes nothing but pictures that are on the card already.
    if (this.#kind !== 'vaapi') return
    const frames = new HardwareFramesContext()
    this.#frames = frames
    frames.alloc(this.#device)
    frames.format = AV_PIX_FMT_VAAPI
    frames.swFormat = format
    frames.width = encoder.width
    frames.height = encoder.height
    frames.initialPoolSize = 24
    expectDone(frames.init(), 'reserving pictures on the card')
    encoder.pixelFormat = AV_PIX_FMT_VAAPI
    encoder.hwFramesCtx = frames
  }

  /** The frame as the card takes it; it is gone with the next one. */
  async bring(frame: Frame, timeBase: { num: number; den: number }): Promise<Frame> {
    const steps = [['format', `pix_fmts=${this.#isDeep ? 'p010le' : 'nv12'}`]] as const
    this.#chain ??= FilterChain.open(frame, steps, timeBase)
    this.#converted.unref()
    this.#chain.push(frame)
    expectDone(await this.#chain.pull(this.#converted), 'bringing a frame into the form of the card')
    if (this.#frames === undefined) return this.#converted
    this.#uploaded.unref()
    expectDone(this.#frames.getBuffer(this.#uploaded), 'taking a picture on the card')
    expectDone(await this.#frames.transferData(this.#uploaded, this.#converted), 'copying to the card')
    expectDone(this.#uploaded.copyProps(this.#converted), 'copying to the card')
    return this.#uploaded
  }

  /** Frees what is held on the card; the encoder must be freed before. */
  close(): void {
    this.#chain?.close()
    this.#converted.free()
    this.#uploaded.free()
    this.#frames?.free()
    this.#device.free()
  }
}
