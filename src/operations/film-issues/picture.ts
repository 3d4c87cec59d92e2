import type { FrameFacts, Survey } from '../../media/film/survey.ts'
import type { Probe, VideoFacts } from '../../media/probe.ts'
import { ascending, quantile, rounded, share } from '../numbers.ts'
import { resolutionBySize } from '../quality/file-facts.ts'
import { type FilmFinding, nothing, rising } from './finding.ts'

/** Frames of which more is black tell nothing of the camera. */
const mostlyBlack = 0.9
/** Below these there is nothing to see that could be flawed: a white page, a grey card. */
const [leastContrast, leastDetail] = [0.02, 0.02]

/** Flaws that are seen in the frames themselves, by what is usual over the film. */
export function judgePicture(survey: Survey, probe: Probe) {
  const [video] = probe.video
  const frames = survey.frames.filter(({ blackShare }) => blackShare < mostlyBlack)
  const lively = frames.filter(({ contrast, sharpness }) => contrast > leastContrast && sharpness > leastDetail)
  const interlaced = judgeWoven(survey, lively, video)
  return {
    ...(lively.length === 0 ? {} : judgeLively(lively, bitsPerPixel(probe), 1 - interlaced.confidence)),
    ...(frames.length === 0 ? {} : { underexposed: judgeDark(frames) }),
    interlaced,
    'low-resolution': judgeSize(video),
  }
}

/**
 * Limits that were found with films of good cameras and the same films coded at falling rates, blurred, noised and faded: between
 * the worst good one and the best bad one.
 */
function judgeLively(frames: readonly FrameFacts[], bits: number | undefined, unwoven: number) {
  const usual = (of: keyof FrameFacts, part = 0.5) => quantile(ascending(frames.map((frame) => frame[of])), part)
  const [light, contrast, sharpness] = [usual('light'), usual('contrast'), usual('sharpness')]
  const [noise, blockiness, blockStep] = [usual('noise'), usual('blockiness'), usual('blockStep')]
  const mostContrast = usual('contrast', 0.75)
  // Low contrast alone makes edges weak, which is no blur.
  const definition = quantile(ascending(frames.map((frame) => frame.sharpness / frame.contrast)), 0.5)
  return {
    blockiness: {
      // Where codes are spent freely steps still gather on the grid, too low to be seen.
      confidence: Math.min(rising(blockiness, 0.75, 0.06), rising(blockStep, 0.45, 0.15)),
      severity: share((blockiness - 0.68) / 0.34) * share(0.4 + blockStep / 4),
      evidence: { blockiness, blockStep },
    },
    compression: judgeRate(blockiness, bits),
    blur: {
      confidence: rising(-definition, -0.28, 0.1),
      severity: share((0.6 - definition) / 0.6),
      evidence: { sharpness, contrast, definition: rounded(definition) },
    },
    // Lines of two moments look like noise.
    noise: { confidence: unwoven * rising(noise, 0.022, 0.008), severity: share(noise / 0.12), evidence: { noise } },
    overexposed: {
      confidence: rising(light, 0.89, 0.03),
      severity: share((light - 0.75) / 0.25),
      evidence: { light },
    },
    'low-contrast': {
      confidence: rising(-mostContrast, -0.068, 0.016),
      severity: share((0.12 - mostContrast) / 0.12),
      evidence: { contrast: mostContrast },
    },
  } satisfies Record<string, FilmFinding>
}

/** Modern codecs smooth their blocks, so that few bits and what is left of the steps must tell together. */
function judgeRate(blockiness: number, bits: number | undefined): FilmFinding {
  if (bits === undefined) return nothing
  const isCoarse = rising(blockiness, 0.62, 0.06)
  const isSparse = rising(-bits, -0.009, 0.002)
  const severity = share(0.3 + (blockiness - 0.6) * 2 + (0.006 - bits) * 40)
  return {
    confidence: Math.min(isCoarse, isSparse),
    severity,
    evidence: { bitsPerPixel: rounded(bits, 5), blockiness },
  }
}

function bitsPerPixel({ container, video: [video] }: Probe): number | undefined {
  const { width, height, frameRate } = video ?? {}
  const bits = video?.bitRate ?? container.bitRate
  if (!width || !height || !frameRate || !bits) return undefined
  return bits / (width * height * frameRate)
}

function judgeDark(frames: readonly FrameFacts[]): FilmFinding {
  const light = quantile(ascending(frames.map((frame) => frame.light)), 0.5)
  return { confidence: rising(-light, -0.1, 0.04), severity: share((0.2 - light) / 0.2), evidence: { light } }
}

/**
 * Coding blocks and blur make whole frames look woven, so what is so in films that do not say they are interlaced counts only
 * where the picture is clear.
 */
function judgeWoven(
  { interlacedShare }: Survey,
  lively: readonly FrameFacts[],
  video: VideoFacts | undefined,
): FilmFinding {
  if (interlacedShare === undefined) return nothing
  const isClear = lively.some(({ sharpness, blockiness }) => sharpness > 0.1 && blockiness < 0.62)
  const trust = video?.interlaced === true ? 1 : isClear ? 0.85 : 0.4
  return {
    confidence: trust * rising(interlacedShare, 0.45, 0.2),
    severity: 0.5 * interlacedShare,
    evidence: { interlacedShare },
  }
}

function judgeSize(video: VideoFacts | undefined): FilmFinding {
  const { width, height } = video ?? {}
  if (width === undefined || height === undefined) return nothing
  return { ...resolutionBySize(width, height), evidence: { width, height } }
}
