import { z } from 'zod'
import { alphaColorParam as color, colorParam } from './write-params.ts'

const side = z.int().min(1).max(65_535)
const share = z
  .string()
  .regex(/^\d{1,4}(\.\d{1,4})?%$/, 'expected pixels such as 300, or a share such as "25%"')
  .describe('A share of the picture as the step before left it.')
const length = z.union([side, share])
const offset = z.union([z.int().min(0).max(65_535), share])

const crop = z
  .strictObject({
    kind: z.literal('crop'),
    left: offset.optional().describe('Pixels or share from the left; left out, `place` decides.'),
    top: offset.optional().describe('Pixels or share from the top; left out, `place` decides.'),
    width: length.optional().describe('Pixels or share; left out: all of it.'),
    height: length.optional().describe('Pixels or share; left out: all of it.'),
    aspect: z
      .string()
      .regex(/^\d{1,5}(\.\d{1,4})?:\d{1,5}(\.\d{1,4})?$/, 'expected an aspect such as 16:9')
      .refine((text) => text.split(':').every((part) => Number(part) > 0), 'expected an aspect such as 16:9')
      .optional()
      .describe('The largest piece of this aspect, such as `16:9`, within the rest.'),
    place: z
      .enum(['centre', 'top', 'bottom', 'left', 'right', 'top-left', 'top-right', 'bottom-left', 'bottom-right'])
      .default('centre')
      .describe('Where the piece lies.'),
    focus: z
      .enum(['attention', 'entropy'])
      .optional()
      .describe('With `aspect` alone, instead of `place`: what draws the eye, or where most is to be seen.'),
  })
  .refine(
    ({ focus, aspect, left, top, width, height }) =>
      focus === undefined || (aspect !== undefined && [left, top, width, height].every((one) => one === undefined)),
    'expected "aspect" and no other size or place beside "focus"',
  )
  .describe('Cuts a piece out.')

const resize = z
  .strictObject({
    kind: z.literal('resize'),
    width: length.optional().describe('Pixels or share; left out, it follows from the height.'),
    height: length.optional().describe('Pixels or share; left out, it follows from the width.'),
    fit: z
      .enum(['inside', 'outside', 'cover', 'contain', 'fill'])
      .default('inside')
      .describe(
        '`inside` and `outside` keep the aspect, `cover` cuts, `contain` pads with `background`, `fill` distorts.',
      ),
    focus: z.enum(['centre', 'attention', 'entropy']).default('centre').describe('Where `cover` cuts.'),
    enlarge: z.boolean().default(false).describe('Whether a smaller picture is made larger.'),
    background: color.optional().describe('Around the picture with `contain`; transparent when left out.'),
  })
  .refine(({ width, height }) => width !== undefined || height !== undefined, 'expected a width or a height')
  .describe('Brings to a size.')

const border = z.union([z.int().min(0).max(65_535), share])

const pad = z
  .strictObject({
    kind: z.literal('pad'),
    all: border.default(0).describe('Width of the borders that are not named, in pixels or as a share.'),
    top: border.optional().describe('Pixels, or a share of the height.'),
    right: border.optional().describe('Pixels, or a share of the width.'),
    bottom: border.optional().describe('Pixels, or a share of the height.'),
    left: border.optional().describe('Pixels, or a share of the width.'),
    background: color.optional().describe('Transparent when left out.'),
  })
  .describe('Puts borders around.')

const watermark = z
  .strictObject({
    kind: z.literal('watermark'),
    image: z.string().min(1).max(4096).optional().describe('Path or asset id of a picture; its transparency counts.'),
    text: z
      .string()
      .max(200)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
      .regex(/^[^\u0000-\u0009\u000b-\u001f\u007f]*$/, 'expected a text without control characters')
      .refine((text) => text.trim() !== '', 'expected a text that can be seen')
      .optional()
      .describe('What is written instead; never read as markup. Lines are divided by line feeds.'),
    color: color.default('#ffffff').describe('Of the text.'),
    place: z
      .enum([
        'centre',
        'top',
        'bottom',
        'left',
        'right',
        'top-left',
        'top-right',
        'bottom-left',
        'bottom-right',
        'tile',
      ])
      .default('bottom-right')
      .describe('Where it lies, a little inside the edge; `tile` repeats it all over.'),
    opacity: z.number().min(0).max(1).default(0.6).describe('0: unseen, 1: covers.'),
    share: z.number().min(0.01).max(1).default(0.25).describe('Its width as a share of the picture, 0–1.'),
  })
  .refine(({ image, text }) => (image === undefined) !== (text === undefined), 'expected either "image" or "text"')
  .describe('Lays a picture or a text over it.')

/** A step of `transform` as it is asked for. */
export const stepSchema = z.discriminatedUnion('kind', [
  crop,
  resize,
  z
    .strictObject({
      kind: z.literal('rotate'),
      degrees: z.number().min(-360).max(360).describe('Clockwise; below 0 the other way.'),
      background: color.optional().describe('In the corners when it is not by quarters; transparent when left out.'),
    })
    .describe('Turns.'),
  z
    .strictObject({
      kind: z.literal('flip'),
      direction: z.enum(['horizontal', 'vertical']).describe('`horizontal` swaps left and right.'),
    })
    .describe('Mirrors.'),
  z
    .strictObject({
      kind: z.literal('trim'),
      threshold: z.number().min(0).max(255).default(10).describe('How far colours may differ from that of the border.'),
    })
    .describe('Cuts a border of one colour away, that of the pixel at the top left.'),
  pad,
  z
    .strictObject({
      kind: z.literal('blur'),
      sigma: z.number().min(0.3).max(250).default(3).describe('Of the Gaussian, in pixels.'),
    })
    .describe('Blurs.'),
  z
    .strictObject({
      kind: z.literal('sharpen'),
      sigma: z.number().min(0.3).max(10).default(1).describe('Size of the details, in pixels.'),
      amount: z.number().min(0).max(10).default(1).describe('1: as usual.'),
    })
    .describe('Sharpens.'),
  z
    .strictObject({
      kind: z.literal('median'),
      size: z
        .int()
        .min(3)
        .max(51)
        .refine((size) => size % 2 === 1, 'expected an odd number')
        .default(3)
        .describe('Side of the square, odd.'),
    })
    .describe('Replaces each pixel by the median around it: against specks.'),
  z.strictObject({ kind: z.literal('grey') }).describe('Takes the colours away.'),
  z
    .strictObject({
      kind: z.literal('background'),
      color: colorParam.default('#ffffff').describe('Seen through what is transparent.'),
    })
    .describe('Lays the picture over a colour.'),
  watermark,
])

/** A step as it is asked for, defaults filled in. */
export type AskedStep = z.output<typeof stepSchema>
