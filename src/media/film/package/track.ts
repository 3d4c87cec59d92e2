import { rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type CodecContext, Dictionary, FormatContext, type Packet, type Stream } from 'node-av/lib'
import { expectDone } from '../ffmpeg.ts'
import { firstFrameEnd } from './boxes.ts'
import { type Bits, mediaPlaylist, type PlaylistEntry } from './playlists.ts'

/** What a track is called and how it is cut. */
export interface TrackOptions {
  readonly folder: string
  /** Its files' names without ending. */
  readonly name: string
  /** No segment is longer. */
  readonly longestMs: number
  /** No group of frames is longer; absent for sound, which has no playlist for winding. */
  readonly longestKeyMs?: number
}

/** What a piece of a track begins. */
export type Cut = 'segment' | 'key'

/**
 * One track of a package: an MP4 file in fragments that grows at its end, and the playlists that name them. A fragment is
 * what lies between two cuts; it is on disk before a playlist names it.
 */
export class Track {
  readonly #options: TrackOptions
  readonly #context: FormatContext
  readonly #encoder: CodecContext
  readonly #stream: Stream
  readonly #segments: PlaylistEntry[] = []
  readonly #keys: PlaylistEntry[] = []
  #headBytes = 0
  /** What is on disk. */
  #bytes = 0
  /** What is being gathered. */
  #fragment: { readonly fromMs: number } | undefined
  #open: PlaylistEntry | undefined

  private constructor(options: TrackOptions, context: FormatContext, encoder: CodecContext) {
    this.#options = options
    this.#context = context
    this.#encoder = encoder
    this.#stream = context.newStream()
  }

  /** Creates the file and describes the track by its opened encoder. */
  static async create(options: TrackOptions, encoder: CodecContext): Promise<Track> {
    const context = new FormatContext()
    expectDone(
      context.allocOutputContext2(null, 'mp4', `file:${join(options.folder, `${options.name}.mp4`)}`),
      'muxing',
    )
    const track = new Track(options, context, encoder)
    try {
      await track.#begin()
      return track
    } catch (error) {
      await track.close()
      throw error
    }
  }

  get mediaFile(): string {
    return `${this.#options.name}.mp4`
  }

  get playlist(): string {
    return `${this.#options.name}.m3u8`
  }

  get windingPlaylist(): string {
    return `${this.#options.name}-iframes.m3u8`
  }

  /** Whether playing can begin. */
  get isPlayable(): boolean {
    return this.#segments.length > 0
  }

  get bits(): Bits {
    return bitsOf(this.#segments)
  }

  get windingBits(): Bits {
    return bitsOf(this.#keys)
  }

  /** Ends the piece before a moment and begins a new one there. */
  async cut(cut: Cut, ms: number): Promise<void> {
    const endsSegment = cut === 'segment'
    await this.#endFragment(ms, endsSegment)
    if (endsSegment && this.#segments.length > 0) await this.#writePlaylists(false)
    this.#fragment = { fromMs: ms }
  }

  /** Adds a packet of the encoder's; it is empty afterwards. */
  async write(packet: Packet): Promise<void> {
    packet.streamIndex = this.#stream.index
    packet.rescaleTs(this.#encoder.timeBase, this.#stream.timeBase)
    expectDone(await this.#context.writeFrame(packet), 'writing a packet')
    packet.unref()
  }

  /** Ends the last piece and completes the playlists. */
  async end(ms: number): Promise<void> {
    await this.#endFragment(ms, true)
    expectDone(await this.#context.writeTrailer(), 'ending a track')
    await this.#writePlaylists(true)
  }

  async close(): Promise<void> {
    await this.#context.closeOutput()
    this.#context.freeContext()
  }

  async #begin(): Promise<void> {
    expectDone(this.#stream.codecpar.fromContext(this.#encoder), 'describing a track')
    this.#stream.timeBase = this.#encoder.timeBase
    this.#stream.avgFrameRate = this.#encoder.framerate
    expectDone(await this.#context.openOutput(), 'creating a file')
    using options = Dictionary.fromObject({
      movflags: 'frag_custom+delay_moov+default_base_moof+skip_trailer',
      avoid_negative_ts: 'disabled',
      // The same film gives the same bytes.
      fflags: '+bitexact',
    })
    expectDone(await this.#context.writeHeader(options), 'beginning a track')
  }

  async #endFragment(ms: number, endsSegment: boolean): Promise<void> {
    const fragment = this.#fragment
    if (fragment === undefined) return
    this.#fragment = undefined
    // The head waits for the first frames, which tell by how much those that come out of turn are late.
    if (this.#headBytes === 0) this.#headBytes = await this.#flush()
    const { fromMs } = fragment
    const offset = this.#bytes
    const entry = { ms: ms - fromMs, offset, bytes: (await this.#flush()) - offset }
    if (this.#options.longestKeyMs !== undefined) {
      const path = join(this.#options.folder, this.mediaFile)
      this.#keys.push({ ...entry, bytes: await firstFrameEnd(path, offset) })
    }
    const open = this.#open
    this.#open = open ? { ms: open.ms + entry.ms, offset: open.offset, bytes: open.bytes + entry.bytes } : entry
    if (!endsSegment) return
    this.#segments.push(this.#open)
    this.#open = undefined
  }

  /** Ends what is being written and brings it to disk; tells how much there is. */
  async #flush(): Promise<number> {
    expectDone(await this.#context.writeFrame(null), 'ending a fragment')
    await this.#context.flush()
    this.#bytes = (await stat(join(this.#options.folder, this.mediaFile))).size
    return this.#bytes
  }

  async #writePlaylists(isComplete: boolean): Promise<void> {
    const { folder, longestMs, longestKeyMs } = this.#options
    const list = { file: this.mediaFile, headBytes: this.#headBytes, isComplete }
    await writeAside(join(folder, this.playlist), mediaPlaylist({ ...list, longestMs, entries: this.#segments }))
    if (longestKeyMs === undefined) return
    const winding = { ...list, longestMs: longestKeyMs, entries: this.#keys, isForWinding: true }
    await writeAside(join(folder, this.windingPlaylist), mediaPlaylist(winding))
  }
}

/** Replaces a file at once: who reads it meanwhile has the old one or the new one, whole. */
export async function writeAside(path: string, text: string): Promise<void> {
  await writeFile(`${path}.part`, text)
  await rename(`${path}.part`, path)
}

function bitsOf(entries: readonly PlaylistEntry[]): Bits {
  const rate = ({ bytes, ms }: Pick<PlaylistEntry, 'bytes' | 'ms'>) => (ms > 0 ? (bytes * 8000) / ms : 0)
  const all = entries.reduce((sum, { bytes, ms }) => ({ bytes: sum.bytes + bytes, ms: sum.ms + ms }), {
    bytes: 0,
    ms: 0,
  })
  // The last one may be a single frame, which is no measure of what a line must carry.
  const measured = entries.length > 1 ? entries.slice(0, -1) : entries
  return { peak: Math.max(0, rate(all), ...measured.map(rate)), average: rate(all) }
}
