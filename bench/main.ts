/** `npm run bench [-- NAME…] [--json] [--runs N] [--<size> N]`; all of them write RESULTS.md. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Bench } from './bench.ts'
import { killRunning } from './commands.ts'
import { duplicatesBench } from './duplicates.ts'
import { filmsBench } from './films.ts'
import { imagesBench } from './images.ts'
import { importBench } from './import.ts'
import { describeMachine } from './machine.ts'
import { type Finding, type Group, jsonLine, page, table } from './report.ts'

/** Every bench there is. Adding one: its file, and its line here. */
const benches = [importBench, imagesBench, filmsBench, duplicatesBench] as unknown as readonly Bench[]

const sizeNames = benches.flatMap(({ sizes }) => Object.keys(sizes))
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    runs: { type: 'string', default: '5' },
    ...Object.fromEntries(sizeNames.map((name) => [name, { type: 'string' as const }])),
  },
})
const given = values as Readonly<Record<string, string | boolean | undefined>>
const unknown = positionals.filter((name) => !benches.some((bench) => bench.name === name))
if (unknown.length > 0) {
  console.error(`There is no bench "${unknown[0]}". There are:`)
  for (const { name, summary, sizes } of benches) console.error(`  ${name}: ${summary} ${JSON.stringify(sizes)}`)
  process.exit(2)
}

const machine = await describeMachine()
for (const line of machine) console.error(line)
const groups: Group[] = []
for (const bench of benches.filter(({ name }) => positionals.length === 0 || positionals.includes(name))) {
  groups.push(await runOne(bench))
}
if (positionals.length === 0) writeFileSync(join(import.meta.dirname, 'RESULTS.md'), page(machine, groups))

async function runOne({ name, summary, sizes, run }: Bench): Promise<Group> {
  const folder = mkdtempSync(join(tmpdir(), `mediamill-bench-${name}-`))
  const removeFolder = () => {
    killRunning()
    // Workers of a command that was killed may still be writing for a moment.
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  }
  const interrupt = () => process.exit(130)
  process.once('exit', removeFolder)
  process.once('SIGINT', interrupt)
  process.once('SIGTERM', interrupt)
  const material: string[] = []
  const findings: Finding[] = []
  try {
    const context = {
      sizes: Object.fromEntries(Object.entries(sizes).map(([size, usual]) => [size, Number(given[size] ?? usual)])),
      runs: Number(values.runs),
      folder,
      note: (text: string) => console.error(`  ${text}`),
      material: (text: string) => {
        material.push(text)
        console.error(text)
      },
    }
    for await (const found of run(context)) {
      findings.push({ bench: name, ...found })
      if (values.json) console.log(jsonLine({ bench: name, ...found }))
    }
  } finally {
    removeFolder()
    process.off('exit', removeFolder)
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
  }
  if (!values.json) console.log(table(findings))
  return { name, summary, material, findings }
}
