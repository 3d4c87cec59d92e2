import { readFileSync } from 'node:fs'

/**
 * For `x264-params`: keeps x264 from AVX-512 where that would make other bytes of the same film each time. Its macroblock tree
 * takes eight blocks of a row at once, and where the last of them lie behind the picture's edge it counts in what was never
 * written. Films that have no such edge code a tenth faster with it; those of no told width are kept from it in any case. Empty
 * where nothing needs to be said.
 */
export function steadyX264(width?: number): string {
  if (width !== undefined && Math.ceil(width / 16) % 8 === 0) return ''
  steady ??= hasAvx512() ? 'asm=avx2' : ''
  return steady
}

let steady: string | undefined

/** Known on Linux only; elsewhere films differ by some bytes where the processor has it. */
function hasAvx512(): boolean {
  try {
    return /\bavx512/.test(readFileSync('/proc/cpuinfo', 'utf8'))
  } catch {
    return false
  }
}
