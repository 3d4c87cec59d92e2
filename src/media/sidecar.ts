import { createHash } from 'node:crypto'
import { constants, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import { MiB } from '../units.ts'
import { formats } from './formats.ts'

/** Real sidecars have kilobytes, with masks of an editor a few megabytes; more is not read, and counts as none. */
const sidecarBytes = 10 * MiB

/** Programs write one of these; a folder is not listed for it, so other mixtures of letters are not found. */
const endings = ['.xmp', '.XMP', '.Xmp'] as const

const rawEndings: readonly string[] = formats.raw.extensions

/**
 * Names of the XMP files that belong to a file, the one to be believed first in front: `photo.jpg.xmp`, then `photo.xmp`.
 * The latter is the raw file's alone where one of that name lies beside. `has` says whether a name is in the same folder.
 */
export function sidecarNames(name: string, has: (name: string) => boolean): string[] {
  const ending = extname(name)
  if (/^\.xmp$/i.test(ending)) return []
  const stem = name.slice(0, name.length - ending.length)
  const own = endings.map((xmp) => name + xmp).find(has)
  const shared = ending === '' ? undefined : endings.map((xmp) => stem + xmp).find(has)
  const isOurs = shared !== undefined && (isRaw(ending) || !hasRawBeside(stem, has))
  return [...(own ? [own] : []), ...(isOurs ? [shared] : [])]
}

const isRaw = (ending: string): boolean => rawEndings.includes(ending.slice(1).toLowerCase())

const hasRawBeside = (stem: string, has: (name: string) => boolean): boolean =>
  rawEndings.some((raw) => has(`${stem}.${raw}`) || has(`${stem}.${raw.toUpperCase()}`))

/** The XMP files beside a media file, as they were read. */
export interface Sidecars {
  /** SHA-256 over all of them in hex; absent when there are none. */
  readonly id?: string
  /** Their content, the one to be believed first in front. */
  readonly packets: readonly Buffer[]
}

/** Reads the sidecars of a file. Never throws: one that is too large or can not be read counts as none. */
export async function readSidecars(path: string): Promise<Sidecars> {
  const folder = dirname(path)
  const packets: Buffer[] = []
  for (const name of sidecarNames(basename(path), (candidate) => isFile(join(folder, candidate)))) {
    const packet = await readPacket(join(folder, name))
    if (packet && isFor(packet, extname(path))) packets.push(packet)
  }
  if (packets.length === 0) return { packets }
  const hash = createHash('sha256')
  for (const packet of packets) hash.update(`${packet.length}:`).update(packet)
  return { id: hash.digest('hex'), packets }
}

/** The id of a file's sidecars as an identity has it; undefined when there are none. */
export const sidecarIdOf = async (path: string): Promise<string | undefined> => (await readSidecars(path)).id

function isFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
  } catch {
    return false
  }
}

async function readPacket(path: string): Promise<Buffer | undefined> {
  try {
    // A pipe of that name would keep us waiting for a writer.
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const stats = await file.stat()
    if (!stats.isFile() || stats.size === 0 || stats.size > sidecarBytes) return undefined
    const packet = Buffer.alloc(stats.size)
    const { bytesRead } = await file.read(packet, 0, stats.size, 0)
    return packet.subarray(0, bytesRead)
  } catch {
    return undefined
  }
}

/** Adobe's programs write into the sidecar which file it is for: `IMG_1.xmp` of a raw file is none of `IMG_1.jpg`. */
function isFor(packet: Buffer, ending: string): boolean {
  const named = /photoshop:SidecarForExtension(?:\s*=\s*["']|>)\s*(\w{1,8})/.exec(packet.toString('latin1'))?.[1]
  return named === undefined || named.toLowerCase() === ending.slice(1).toLowerCase()
}
