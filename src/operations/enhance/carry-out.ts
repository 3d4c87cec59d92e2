import type { Pixels } from '../../media/picture.ts'
import { type Plan, replaceIn } from './plan.ts'
import { sharpen } from './sharpen.ts'
import { smooth } from './smooth.ts'

/** Rows after which others get a turn. */
const rowsAtOnce = 64

/**
 * Pixels after the corrections of a plan; those given stay as they are. No channel gets more samples of 0 or 255 than it had.
 * `pause` is awaited now and then with how much is done, 0–1.
 */
export async function carryOut(full: Pixels, plan: Plan, pause: (fraction: number) => Promise<void>): Promise<Pixels> {
  const { data, width, height, channels } = full
  const target = { ...full, data: Buffer.allocUnsafe(data.length) }
  const turn = (from: number) => (row: number) =>
    row % rowsAtOnce === 0 ? pause(from + (row / height) * (plan.sharpening && plan.smoothing ? 0.5 : 1)) : undefined
  if (plan.smoothing) await smooth(full, target.data, plan.smoothing, turn(0))
  else data.copy(target.data)
  const { tables, sharpening } = plan
  if (tables) replaceIn(target.data, channels, tables)
  if (sharpening) await sharpen(target, sharpening, turn(plan.smoothing ? 0.5 : 0))
  keepUnclipped(data, target.data, channels)
  return { data: target.data, width, height, channels }
}

/** What was neither black nor white in a channel does not become it. */
function keepUnclipped(before: Buffer, after: Buffer, channels: number): void {
  for (let at = 0; at < after.length; at++) {
    const value = after[at] as number
    if ((value !== 0 && value !== 255) || (channels === 4 && at % 4 === 3)) continue
    const was = before[at] as number
    if (was !== 0 && was !== 255) after[at] = value === 0 ? 1 : 254
  }
}
