import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { MediaError } from '../../errors.ts'
import type { Pixels } from '../picture.ts'
import { type Paint, paintOf } from './paint.ts'
import { readPixels } from './raw-pixels.ts'
import type { Size } from './step-sizes.ts'

/** Nothing is drawn with a longer side than this; libcairo ends at 32,767, and both sides together are memory. */
const longest = 8192
/** Points at 72 dpi, and so pixels: the size at which text is measured. */
const measured = 64

/**
 * Draws text with its letters as large as the room lets them be, as RGBA without any border; lines are centred. The font is DejaVu
 * Sans, which comes along, so that it looks alike on every machine; what it lacks is taken from fonts of the system. Throws
 * PARAMS_INVALID when nothing of the text can be seen.
 */
export async function drawText(text: string, color: string | undefined, room: Size): Promise<Pixels> {
  const paint = paintOf(color ?? '#ffffff')
  const trial = await draw(text, paint, measured)
  const scale = Math.min(Math.min(room.width, longest) / trial.width, Math.min(room.height, longest) / trial.height)
  // Letters of less than a pixel are nothing.
  return draw(text, paint, Math.max(1, measured * scale))
}

async function draw(text: string, { red, green, blue, alpha }: Paint, size: number): Promise<Pixels> {
  const rgb = Buffer.from([red, green, blue]).toString('hex')
  try {
    return await readPixels(
      sharp({
        text: {
          text: `<span foreground="#${rgb}" alpha="${Math.max(1, Math.round((alpha / 255) * 65_535))}">${asData(text)}</span>`,
          font: `DejaVu Sans ${size.toFixed(3)}`,
          fontfile: fileURLToPath(import.meta.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf')),
          dpi: 72,
          align: 'centre',
          rgba: true,
        },
      }),
    )
  } catch (thrown) {
    throw new MediaError('PARAMS_INVALID', [`Nothing can be seen of the text ${JSON.stringify(text)}.`], {
      cause: thrown,
    })
  }
}

/** Text as Pango's markup shows it: character by character. */
const asData = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
