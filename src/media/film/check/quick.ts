import type { FormatContext } from 'node-av/lib'
import type { FilmIo } from '../../film.ts'
import { checkPixels } from '../../limits.ts'
import { FilmReader } from '../reader.ts'
import { readEnd } from './last.ts'
import { listen } from './listen.ts'
import type { Finding } from './signs.ts'
import type { CheckedFile, Reading } from './thorough.ts'
import type { TrackCheck } from './track.ts'

/** Key frames that are decoded, the first and the last among them. */
const looks = 16
/** Moments at which a little of the sound is decoded. */
const listenings = 8

/** Reads the end of a film, decodes key frames spread over it, and some of its sound here and there. */
export async function readHereAndThere(
  context: FormatContext,
  tracks: readonly TrackCheck[],
  file: CheckedFile,
  io: FilmIo,
): Promise<Reading> {
  const picture = tracks.find(({ isPicture }) => isPicture)
  const sounds = tracks.filter(({ isPicture }) => !isPicture)
  const end = await readEnd(context, tracks, file, io.signal)
  io.progress(0.1)
  const share = sounds.length === 0 ? 0.9 : 0.6
  const seen =
    picture === undefined
      ? nothing
      : await look(context, picture, spread(looks, end.reachedMs), file, io, (done) => io.progress(0.1 + share * done))
  const heard =
    sounds.length === 0 ? nothing : await listen(context, sounds, spread(listenings, end.reachedMs), file, io.signal)
  io.progress(1)
  return {
    findings: [...end.findings, ...seen.findings, ...heard.findings],
    packetsRead: end.packetsRead + seen.packetsRead + heard.packetsRead,
    framesDecoded: seen.framesDecoded + heard.framesDecoded,
  }
}

const nothing: Reading = { findings: [], packetsRead: 0, framesDecoded: 0 }

const spread = (count: number, endMs: number): number[] =>
  Array.from({ length: count }, (_, at) => (at / (count - 1)) * endMs)

/** Decodes key frames; what is wrong with one is seen up to the next. */
async function look(
  context: FormatContext,
  track: TrackCheck,
  moments: readonly number[],
  { path, length, isWhole, limits, onFrame }: CheckedFile,
  { signal }: FilmIo,
  tell: (done: number) => void,
): Promise<Reading> {
  const { stream } = track
  checkPixels(stream.codecpar.width, stream.codecpar.height, limits)
  let framesDecoded = 0
  const findings: Finding[] = []
  const reader = new FilmReader({
    path,
    context,
    stream,
    originMs: length.originMs,
    isWhole,
    maxPixels: limits.maxPixels,
    hasEvenFrames: false,
    onFrame: () => {
      framesDecoded++
      onFrame()
    },
  })
  const looked = new Set<number>()
  try {
    for (const [at, moment] of moments.entries()) {
      signal.throwIfAborted()
      const keys = reader.keyPackets(moment)
      const { value: key } = await keys.next()
      if (key === undefined || looked.has(key.ms)) continue
      looked.add(key.ms)
      const alone = await reader.frameOf(key.packet, key.ms)
      const { value: next } = await keys.next()
      // Some key frames are made of two fields in two packets, so the neighbours get a say.
      const isSound = (alone !== undefined && !alone.isDamaged) || (await isSoundInOrder(reader, key.ms))
      if (!isSound) {
        const sign = alone === undefined ? 'picture-undecodable' : 'picture-guessed'
        findings.push({ sign, fromMs: key.ms, toMs: next?.ms ?? Math.max(key.ms, length.durationMs ?? 0) })
      }
      tell((at + 1) / moments.length)
    }
    if (looked.size === 0) findings.push(...(await firstFrames(reader, signal)))
    return { findings, packetsRead: reader.packetsRead, framesDecoded }
  } finally {
    reader.close()
  }
}

async function isSoundInOrder(reader: FilmReader, ms: number): Promise<boolean> {
  const before = reader.damagedPackets
  for await (const frame of reader.framesFrom(ms)) {
    if (frame.ms > ms - 0.5) return !frame.isDamaged && reader.damagedPackets === before
  }
  return false
}

const framesInstead = 50

/** Where no packet is marked as a key frame, the first frames tell whether there is a picture at all. */
async function firstFrames(reader: FilmReader, signal: AbortSignal): Promise<Finding[]> {
  let count = 0
  const damaged: Finding[] = []
  for await (const { ms, isDamaged } of reader.framesFrom(0)) {
    signal.throwIfAborted()
    if (isDamaged) damaged.push({ sign: 'picture-guessed', fromMs: ms, toMs: ms })
    if (++count >= framesInstead) break
  }
  // Pictures without key frames grow out of nothing; decoders call the first ones damaged.
  return damaged.length < count ? [] : damaged
}
