import { join } from 'node:path'
import { AVDISCARD_ALL, AVMEDIA_TYPE_AUDIO } from 'node-av/constants'
import { type FormatContext, Packet, type Stream } from 'node-av/lib'
import { MediaError } from '../../errors.ts'
import type { FilmIo } from '../film.ts'
import { openInput } from './ffmpeg.ts'
import type { FilmFile } from './film-file.ts'
import { PictureLine } from './package/picture-line.ts'
import { masterPlaylist } from './package/playlists.ts'
import { rhythmOf } from './package/rhythm.ts'
import { SoundLine } from './package/sound-line.ts'
import { type Track, writeAside } from './package/track.ts'
import { mainTrack, videoTracks } from './probe.ts'
import { sdrNotes } from './sdr.ts'
import { Telling } from './telling.ts'
import { rounded } from './time.ts'

/** One quality that players may choose. */
export interface Rung {
  /** Size as seen, even numbers. */
  readonly width: number
  readonly height: number
  /** Bits a second at most. */
  readonly bitRate: number
}

/** How a film is packaged. */
export interface PackagePlan {
  /** The largest first; its shorter side is the name of each. Empty: sound alone. */
  readonly rungs: readonly Rung[]
  readonly segmentMs: number
  /** Bits a second of the sound; 0 without. */
  readonly audioBitRate: number
}

/** A package that lies complete in its folder. */
export interface WrittenPackage {
  /** Names in the folder, the master playlist first, each media file before the playlists that name it. */
  readonly files: readonly { readonly name: string; readonly role: 'master' | 'playlist' | 'media' | 'iframes' }[]
  readonly durationMs: number
  readonly frames: number
  readonly notes: readonly string[]
}

/** Writes HLS: one decode, all rungs; playlists grow while it runs, so that playing can begin with the first segment. */
export async function packageFilm(
  film: FilmFile,
  plan: PackagePlan,
  folder: string,
  io: FilmIo,
): Promise<WrittenPackage> {
  const context = await openInput(film.path, film.format)
  const packaging = new Packaging(film, plan, folder, io)
  try {
    await packaging.open(context)
    await packaging.read(context)
    return await packaging.end()
  } finally {
    await packaging.close()
    await context.closeInput()
  }
}

const master = 'master.m3u8'

class Packaging {
  readonly #film: FilmFile
  readonly #plan: PackagePlan
  readonly #folder: string
  readonly #io: FilmIo
  readonly #notes: string[] = []
  readonly #telling: Telling
  #picture: PictureLine | undefined
  #sound: SoundLine | undefined
  #hasMaster = false

  constructor(film: FilmFile, plan: PackagePlan, folder: string, io: FilmIo) {
    this.#film = film
    this.#plan = plan
    this.#folder = folder
    this.#io = io
    this.#telling = new Telling(io)
  }

