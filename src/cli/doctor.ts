import { execFile } from 'node:child_process'
import { accessSync, constants, existsSync, statfsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { promisify } from 'node:util'
import { type Config, loadConfig } from '../config.ts'
import { machineMemoryBytes, workerEnvironment } from '../executor/settings.ts'
import { formatBytes, GiB } from '../units.ts'
import { colour, createOutput, exitCodes } from './output.ts'
import type { CommandContext } from './program.ts'

/** One finding: good, bad with something to do about it, or merely not there. */
interface Finding {
  readonly name: string
  readonly state: 'ok' | 'missing' | 'problem'
  readonly detail: string
  readonly advice?: string
}

const run = promisify(execFile)

/** `mediamill doctor`: every part is really tried, not just looked for. */
export async function doctor(context: CommandContext): Promise<number> {
  const output = createOutput(context.isJson)
  const { config } = loadConfig(context.flags)
  const marks = { ok: colour.green('✓'), missing: colour.yellow('–'), problem: colour.red('✗') }
  let problems = 0
  for (const check of [machine, dataFolder, pictures, films, exiftool, systemFfmpeg]) {
    for (const finding of await check(config)) {
      if (finding.state === 'problem') problems++
      output.event('check', { ...finding })
      output.line(`${marks[finding.state]} ${finding.name.padEnd(22)} ${finding.detail}`)
      if (finding.advice) output.line(`  ${' '.repeat(22)} ${colour.dim(finding.advice)}`)
    }
  }
  output.line('')
  output.line(
    problems === 0
      ? 'Everything that mediamill needs is here.'
      : `${problems} of these keep mediamill from working well.`,
  )
  return problems === 0 ? exitCodes.done : exitCodes.someFailed
}

async function machine(config: Config): Promise<Finding[]> {
  const { count, budgetBytes, memoryBytes } = config.workers
  const memory = machineMemoryBytes()
  const isTight = memory < 2 * GiB
  return [
    { name: 'Node', state: 'ok', detail: process.version },
    { name: 'cores', state: 'ok', detail: `${availableParallelism()}, and ${count} worker${count === 1 ? '' : 's'}` },
    {
      name: 'memory',
      state: isTight ? 'problem' : 'ok',
      detail: `${formatBytes(memory)} allowed; ${formatBytes(budgetBytes)} for decoded pictures, ${formatBytes(memoryBytes)} a worker`,
      ...(isTight ? { advice: 'Below 2 GiB large pictures are quarantined; set workers.count to 1.' } : {}),
    },
    'LD_PRELOAD' in workerEnvironment()
      ? { name: 'jemalloc', state: 'ok', detail: 'workers use it' }
      : {
          name: 'jemalloc',
          state: 'missing',
          detail: 'not found; workers use glibc with two arenas',
          advice: 'On Debian and Ubuntu "apt-get install libjemalloc2" keeps long imports smaller.',
        },
  ]
}

async function dataFolder({ data }: Config): Promise<Finding[]> {
  // The folder itself may not be there yet: the nearest one above it is asked.
  let place = data
  while (!existsSync(place)) place = place.slice(0, place.lastIndexOf('/')) || '/'
  try {
    accessSync(place, constants.W_OK)
  } catch {
    return [
      {
        name: 'data folder',
        state: 'problem',
        detail: `${data} can not be written`,
        advice: 'Choose another with --data or MEDIAMILL_DATA.',
      },
    ]
  }
  const { bavail, bsize } = statfsSync(place)
  const free = bavail * bsize
  const isLow = free < GiB
  return [
    {
      name: 'data folder',
      state: isLow ? 'problem' : 'ok',
      detail: `${data}, ${formatBytes(free)} free`,
      ...(isLow ? { advice: 'Thumbnails and previews need about 200 KiB a photo.' } : {}),
    },
  ]
}

async function pictures(): Promise<Finding[]> {
  const { default: sharp } = await import('sharp')
  const pixel = sharp({ create: { width: 16, height: 16, channels: 3, background: '#468' } })
  const findings: Finding[] = [
    { name: 'sharp', state: 'ok', detail: `${sharp.versions.sharp}, libvips ${sharp.versions.vips}` },
  ]
  for (const format of ['jpeg', 'png', 'webp', 'avif', 'tiff', 'gif'] as const) {
    try {
      await sharp(await pixel.clone().toFormat(format).toBuffer())
        .raw()
        .toBuffer()
      findings.push({ name: `  ${format}`, state: 'ok', detail: 'written and read' })
    } catch (error) {
      findings.push({
        name: `  ${format}`,
        state: 'problem',
        detail: (error as Error).message,
        advice: 'Run "npm install" again.',
      })
    }
  }
  return findings
}

async function films(): Promise<Finding[]> {
  try {
    const { probeEncoders } = await import('../media/film/encoders.ts')
    return (await probeEncoders()).map(({ name, codec, hardware, works, reason }) => ({
      name: `  ${name}`,
      state: works ? 'ok' : hardware ? 'missing' : 'problem',
      detail: works
        ? `encodes ${codec}${hardware ? ' in hardware' : ''}`
        : `no ${codec}: ${reason ?? 'unknown reason'}`,
    }))
  } catch (error) {
    return [
      {
        name: 'FFmpeg (node-av)',
        state: 'problem',
        detail: (error as Error).message,
        advice: 'Run "npm install" again.',
      },
    ]
  }
}

async function exiftool(): Promise<Finding[]> {
  try {
    const { exiftoolVersion } = await import('../media/metadata/exiftool.ts')
    return [
      { name: 'exiftool', state: 'ok', detail: `${await exiftoolVersion()}, for deep metadata and odd RAW files` },
    ]
  } catch (error) {
    return [
      {
        name: 'exiftool',
        state: 'missing',
        detail: (error as Error).message,
        advice:
          'It needs perl, which Debian and Ubuntu have as "apt-get install perl". Usual metadata is read without it.',
      },
    ]
  }
}

async function systemFfmpeg(): Promise<Finding[]> {
  try {
    const { stdout } = await run('ffmpeg', ['-hide_banner', '-filters'], { timeout: 10_000 })
    const hasVmaf = stdout.includes('libvmaf')
    return [{ name: 'system ffmpeg', state: 'ok', detail: hasVmaf ? 'there, with VMAF' : 'there, without VMAF' }]
  } catch {
    return [{ name: 'system ffmpeg', state: 'missing', detail: 'not needed; one with libvmaf would add VMAF scores' }]
  }
}
