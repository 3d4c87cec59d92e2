import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { aFolder } from '../../test/support/library.ts'
import { assertOpenedInside } from './opened-path.ts'

it('asks the file that is open, whatever lies at its path by now', async () => {
  using folder = aFolder()
  const inside = join(folder.path, 'inside')
  const path = join(inside, 'file')
  mkdirSync(inside)
  writeFileSync(join(folder.path, 'secret'), 'secret')
  symlinkSync(join(folder.path, 'secret'), path)
  await using opened = await open(path)
  // Now an honest file is there.
  writeFileSync(join(inside, 'honest'), 'honest')
  renameSync(join(inside, 'honest'), path)
  await expect(assertOpenedInside(opened, path, [inside])).rejects.toMatchObject({
    code: expect.stringMatching(/PATH_FORBIDDEN|FILE_CHANGED/),
  })
  await using honest = await open(path)
  await assertOpenedInside(honest, path, [inside])
})
