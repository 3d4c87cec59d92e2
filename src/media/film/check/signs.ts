import type { Stretch } from '../../film.ts'

/** What is damaged; `missing` is what should be there and is not. */
export type DamageKind = 'missing' | 'video' | 'audio' | 'container' | 'timestamps'

/** What a sign of damage means. */
interface SignTraits {
  readonly kind: DamageKind
  /** In words, as a sentence without its full stop. */
  say(count: number): string
  /** Players show it without anyone noticing. */
  readonly isHarmless: boolean
}

/**
 * Every sign of damage there is. Harmless are those that players pass over as a matter of course, each for the reason beside
 * it; whatever else is found makes a film a damaged one.
 */
export const signs = {
  'picture-undecodable': {
    kind: 'video',
    say: (count) => `${frames(count)} can not be decoded`,
    isHarmless: false,
  },
  'picture-guessed': {
    kind: 'video',
    say: (count) => `parts of ${frames(count)} can not be decoded and are guessed`,
    isHarmless: false,
  },
  // Recordings of broadcasts and cut-out pieces begin so; players wait for the first key frame.
  'picture-leading': {
    kind: 'video',
    say: (count) => `${frames(count)} before the first key frame refer to what is not there`,
    isHarmless: true,
  },
  'sound-undecodable': {
    kind: 'audio',
    say: (count) => `${packets(count)} of the sound can not be decoded`,
    isHarmless: false,
  },
  // A piece that was cut out of a longer sound leans on what stood before it; decoders begin a few hundredths later.
  'sound-first': {
    kind: 'audio',
    say: () => 'the sound begins in the middle of what belongs together',
    isHarmless: true,
  },
  // Recorders stop where they are; it is a few hundredths of a second.
  'sound-last': { kind: 'audio', say: () => 'the last packet of the sound is cut short', isHarmless: true },
  gap: { kind: 'missing', say: () => 'picture and sound are missing', isHarmless: false },
  'gap-picture': {
    kind: 'missing',
    say: (count) => `${frames(count)} ${count === 1 ? 'is' : 'are'} missing`,
    isHarmless: false,
  },
  'gap-sound': { kind: 'missing', say: () => 'sound is missing', isHarmless: false },
  // Cameras and recorders drop single frames when they can not keep up; the one before stays on the screen.
  'gap-frames': {
    kind: 'missing',
    say: (count) => `${frames(count)} ${count === 1 ? 'was' : 'were'} dropped`,
    isHarmless: true,
  },
  // Opus and speech codecs send nothing while all is quiet.
  'gap-silence': { kind: 'missing', say: () => 'no sound was recorded', isHarmless: true },
  end: { kind: 'missing', say: () => 'it ends before the end that it declares', isHarmless: false },
  'end-picture': { kind: 'missing', say: () => 'the picture ends before its declared end', isHarmless: false },
  'end-sound': { kind: 'missing', say: () => 'the sound ends before its declared end', isHarmless: false },
  cut: { kind: 'container', say: () => 'the file ends before its container does', isHarmless: false },
  // What is announced behind the last frame is nothing that is seen or heard: free space, an index, tags.
  'cut-behind': {
    kind: 'container',
    say: () => 'the file ends before its container does, but behind all picture and sound',
    isHarmless: true,
  },
  reading: { kind: 'container', say: () => 'the container can not be read on from here', isHarmless: false },
  // Players sort by the times of showing.
  stamps: { kind: 'timestamps', say: () => 'times of decoding go back', isHarmless: true },
} as const satisfies Record<string, SignTraits>

const frames = (count: number): string => (count === 1 ? 'a frame' : `${count} frames`)
const packets = (count: number): string => (count === 1 ? 'a packet' : `${count} packets`)

/** The name of a sign of damage. */
export type Sign = keyof typeof signs

/** A sign of damage and where it was found. */
export interface Finding extends Stretch {
  readonly sign: Sign
  /** Frames or packets that it stands for; one when left out. */
  readonly count?: number
}

/** Signs of one kind this close to each other are one damage. */
const nearMs = 250
/** More pieces than this are joined over wider distances: nobody reads them. */
const maxPieces = 200

/** Findings of one sign that lie close to each other made one, in the order of time. */
export function gathered(findings: readonly Finding[]): Finding[] {
  for (let distance = nearMs; ; distance *= 4) {
    const pieces = joinedWithin(findings, distance)
    if (pieces.length <= maxPieces || distance > 1e9) return pieces
  }
}

function joinedWithin(findings: readonly Finding[], distance: number): Finding[] {
  const sorted = [...findings].sort((one, other) => one.fromMs - other.fromMs)
  const last = new Map<Sign, { sign: Sign; fromMs: number; toMs: number; count: number }>()
  const whole: Finding[] = []
  for (const { sign, fromMs, toMs, count = 1 } of sorted) {
    const before = last.get(sign)
    if (before !== undefined && fromMs <= before.toMs + distance) {
      before.toMs = Math.max(before.toMs, toMs)
      before.count += count
    } else {
      const piece = { sign, fromMs, toMs, count }
      last.set(sign, piece)
      whole.push(piece)
    }
  }
  return whole
}
