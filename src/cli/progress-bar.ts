import type { JobProgress } from '../events.ts'
import { formatBytes, formatCount, formatDuration } from '../units.ts'
import { noteColour } from './output.ts'

/** What a bar shows, of a job or of a few files. */
export type ShownProgress = Omit<JobProgress, 'job'>

const barWidth = 28

/** A progress bar on stderr that lines can be printed above; where stderr is no terminal, a line every ten seconds. */
export async function createProgressBar() {
  const isTerminal = process.stderr.isTTY === true
  // Loaded only where there is a terminal to draw on.
  const { createLogUpdate } = isTerminal ? await import('log-update') : { createLogUpdate: undefined }
  const update = createLogUpdate?.(process.stderr, { showCursor: true })
  let lastLineAt = 0
  let shown: ShownProgress | undefined
  return {
    show(progress: ShownProgress): void {
      shown = progress
      if (update) update(bar(progress))
      else if (Date.now() - lastLineAt > 10_000) {
        lastLineAt = Date.now()
        process.stderr.write(`${plain(progress)}\n`)
      }
    },
    /** Prints a line above the bar. */
    print(text: string): void {
      update?.clear()
      process.stderr.write(`${text}\n`)
      if (shown) update?.(bar(shown))
    },
    /** Takes the bar away until it is shown again. */
    clear(): void {
      update?.clear()
    },
    /** Takes the bar away for good. */
    end(): void {
      shown = undefined
      update?.clear()
      update?.done()
    },
  }
}

function bar(progress: ShownProgress): string {
  const filled = Math.round(progress.fraction * barWidth)
  const picture = noteColour.green('█'.repeat(filled)) + noteColour.dim('░'.repeat(barWidth - filled))
  return `${picture} ${plain(progress)}`
}

function plain(progress: ShownProgress): string {
  const { done, total, fraction, etaMs, isCounted } = progress
  const percent = isCounted ? `${Math.floor(fraction * 100)} %`.padStart(5) : '  … '
  const count = `${formatCount(done)} of ${formatCount(total)}${isCounted ? '' : '+'} files`
  const eta = etaMs === null ? (isCounted ? 'measuring' : 'counting') : `${formatDuration(etaMs)} left`
  return `${percent}  ${count}  ${rate(progress)}  ${eta}`
}

/** Of films how fast they run through, since a file of them takes too long to count. */
function rate({ filesPerSecond, bytesPerSecond, framesPerSecond, speed = 0 }: ShownProgress): string {
  if (framesPerSecond === undefined) return `${short(filesPerSecond)} files/s, ${formatBytes(bytesPerSecond)}/s`
  return `${short(framesPerSecond)} frames/s, ${speed.toFixed(speed < 10 ? 2 : 0)}× speed`
}

const short = (value: number): string => value.toFixed(value < 10 ? 1 : 0)
