import type { Probe } from '../probe.ts'
import type { CodingFacts, FoundGroup, FoundGroups } from './found.ts'
import { cleanText } from './text.ts'

const apple = 'com.apple.quicktime.'

/** FFmpeg's names of primaries, in our words; a name that is missing here stands for itself. */
const colorSpaces: Record<string, string> = { bt2020: 'rec2020', smpte432: 'display-p3', smpte431: 'dci-p3' }

/** What an opened film or sound tells: its tags in two groups (Apple's own apart), and the facts of its first picture track. */
export function filmTags(probe: Probe): { groups: FoundGroups; facts: CodingFacts } {
  const quicktime: FoundGroup = {}
  const film: FoundGroup = {}
  for (const [name, raw] of Object.entries(probe.tags)) {
    const value = cleanText(raw)
    if (value === undefined) continue
    if (name.startsWith(apple)) quicktime[name.slice(apple.length)] = { value }
    else film[name.toLowerCase()] = { value }
  }
  const video = probe.video[0]
  const primaries = video?.colorPrimaries
  const facts: CodingFacts = {}
  // Sizes as seen; a track whose display size is not known stands as it is coded.
  const width = video?.displayWidth ?? video?.width
  const height = video?.displayHeight ?? video?.height
  if (width !== undefined) facts.width = width
  if (height !== undefined) facts.height = height
  if (video?.bitDepth !== undefined) facts.bitDepth = video.bitDepth
  if (primaries && !/^(unknown|unspecified|reserved)/.test(primaries))
    facts.colorSpace = colorSpaces[primaries] ?? primaries
  if (probe.container.durationMs !== undefined) facts.durationMs = probe.container.durationMs
  return { groups: { quicktime, film }, facts }
}
