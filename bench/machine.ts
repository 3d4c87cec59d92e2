import { execFile } from 'node:child_process'
import { cpus, release, totalmem, type } from 'node:os'
import { promisify } from 'node:util'
import { decoderVersions } from '../src/media/versions.ts'
import { cores, findProgram } from './commands.ts'

/** What the figures were measured on and with, as lines for the report. */
export async function describeMachine(): Promise<string[]> {
  const libraries = Object.entries(decoderVersions()).map(([name, version]) => `${name} ${version}`)
  return [
    `${cores} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${(totalmem() / 2 ** 30).toFixed(0)} GiB, ${type()} ${release()}`,
    `Node ${process.version.slice(1)}, ${libraries.join(', ')}`,
    `peers: ${(await peerVersions()).join(', ')}`,
  ]
}

async function peerVersions(): Promise<string[]> {
  const asked = [
    ['FFmpeg', findProgram('ffmpeg'), '-version'],
    ['vips', findProgram('vipsthumbnail'), '--version'],
    ['ImageMagick', findProgram('magick', 'convert-im6.q16', 'convert'), '-version'],
    ['exiftool', findProgram('exiftool'), '-ver'],
  ] as const
  return Promise.all(
    asked.map(async ([name, program, flag]) => {
      if (!program) return `no ${name}`
      const { stdout } = await promisify(execFile)(program, [flag])
      return `${name} ${/\d[\d.]*(-\d+)?/.exec(stdout)?.[0] ?? 'of an unknown version'}`
    }),
  )
}
