import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { aFolder } from '../../test/support/library.ts'
import { openCatalog } from '../catalog/catalog.ts'
import type { RecipeMarks } from './recipe.ts'
import { type WalkBatch, walk } from './walk.ts'

/** A tree of empty files, and a walk over it with a catalog that knows nothing yet. */
function aTree(paths: readonly string[]) {
  const folder = aFolder()
  const root = join(folder.path, 'root')
  for (const path of paths) {
    mkdirSync(join(root, path, '..'), { recursive: true })
    writeFileSync(join(root, path), path)
  }
  const catalog = openCatalog(join(folder.path, 'catalog.db'))
  const { id: collection } = catalog.collections.ensure(root)
  const look = async (change: { recipe?: RecipeMarks; retryFailed?: boolean; job?: number } = {}) => {
    const batches: WalkBatch[] = []
    const options = {
      root,
      collection,
      catalogFile: catalog.file,
      recipe: { finished: 'r1', failed: 'r1' },
      job: 1,
      retryFailed: false,
      exclude: [],
    }
    const end = await walk({ ...options, ...change }, (batch) => batches.push(batch), new AbortController().signal)
    return {
      due: batches.flatMap((batch) => batch.due.map(({ folder: inside, name }) => join(inside, name))),
      unchanged: batches.reduce((sum, batch) => sum + batch.unchanged.files, 0),
      gone: batches.flatMap((batch) => batch.gone.map(({ name }) => name)),
      skipped: batches.flatMap((batch) => batch.skipped),
      failures: batches.flatMap((batch) => batch.knownFailures),
      batches,
      end,
    }
  }
  return { folder, root, catalog, collection, look }
}

