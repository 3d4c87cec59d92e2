import { expect, it } from 'vitest'
import { areSeparateShots, momentOf } from './shots.ts'

it.each([
  ['2024-05-01T10:00:00', '2024-05-01T10:00:01', true],
  ['2024-05-01T10:00:00.10', '2024-05-01T10:00:00.35', true],
  ['2024-05-01T10:00:00', '2025-05-01T10:00:00', true],
  ['2024-05-01T10:00:00', '2024-05-01T10:20:00', true],
  // Saved by a program that drops hundredths, or the offset.
  ['2024-05-01T10:00:00.35', '2024-05-01T10:00:00', false],
  ['2024-05-01T10:00:00.350+02:00', '2024-05-01T10:00:00.35', false],
  // The clock put right afterwards.
  ['2024-05-01T10:00:00', '2024-05-01T12:00:00', false],
  ['2024-05-01T23:30:07', '2024-05-02T05:00:07', false],
  ['2024-05-01T10:00:00', undefined, false],
  ['2024-05', '2023-01', false],
])('%s and %s are separate shots: %s', (one, other, expected) => {
  expect(areSeparateShots(momentOf(one), momentOf(other))).toBe(expected)
  expect(areSeparateShots(momentOf(other), momentOf(one))).toBe(expected)
})
