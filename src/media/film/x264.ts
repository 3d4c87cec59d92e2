import { readFileSync } from 'node:fs'

/**
 * For `x264-params`: keeps x264 from the AVX-512 code of its macroblock tree, which reads what was never written, so that the
 * same film became other bytes each time in a process that had encoded before. Empty where it would not be used.
 */
export function steadyX264(): string {
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
