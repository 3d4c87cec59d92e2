import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Frame } from 'node-av/lib'
import { z } from 'zod'
import { MediaError } from '../../../errors.ts'
import { pixelFormatNameOf } from '../names.ts'

let known: Promise<boolean> | undefined

/** Whether the system has an `ffmpeg` with libvmaf, which this program's own has not; looked for once. */
export function hasVmaf(): Promise<boolean> {
  known ??= new Promise((resolve) => {
    execFile('ffmpeg', ['-hide_banner', '-filters'], { timeout: 20_000, maxBuffer: 4_000_000 }, (error, stdout) => {
      resolve(error === null && /^\s*\S+\s+libvmaf\s/m.test(stdout))
    })
  })
  return known
}

/** How VMAF is measured with a system's `ffmpeg`: both films go there as one row of raw frames, taken in turns. */
export class VmafPipe {
  readonly #child: ChildProcess
  readonly #folder: string
  readonly #signal: AbortSignal
  readonly #end: Promise<number | null>
  readonly #stop = () => this.#child.kill('SIGKILL')
  #said = ''

  private constructor(child: ChildProcess, folder: string, signal: AbortSignal) {
    this.#child = child
    this.#folder = folder
    this.#signal = signal
    signal.addEventListener('abort', this.#stop)
    this.#end = new Promise((resolve) => {
      child.once('error', () => resolve(null))
      child.once('close', (code) => resolve(code))
    })
    // What it says is of use only when it fails.
    child.stderr?.on('data', (text: Buffer) => {
      this.#said = (this.#said + text.toString()).slice(-2000)
    })
    // Its end is looked at; that its input is closed then is no news.
    child.stdin?.on('error', () => {})
  }

  /** Starts it for frames like this one; it ends when the signal fires. Throws TOOL_MISSING. */
  static async open(frame: Frame, frameRate: number, signal: AbortSignal): Promise<VmafPipe> {
    if (!(await hasVmaf())) throw new MediaError('TOOL_MISSING', ['an ffmpeg with libvmaf'])
    const folder = await mkdtemp(join(tmpdir(), 'mediamill-vmaf-'))
    // Its log is named without a folder, whose path might hold what a filter's options can not.
    const child = spawn('ffmpeg', argumentsFor(frame, frameRate), {
      cwd: folder,
      stdio: ['pipe', 'ignore', 'pipe'],
    })
    return new VmafPipe(child, folder, signal)
  }

  /** Gives it a pair of frames; they are copied. */
  async take(film: Frame, reference: Frame): Promise<void> {
    await this.#write(reference.toBuffer())
    await this.#write(film.toBuffer())
  }

  /** Waits until all is measured; the scores in the order of the pairs. */
  async scores(): Promise<number[]> {
    this.#child.stdin?.end()
    const code = await this.#end
    this.#signal.throwIfAborted()
    const log = code === 0 ? await readFile(join(this.#folder, logFile), 'utf8').catch(() => '') : ''
    const read = logSchema.safeParse(log === '' ? undefined : JSON.parse(log))
    if (!read.success) throw new MediaError('INTERNAL', [`measuring VMAF failed: ${lastLine(this.#said)}`])
    return read.data.frames.map(({ metrics }) => metrics.vmaf)
  }

  /** Ends it, wherever it is, and clears up. */
  async close(): Promise<void> {
    this.#signal.removeEventListener('abort', this.#stop)
    this.#stop()
    await this.#end
    await rm(this.#folder, { recursive: true, force: true })
  }

  async #write(data: Buffer): Promise<void> {
    const { stdin } = this.#child
    if (stdin === null || stdin.destroyed || stdin.write(data)) return
    // A child that has ended takes nothing any more.
    const control = new AbortController()
    await Promise.race([once(stdin, 'drain', { signal: control.signal }).catch(() => {}), this.#end])
    control.abort()
  }
}

const logFile = 'vmaf.json'
const logSchema = z.object({ frames: z.array(z.object({ metrics: z.object({ vmaf: z.number() }) })) })

/** Formats that libvmaf takes; others are brought to the usual one. */
const taken = /^yuv4(?:20|22|44)p(?:1[02]le)?$/

function argumentsFor(frame: Frame, frameRate: number): string[] {
  const format = pixelFormatNameOf(frame.format) ?? 'yuv420p'
  const prepared = taken.test(format) ? '' : 'format=yuv420p,'
  const graph = [
    `[0:v]${prepared}split[one][other]`,
    "[one]select='not(mod(n,2))',setpts=N/TB[reference]",
    "[other]select='mod(n,2)',setpts=N/TB[film]",
    `[film][reference]libvmaf=log_fmt=json:log_path=${logFile}:n_threads=2`,
  ]
  return [
    ...['-hide_banner', '-loglevel', 'error', '-nostats'],
    ...['-f', 'rawvideo', '-pixel_format', format, '-video_size', `${frame.width}x${frame.height}`],
    ...['-framerate', String(frameRate * 2), '-i', 'pipe:0', '-filter_complex', graph.join(';'), '-f', 'null', '-'],
  ]
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) || 'ffmpeg ended without a word'