describe('the walk', () => {
  it('finds files in a stable order and leaves hidden and system ones out', async () => {
    const tree = aTree([
      'b.jpg',
      'a/z.jpg',
      'a/.hidden.jpg',
      '.git/x.jpg',
      '@eaDir/y.jpg',
      '$RECYCLE.BIN/q.jpg',
      'Thumbs.db',
    ])
    using _ = tree.folder
    expect((await tree.look()).due).toEqual(['b.jpg', 'a/z.jpg'])
  })

  it('does not follow links out of the folder into all there is', async () => {
    const tree = aTree(['a/photo.jpg'])
    using _ = tree.folder
    symlinkSync(tree.folder.path, join(tree.root, 'a', 'up'))
    symlinkSync('/', join(tree.root, 'machine'))
    if (process.platform === 'linux') symlinkSync('/proc/self', join(tree.root, 'process'))
    const { due, skipped } = await tree.look()
    expect(due).toEqual(['a/photo.jpg'])
    expect(skipped.map(({ path }) => path.slice(tree.root.length)).sort()).toEqual(
      process.platform === 'linux' ? ['/a/up', '/machine', '/process'] : ['/a/up', '/machine'],
    )
    tree.catalog.close()
  })

  it('survives links in a circle, follows links that lead outside, and reports those that lead nowhere', async () => {
    const tree = aTree(['a/photo.jpg'])
    using _ = tree.folder
    mkdirSync(join(tree.folder.path, 'elsewhere'))
    writeFileSync(join(tree.folder.path, 'elsewhere', 'far.jpg'), 'far')
    symlinkSync(tree.root, join(tree.root, 'a', 'circle'))
    symlinkSync(join(tree.folder.path, 'elsewhere'), join(tree.root, 'outside'))
    symlinkSync(join(tree.root, 'a', 'photo.jpg'), join(tree.root, 'same.jpg'))
    symlinkSync('/nowhere/at all', join(tree.root, 'dead.jpg'))
    const seen = await tree.look()
    expect(seen.due).toEqual(['a/photo.jpg', 'outside/far.jpg'])
    expect(seen.skipped.map(({ path, reason }) => [path, reason])).toEqual([
      [join(tree.root, 'dead.jpg'), 'the link leads nowhere (it vanished)'],
    ])
  })

  it('knows a file again by its stat alone, and any change, or another recipe, makes it due', async () => {
    const tree = aTree(['a.jpg', 'b.jpg', 'c.jpg'])
    using _ = tree.folder
    const first = await tree.look()
    const files = first.batches.flatMap((batch) => batch.due)
    for (const file of files) {
      const facts = {
        collection: tree.collection,
        asset: 'x',
        state: 'done',
        recipe: 'r1',
        tasks: 6,
        failures: [],
        job: 1,
      }
      tree.catalog.locations.put({ ...facts, ...file, state: 'done' })
    }
    expect(await tree.look({ job: 2 })).toMatchObject({ due: [], unchanged: 3, gone: [] })
    writeFileSync(join(tree.root, 'a.jpg'), 'longer than before')
    utimesSync(join(tree.root, 'b.jpg'), 5, 5)
    rmSync(join(tree.root, 'c.jpg'))
    expect(await tree.look({ job: 2 })).toMatchObject({ due: ['a.jpg', 'b.jpg'], unchanged: 0, gone: ['c.jpg'] })
    expect((await tree.look({ job: 2, recipe: { finished: 'r2', failed: 'r2' } })).due).toEqual(['a.jpg', 'b.jpg'])
  })

  it('tells a failure again without trying, and tries it when asked to', async () => {
    const tree = aTree(['bad.jpg'])
    using _ = tree.folder
    const [file] = (await tree.look()).batches.flatMap((batch) => batch.due)
    if (!file) throw new Error('nothing was found')
    const failures = [
      { operation: 'identify', code: 'EMPTY_FILE', message: 'The file is empty.', quarantined: false },
    ] as const
    const { collection } = tree
    tree.catalog.locations.put({
      ...file,
      collection,
      asset: null,
      state: 'failed',
      recipe: 'r1',
      tasks: 1,
      failures,
      job: 1,
    })
    const again = await tree.look({ job: 2 })
    expect([again.due, again.failures]).toEqual([[], [{ folder: '', name: 'bad.jpg', failures: [...failures] }]])
    expect((await tree.look({ job: 2, retryFailed: true })).due).toEqual(['bad.jpg'])
  })

  it('reports a folder that it may not read, and forgets nothing that lies in it', async () => {
    const tree = aTree(['open/a.jpg', 'closed/b.jpg'])
    using _ = tree.folder
    const known = (await tree.look()).batches.flatMap((batch) => batch.due)
    for (const file of known) {
      const facts = { collection: tree.collection, asset: 'x', recipe: 'r1', tasks: 6, failures: [], job: 1 }
      tree.catalog.locations.put({ ...facts, ...file, state: 'done' })
    }
    chmodSync(join(tree.root, 'closed'), 0)
    try {
      // Root may read everything: then a user who may not has to try.
      const isRoot = process.getuid?.() === 0
      const seen = isRoot ? await lookAsNobody(tree) : await tree.look({ job: 2 })
      expect(seen.skipped).toEqual([
        { path: join(tree.root, 'closed'), reason: 'the folder can not be read (permission denied)' },
      ])
      expect([...seen.end.folders].sort()).toEqual(['', 'closed', 'open'])
    } finally {
      chmodSync(join(tree.root, 'closed'), 0o755)
    }
  })
})

/** The same walk in a process of the user nobody. */
async function lookAsNobody(tree: ReturnType<typeof aTree>) {
  for (const path of [tree.folder.path, tree.root]) chmodSync(path, 0o755)
  for (const suffix of ['', '-wal', '-shm']) chmodSync(`${tree.catalog.file}${suffix}`, 0o666)
  chmodSync(tree.folder.path, 0o777)
  const script = `
    process.setgid(65534); process.setuid(65534)
    const { walk } = await import(${JSON.stringify(new URL('./walk.ts', import.meta.url).href)})
    const skipped = []
    const options = ${JSON.stringify({ root: tree.root, collection: tree.collection, catalogFile: tree.catalog.file, recipe: { finished: 'r1', failed: 'r1' }, job: 2, retryFailed: false, exclude: [] })}
    const end = await walk(options, (batch) => skipped.push(...batch.skipped), new AbortController().signal)
    console.log(JSON.stringify({ skipped, end }))`
  const out = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8', cwd: '/' })
  return JSON.parse(out) as { skipped: unknown[]; end: { folders: string[] } }
}
