/**
 * The real operations, loaded by workers in tests; `analyze` does something deadly to its process when the file name
 * asks for it, as a broken decoder would.
 */
import { basename } from 'node:path'
import type { Kind } from '../../src/media/formats.ts'
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

/** As the real one, with `analyze` made dangerous. */
export function findOperation(name: string, kind: Kind): Operation | undefined {
  const operation = real.findOperation(name, kind)
  if (operation?.name !== 'analyze') return operation
  return {
    ...operation,
    run(media, params, io) {
      deeds[basename(media.path).split('-')[0] ?? '']?.()
      return operation.run(media, params, io)
    },
  }
}
