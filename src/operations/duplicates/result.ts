import { z } from 'zod'

/** How a picture lies to the one that is kept; the name of each EXIF orientation 1–8, the first for none. */
export const transformNames = [
  'none',
  'mirror-horizontal',
  'rotate-180',
  'mirror-vertical',
  'transpose',
  'rotate-90',
  'transverse',
  'rotate-270',
] as const

const count = z.number().int().min(0)

const member = z.object({
  asset: z.string(),
  path: z.string().describe('Absolute.'),
  similarity: z
    .number()
    .min(0)
    .max(1)
    .describe('To the one that is kept: 1 for equal bytes or pixels, at most 0.999 for what looks alike.'),
  transform: z
    .enum(transformNames)
    .optional()
    .describe(
      'What was done to the picture that is kept to get this one, where it lies otherwise; turns are clockwise.',
    ),
  copyOf: z.string().optional().describe('The path of the member before it that has the same bytes.'),
  link: z
    .enum(['symbolic', 'hard'])
    .optional()
    .describe('Set when it is a further name of a member before it: it can go with that one, and frees nothing more.'),
  bytes: count,
  width: count.optional().describe('Pixels, as seen (upright).'),
  height: count.optional().describe('Pixels, as seen (upright).'),
  score: z.number().optional().describe('Technical quality, 0–100, as quality-issues tells it.'),
})

const group = z.object({
  kind: z
    .enum(['exact', 'near'])
    .describe(
      'exact: the same bytes at several places. near: the same picture otherwise saved; its members may have byte copies, which then stand here too and in no other group.',
    ),
  keep: z.string().describe('Asset that is kept.'),
  keepPath: z.string().describe('Where the file lies that is kept; every other member could go.'),
  reason: z.string().describe('Why this one is kept.'),
  weakestLink: z.number().min(0).max(1).describe('The smallest similarity of a member to the one that is kept.'),
  reclaimableBytes: count.describe('What is free when only the one stays: of hard links once, of links nothing.'),
  members: z
    .array(member)
    .min(2)
    .describe('Files, the one that is kept first, then by similarity; an asset at several places is several members.'),
})

/** The answer of `duplicates`. */
export const duplicatesSchema = z.object({
  groups: z.array(group).describe('Those that free most bytes first. No file stands in two groups.'),
  totals: z.object({
    groups: count,
    exact: count.describe('Groups of byte copies and nothing else.'),
    near: count.describe('Groups of what looks alike.'),
    duplicates: count.describe(
      'Files that could go if of each group one stays; further names of the same file do not count.',
    ),
    reclaimableBytes: count.describe('Bytes that are free then.'),
  }),
  compared: z.object({
    files: count.describe('Files looked at.'),
    assets: count.describe('Different contents among them.'),
    byLook: count.describe('Pictures compared by their look. Films and sounds are compared by bytes and streams only.'),
    tooPlain: count.describe('Pictures that show too little to be told by their look: blank, black, mere gradients.'),
    links: count.describe(
      'Paths that are in no group though their content is, because they are links, or further names (hard links) of a file that stays.',
    ),
    unseen: count.describe('Pictures without a fingerprint, because they could not be decoded whole.'),
  }),
  unread: z
    .array(z.string())
    .describe('Files above 64 MiB that agree in their samples but could not be read whole to prove it.'),
})

/** What is found. */
export type Duplicates = z.output<typeof duplicatesSchema>

/** One group of it. */
export type DuplicateGroup = Duplicates['groups'][number]

/** One file of a group. */
export type DuplicateMember = DuplicateGroup['members'][number]
