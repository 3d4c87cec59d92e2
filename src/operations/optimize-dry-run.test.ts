import { expect, it } from 'vitest'
import { noFiles } from '../../test/support/operation-io.ts'
import { fileOf, photo } from '../../test/support/pictures.ts'
import { openMedia } from '../media/open.ts'
import { optimize } from './optimize.ts'

it('a dry run of optimize tells what would be saved and makes nothing', async () => {
  const media = await openMedia(fileOf('source', await photo(320, 240).png({ compressionLevel: 0 }).toBuffer()))
  let files = 0
  const io = {
    signal: new AbortController().signal,
    artifact: async () => void files++,
    ...noFiles,
    progress: () => {},
  }
  const dry = await optimize.run(media, optimize.params.parse({ dryRun: true, lossless: true }), io)
  expect([files, dry.gained]).toEqual([0, true])
  expect(dry.savedBytes).toBeGreaterThan(1000)
  const real = await optimize.run(media, optimize.params.parse({ lossless: true }), io)
  expect([files, real.bytes]).toEqual([1, dry.bytes])
  await media.close()
})
