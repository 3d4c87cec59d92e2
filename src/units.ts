/** 1 KiB, 1 MiB and 1 GiB in bytes. */
export const KiB = 1024
/** One mebibyte in bytes. */
export const MiB = 1024 * KiB
/** One gibibyte in bytes. */
export const GiB = 1024 * MiB

/** Bytes for people: `1.4 MiB`. */
export function formatBytes(bytes: number): string {
  const steps = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let value = bytes
  let step = 0
  while (value >= 1024 && step < steps.length - 1) {
    value /= 1024
    step++
  }
  return `${step === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${steps[step]}`
}

/** A span of time for people: `42 s`, `3 min 5 s`, `2 h 10 min`; below a second in milliseconds. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`
}

/** A count with thin groups: `12,345`. */
export const formatCount = (count: number): string => count.toLocaleString('en-US')