  async open(context: FormatContext): Promise<void> {
    const picture = this.#plan.rungs.length > 0 ? mainTrack(context) : undefined
    const sound = this.#plan.audioBitRate > 0 ? soundTrack(context, picture) : undefined
    if (picture !== undefined) {
      const facts = this.#film.probe.video[videoTracks(context).findIndex(({ index }) => index === picture.index)]
      const rhythm = rhythmOf(facts, this.#plan.segmentMs)
      this.#picture = await PictureLine.open(this.#film, picture, this.#plan, rhythm, {
        folder: this.#folder,
        signal: this.#io.signal,
        isInterlaced: facts?.interlaced === true,
      })
    }
    if (sound !== undefined) this.#sound = await this.#openSound(sound)
    if (this.#tracks.length === 0) throw new MediaError('UNSUPPORTED_CONTENT', ['it has neither picture nor sound'])
    const used = [picture?.index, this.#sound?.stream.index]
    for (const stream of context.streams) if (!used.includes(stream.index)) stream.discard = AVDISCARD_ALL
  }

  /** Sends every packet on its way. */
  async read(context: FormatContext): Promise<void> {
    const packet = new Packet()
    packet.alloc()
    try {
      while ((await context.readFrame(packet)) >= 0) {
        this.#io.signal.throwIfAborted()
        if (packet.streamIndex === this.#picture?.stream.index) await this.#picture.take(packet)
        else if (packet.streamIndex === this.#sound?.stream.index) await this.#sound.take(packet)
        packet.unref()
        await this.#writeMaster(false)
        this.#tell(Number(packet.pos) / this.#film.bytes)
      }
    } finally {
      packet.free()
    }
  }

  async end(): Promise<WrittenPackage> {
    await this.#picture?.take(null)
    await this.#sound?.take(null)
    const durationMs = this.#endMs
    if (durationMs === 0) throw new MediaError('MEDIA_DAMAGED', ['nothing of it can be decoded'])
    await this.#picture?.end(durationMs)
    await this.#sound?.end(durationMs, this.#io.signal)
    await this.#writeMaster(true)
    this.#telling.end(this.#picture?.frames ?? 0, this.#ms)
    const { frames = 0, damaged = 0, toneMapped } = this.#picture ?? {}
    if (damaged > 0) this.#notes.push(`${damaged} packets of the picture can not be decoded and are missing.`)
    if (toneMapped !== undefined) this.#notes.push(sdrNotes[toneMapped])
    return { files: this.#files, durationMs: rounded(durationMs), frames, notes: this.#notes }
  }

  async close(): Promise<void> {
    await this.#picture?.close()
    await this.#sound?.close()
  }

  /** Sound often ends within a packet, which is decoded nevertheless; the picture need not wait for that. */
  get #endMs(): number {
    const soundMs = this.#sound?.endMs ?? 0
    if (this.#picture === undefined) return soundMs
    return Math.max(this.#picture.endMs, Math.min(soundMs, this.#film.length.durationMs ?? soundMs))
  }

  get #tracks(): Track[] {
    return [...(this.#picture?.rungs ?? []).map(({ track }) => track), ...(this.#sound ? [this.#sound.track] : [])]
  }

  get #files(): WrittenPackage['files'] {
    const rungs = this.#picture?.rungs ?? []
    return [
      { name: master, role: 'master' },
      ...rungs.flatMap(({ track }) => [
        { name: track.mediaFile, role: 'media' as const },
        { name: track.playlist, role: 'playlist' as const },
        { name: track.windingPlaylist, role: 'iframes' as const },
      ]),
      ...(this.#sound
        ? [
            { name: this.#sound.track.mediaFile, role: 'media' as const },
            { name: this.#sound.track.playlist, role: 'playlist' as const },
          ]
        : []),
    ]
  }

  get #ms(): number {
    return this.#picture?.ms ?? this.#sound?.ms ?? 0
  }

  /** A track that can not be decoded is no reason to go without the other. */
  async #openSound(stream: Stream): Promise<SoundLine | undefined> {
    try {
      return await SoundLine.open(this.#film, stream, this.#plan, this.#folder)
    } catch (error) {
      const isUnknown = error instanceof MediaError && error.code === 'UNSUPPORTED_CONTENT'
      if (!isUnknown || this.#picture === undefined) throw error
      this.#notes.push('The sound is in a codec that can not be decoded and was left out.')
      return undefined
    }
  }

  /** Once every track has its first segment, and again with what was measured. */
  async #writeMaster(isComplete: boolean): Promise<void> {
    if (!isComplete && (this.#hasMaster || !this.#tracks.every(({ isPlayable }) => isPlayable))) return
    this.#hasMaster = true
    const variants = (this.#picture?.rungs ?? []).map((rung) => rung.variant(isComplete))
    const sound = this.#sound?.rendition(this.#plan.audioBitRate, isComplete)
    await writeAside(join(this.#folder, master), masterPlaylist(variants, sound))
  }

  #tell(partRead: number): void {
    const { durationMs } = this.#film.length
    const part = durationMs === undefined ? partRead : this.#ms / durationMs
    this.#telling.tell(part, this.#picture?.frames ?? 0, this.#ms)
  }
}

/** The sound that belongs to the picture. */
function soundTrack(context: FormatContext, picture: Stream | undefined): Stream | undefined {
  const best = context.findBestStream(AVMEDIA_TYPE_AUDIO, -1, picture?.index ?? -1)
  return context.streams.find(({ index }) => index === best)
}
