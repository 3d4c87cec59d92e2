import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { aFolder, aLibrary } from '../support/library.ts'

const bin = new URL('../../bin/mediamill.js', import.meta.url).pathname

function startImport(
  library: string,
  data: string,
): { child: ChildProcess; lines: string[]; ended: Promise<number | null> } {
  const child = spawn(process.execPath, [bin, 'import', library, '--json', '--data', data], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const lines: string[] = []
  let rest = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    rest += chunk.toString()
    const found = rest.split('\n')
    rest = found.pop() ?? ''
    lines.push(...found)
  })
  return { child, lines, ended: new Promise((resolve) => child.once('exit', resolve)) }
}

/** Everything an import leaves behind, without what differs between any two runs: times, durations, numbers of jobs. */
function stateOf(data: string): unknown {
  const db = new DatabaseSync(join(data, 'catalog.db'), { readOnly: true })
  const rows = (sql: string) => db.prepare(sql).all()
  const state = {
    assets: rows(
      'SELECT id, pixelId, kind, format, bytes, width, height, takenAt, camera, title FROM assets ORDER BY id',
    ),
    locations: rows(
      'SELECT folder, name, asset, bytes, state, recipe, tasks, failures, missingAt FROM locations ORDER BY folder, name',
    ),
    results: rows('SELECT key, subject, operation, result, artifacts FROM results ORDER BY key'),
    failures: rows('SELECT key, code FROM failures ORDER BY key'),
    tasks: rows(
      'SELECT l.folder, l.name, t.step, t.state FROM tasks t JOIN locations l ON l.id = t.location ORDER BY 1, 2, 3',
    ),
    jobs: rows('SELECT kind, state, counts FROM jobs'),
    artifacts: filesBelow(join(data, 'artifacts')),
  }
  db.close()
  return state
}

const filesBelow = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(folder, path)).isFile() && !path.endsWith('.part'))
    .sort()
    .map((path) => [path, statSync(join(folder, path)).size])

describe('an import that is killed twenty times', () => {
  it('ends as an undisturbed one does: nothing lost, nothing twice, nothing torn', { timeout: 300_000 }, async () => {
    using folder = aFolder()
    const library = join(folder.path, 'library')
    await aLibrary(library, 500)
    const undisturbed = startImport(library, join(folder.path, 'undisturbed'))
    expect(await undisturbed.ended).toBe(0)

    const data = join(folder.path, 'killed')
    let kills = 0
    for (let round = 0; round < 60 && kills < 20; round++) {
      const run = startImport(library, data)
      // From before the first file to deep in the middle of the work; a prime step so that moments differ.
      await Promise.race([run.ended, sleep(250 + ((round * 173) % 900))])
      if (run.child.exitCode === null) {
        run.child.kill('SIGKILL')
        kills++
      }
      await run.ended
    }
    const last = startImport(library, data)
    expect(await last.ended).toBe(0)

    expect(kills).toBe(20)
    expect(stateOf(data)).toEqual(stateOf(join(folder.path, 'undisturbed')))
    const end = JSON.parse(last.lines.findLast((line) => line.includes('job.finished')) ?? '{}')
    expect(end.files).toEqual({ done: 500, cached: 0, failed: 0, quarantined: 0, skipped: 0 })
  })
})
