import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { aFolder } from '../../test/support/library.ts'
import { assertInside } from './bounds.ts'

it('holds paths to folders, wherever links and dots lead', () => {
  using folder = aFolder()
  const inside = join(folder.path, 'inside')
  mkdirSync(inside)
  mkdirSync(join(folder.path, 'inside too'))
  writeFileSync(join(inside, 'file'), '')
  writeFileSync(join(folder.path, 'inside too', 'file'), '')
  symlinkSync(join(folder.path, 'inside too'), join(inside, 'out'))
  symlinkSync(join(inside, 'file'), join(inside, 'link'))
  symlinkSync(inside, join(folder.path, 'way in'))
  const seen = (path: string, folders = [inside]) => {
    try {
      assertInside(path, folders)
      return 'allowed'
    } catch (error) {
      return (error as { code: string }).code
    }
  }
  expect(seen(join(inside, 'file'))).toBe('allowed')
  expect(seen(join(inside, 'link'))).toBe('allowed')
  expect(seen(join(folder.path, 'way in', 'file'))).toBe('allowed')
  expect(seen(join(inside, 'file'), [join(folder.path, 'way in')])).toBe('allowed')
  expect(seen(join(inside, 'out', 'file'))).toBe('PATH_FORBIDDEN')
  expect(seen(join(folder.path, 'inside too', 'file'))).toBe('PATH_FORBIDDEN')
  expect(seen(`${inside}/../inside too/file`)).toBe('PATH_FORBIDDEN')
  expect(seen(join(inside, 'file'), [])).toBe('PATH_FORBIDDEN')
  // Whoever opens it says that it is not there.
  expect(seen(join(inside, 'nothing'))).toBe('allowed')
  expect(() => assertInside(join(folder.path, 'inside too', 'file'), undefined)).not.toThrow()
})
