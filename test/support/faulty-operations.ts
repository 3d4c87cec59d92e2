/**
 * The real operations, loaded by workers in tests; `analyze`, `compare` and `validate` do something deadly to their process
 * when the name of a file asks for it, as a broken decoder would: at once, or when the file is freed.
 */
import { basename } from 'node:path'
import type { Kind } from '../../src/media/formats.ts'
import type { Media } from '../../src/media/media.ts'
import * as real from '../../src/operations/index.ts'
import type { Operation } from '../../src/operations/operation.ts'

const hoard: Buffer[] = []

const deeds: Record<string, () => void> = {
  segfault: () => process.kill(process.pid, 'SIGSEGV'),
  hang: () => {
    for (;;);
  },
  hog: () => {
    for (;;) hoard.push(Buffer.alloc(8 << 20, 1))
  },
}

const endings: Record<string, () => Promise<void>> = {
  'freed.segfault': () => {
    process.kill(process.pid, 'SIGSEGV')
    return new Promise(() => {})
  },
  'freed.never': () => new Promise(() => {}),
}

const dangerous: ReadonlySet<string> = new Set(['analyze', 'compare', 'validate'])

/** As the real one, with some made dangerous. */
export function findOperation(name: string, kind: Kind): Operation | undefined {
  const operation = real.findOperation(name, kind)
  if (operation === undefined || !dangerous.has(operation.name)) return operation
  return {
    ...operation,
    run(media, params, io) {
      const { reference } = params as { reference?: string }
      for (const path of [media.path, reference ?? '']) deeds[deedOf(path)]?.()
      const close = endings[deedOf(media.path)]
      if (close !== undefined) Object.assign(media as { close: Media['close'] }, { close })
      return operation.run(media, params, io)
    },
  }
}

const deedOf = (path: string): string => basename(path).split('-')[0] ?? ''
