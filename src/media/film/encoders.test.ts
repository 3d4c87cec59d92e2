import { describe, expect, it } from 'vitest'
import { probeEncoders } from './encoders.ts'

describe('probing encoders', () => {
  it('finds those in software that conversions rely on, and a reason for each that fails', async () => {
    const findings = await probeEncoders()
    const software = findings.filter(({ hardware }) => !hardware)
    expect(software.filter(({ works }) => works).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['libx264', 'libx265', 'libsvtav1', 'libvpx-vp9', 'aac', 'libopus']),
    )
    for (const { works, reason } of findings) expect(reason === undefined).toBe(works)
    expect(findings.some(({ hardware }) => hardware)).toBe(true)
  })
})
