/** The floor of an import where nothing changed: walks a folder and stats each file. Argument: the folder. */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

const startedAt = performance.now()
const folders = [process.argv[2] ?? '.']
let [files, bytes] = [0, 0]
for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) folders.push(path)
    else {
      files++
      bytes += statSync(path).size
    }
  }
}
process.stdout.write(JSON.stringify({ workMs: performance.now() - startedAt, files, bytes }))
