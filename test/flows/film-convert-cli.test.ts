import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dataIn } from '../support/app.ts'
import { makeFilm } from '../support/films.ts'
import { aFolder } from '../support/library.ts'

const folder = aFolder()
const script = join(import.meta.dirname, '../../bin/mediamill.js')
const film = join(folder.path, 'film.mkv')
const out = join(folder.path, 'out')

beforeAll(async () => {
  mkdirSync(out)
  await makeFilm(film, {
    width: 320,
    height: 180,
    seconds: 3,
    audio: 'ac3',
    paint: (x, y, second) => [127 + 127 * Math.sin(x * 90 + second * 40), 127 + 127 * Math.cos(y * 70), x * 255],
  })
})

afterAll(() => folder[Symbol.dispose]())

interface Event {
  readonly event: string
  readonly [fact: string]: unknown
}

/** Runs the real program as the leader of a process group of its own, as a shell does; `onEvent` may interrupt it. */
function convert(
  data: string,
  words: readonly string[],
  onEvent: (event: Event, interrupt: () => void) => void = () => {},
) {
  const { FORCE_COLOR: _, ...inherited } = process.env
  const child = spawn(process.execPath, [script, 'run', 'convert', ...words, '--json'], {
    env: { ...inherited, MEDIAMILL_DATA: data },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const group = child.pid ?? 0
  const events: Event[] = []
  let stderr = ''
  let rest = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = `${rest}${text}`.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const event = JSON.parse(line) as Event
      events.push(event)
      onEvent(event, () => process.kill(-group, 'SIGINT'))
    }
  })
  return new Promise<{ code: number | null; events: Event[]; stderr: string; group: number }>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, events, stderr, group }))
  })
}

/** A server on a data folder; gone when it is disposed of. */
async function aServer(data: string): Promise<AsyncDisposable> {
  const child = spawn(process.execPath, [script, 'serve', '--port', '0', '--json'], {
    env: { ...process.env, MEDIAMILL_DATA: data },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const ended = once(child, 'close')
  await once(child.stdout, 'data')
  return {
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM')
      await ended
    },
  }
}

/** Whether any process of a group is left; the last may need a moment to be buried. */
async function isGroupAlive(group: number): Promise<boolean> {
  for (let tries = 0; tries < 40; tries++) {
    try {
      process.kill(-group, 0)
    } catch {
      return false
    }
    await wait(50)
  }
  return true
}

const partsIn = (data: string): string[] => {
  const parts = join(data, 'artifacts', 'tmp')
  return existsSync(parts) ? readdirSync(parts) : []
}
const slow = ['--video', 'hevc', '--speed', 'slow', '--crf', '20']
const slowest = ['--video', 'hevc', '--speed', 'veryslow', '--crf', '20']
/** A data folder of its own, in which nothing is remembered. */
const newData = (name: string): string => dataIn(join(folder.path, name))

describe('mediamill run convert FILM', () => {
  it('tells how far it is with frames a second and what is left, and puts the film where it was asked', async () => {
    const data = newData('first')
    const { code, events, stderr, group } = await convert(data, [film, ...slow, '--out', out])
    expect([code, stderr]).toEqual([0, ''])
    const progress = events.filter(({ event }) => event === 'job.progress')
    expect(progress.length).toBeGreaterThan(0)
    const fractions = progress.map(({ fraction }) => Number(fraction))
    expect(fractions).toEqual(fractions.toSorted((one, other) => one - other))
    expect(progress.some(({ framesPerSecond, speed }) => Number(framesPerSecond) > 0 && Number(speed) > 0)).toBe(true)
    const result = events.find(({ event }) => event === 'result')
    expect(result).toMatchObject({ operation: 'convert', cached: false, result: { gained: true, encoder: 'libx265' } })
    expect(readdirSync(out)).toEqual(['film.mp4'])
    expect(partsIn(data)).toEqual([])
    expect(await isGroupAlive(group)).toBe(false)
    const again = await convert(data, [film, ...slow])
    expect(again.events.find(({ event }) => event === 'result')).toMatchObject({ cached: true })
    expect(again.events.filter(({ event }) => event === 'job.progress')).toEqual([])
  })

  it('ends with 130 on Ctrl-C, and leaves no part of a file and no process', async () => {
    const data = newData('second')
    let hasInterrupted = false
    const { code, events, group } = await convert(data, [film, ...slowest], ({ event }, interrupt) => {
      if (event !== 'job.progress' || hasInterrupted) return
      hasInterrupted = true
      interrupt()
    })
    expect([hasInterrupted, code]).toEqual([true, 130])
    expect(events.filter(({ event }) => event === 'result' || event === 'task.failed')).toEqual([])
    expect(await isGroupAlive(group)).toBe(false)
    expect(partsIn(data)).toEqual([])
  })

  it('is done by a server that works on the same data, with the parameters of films', async () => {
    const data = newData('served')
    await using _server = await aServer(data)
    const { code, events } = await convert(data, [film, '--preset', 'web', '--width', '64', '--to-ms', '500'])
    const ends = events.filter(({ event }) => event === 'result' || event === 'task.failed')
    expect([code, ends]).toMatchObject([0, [{ event: 'result', result: { width: 64, encoder: 'libx264' } }]])
    const wrong = await convert(data, [film, '--crop', '{"left":300,"width":100,"height":100}'])
    expect([wrong.code, wrong.events]).toMatchObject([1, [{ event: 'task.failed', code: 'PARAMS_INVALID' }]])
    expect(wrong.events[0]?.message).toMatch(/reaches beyond the picture/)
  })

  it.each([
    [['--crf', '99'], /crf/],
    [['--target-quality.metric', 'ssim', '--target-quality.score', '40'], /targetQuality\.score/],
    [['--video', 'copy', '--width', '640'], /"width"/],
    [['--from-ms', '2000', '--to-ms', '1000'], /"toMs"/],
  ])('ends with 2 for %j, before the file is even looked for', async (words, reason) => {
    const { code, stderr, events } = await convert(newData('third'), ['/no/such/film.mp4', ...words])
    expect(code).toBe(2)
    expect(`${stderr}${JSON.stringify(events)}`.replaceAll('\\"', '"')).toMatch(reason)
  })
})
