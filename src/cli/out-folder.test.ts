import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { aFolder } from '../../test/support/library.ts'
import { OutFolder } from './out-folder.ts'

describe('a folder for new files', () => {
  it('keeps the names of files that refer to each other, in a folder of their own for each original', () => {
    using folder = aFolder()
    const made = join(folder.path, 'made')
    writeFileSync(made, 'list')
    const out = new OutFolder(join(folder.path, 'out'))
    const files = [
      { role: 'master', path: made, format: 'm3u8', name: 'master.m3u8' },
      { role: 'playlist', path: made, format: 'm3u8', name: '720p.m3u8' },
    ]
    const saved = [...out.save('/films/holiday.mp4', files), ...out.save('/films/holiday.mov', files)]
    expect(saved.map((path) => path.slice(folder.path.length))).toEqual([
      '/out/holiday/master.m3u8',
      '/out/holiday/720p.m3u8',
      '/out/holiday.mov/master.m3u8',
      '/out/holiday.mov/720p.m3u8',
    ])
    for (const path of saved) expect(readFileSync(path, 'utf8')).toBe('list')
  })
})
