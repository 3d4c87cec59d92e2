import { type Box, boxesNamed } from './movie-boxes.ts'

/**
 * Lets the last sample of a picture last up to the end of its track. Samples count from one to the next as they are decoded,
 * in which order the last one may be shown before others; readers that add them up would miss what comes after it.
 */
export function reachEnds(moov: Box): void {
  for (const media of boxesNamed(moov, 'mdia')) {
    const [handler, header, times] = ['hdlr', 'mdhd', 'stts'].map((type) => boxesNamed(media, type).next().value)
    if (!handler || !header || !times || handler.data.toString('latin1', 8, 12) !== 'vide') continue
    const samples = samplesIn(times.data)
    const sum = samples.reduce((total, { count, ticks }) => total + count * ticks, 0)
    const missing = durationIn(header.data) - sum
    const last = samples.at(-1)
    if (last === undefined || missing <= 0) continue
    last.count--
    times.data = tableOf([...samples.filter(({ count }) => count > 0), { count: 1, ticks: last.ticks + missing }])
  }
}

/** Samples of one length that follow each other. */
interface Samples {
  count: number
  readonly ticks: number
}

const samplesIn = (data: Buffer): Samples[] =>
  Array.from({ length: data.readUInt32BE(4) }, (_, at) => ({
    count: data.readUInt32BE(8 + at * 8),
    ticks: data.readUInt32BE(12 + at * 8),
  }))

function tableOf(samples: readonly Samples[]): Buffer {
  const data = Buffer.alloc(8 + samples.length * 8)
  data.writeUInt32BE(samples.length, 4)
  for (const [at, { count, ticks }] of samples.entries()) {
    data.writeUInt32BE(count, 8 + at * 8)
    data.writeUInt32BE(ticks, 12 + at * 8)
  }
  return data
}

const durationIn = (data: Buffer): number => (data[0] === 1 ? Number(data.readBigUInt64BE(24)) : data.readUInt32BE(16))
