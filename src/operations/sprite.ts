import { z } from 'zod'
import { shotEdge } from '../media/film/moments.ts'
import { silently } from '../media/film/work-io.ts'
import type { Film, FilmIo, FilmShot } from '../media/film.ts'
import { defineOperation } from './operation.ts'
import { type Cue, vttOf } from './sprite/cues.ts'
import { Sheet } from './sprite/sheet.ts'
import { layoutFor, rhythmOf } from './sprite/tiles.ts'

/** Pictures of a film at even distances, on sheets, with a list for players; each key frame is decoded once. */
export const sprite = defineOperation({
  name: 'sprite',
  group: 'video-processing',
  accepts: ['film', 'sound'],
  version: 2,
  category: 'thumbnail',
  dependsOn: 'pixels',
  summary:
    'Makes sheets of small pictures along a film, and the WebVTT by which players show them above the time line.',
  params: z.object({
    intervalMs: z
      .int()
      .min(40)
      .max(86_400_000)
      .optional()
      .describe('From one tile to the next; left out: about a hundred tiles, but none closer than a second.'),
    width: z.int().min(16).max(960).default(160).describe('Width of a tile in pixels. Never enlarged.'),
    columns: z.int().min(1).max(100).default(10).describe('Tiles in a row; fewer where a sheet would be too wide.'),
    format: z.enum(['jpeg', 'webp']).default('webp').describe('The format of the sheets.'),
    exact: z
      .boolean()
      .default(false)
      .describe('The frame that is shown when its cue begins, which is slower; else the key frame at or before it.'),
  }),
  result: z.object({
    intervalMs: z.int().describe('From one tile to the next.'),
    tiles: z.int().describe('How many there are.'),
    frames: z.int().describe('How many different frames they show: a key frame may stand for several.'),
    tileWidth: z.int().describe('In pixels.'),
    tileHeight: z.int().describe('In pixels.'),
    columns: z.int().describe('Tiles in a row of a sheet.'),
    sheets: z.int().describe('How many there are; a very long film needs several.'),
    format: z.string().describe('The format of the sheets.'),
    bytes: z.int().describe('Of all sheets together.'),
    damaged: z
      .int()
      .optional()
      .describe('Tiles whose frames could be decoded in part only; absent when there is none.'),
  }),
  artifacts: ['sheet', 'vtt'],
  examples: [
    { title: 'About a hundred tiles', params: {} },
    {
      title: 'A JPEG with the exact frame every half second',
      params: { intervalMs: 500, format: 'jpeg', exact: true },
    },
    { title: 'Wider tiles in rows of five', params: { width: 320, columns: 5 } },
  ],

  edge: () => shotEdge,

  async run(media, { intervalMs: wantedMs, width, columns: wantedColumns, format, exact }, io) {
    const film = await media.film()
    const isMoving = film.probe.video.length > 0
    // A cover is the same at every moment.
    const lengthMs = film.probe.container.durationMs
    const { intervalMs, moments, endMs } = rhythmOf(lengthMs, isMoving ? wantedMs : Math.ceil(lengthMs ?? 1000))
    const [first] = await film.shots([0], { edge: 1, exact }, silently(io))
    if (first === undefined) throw new Error('a film gives a shot for each moment')
    const { fullWidth, fullHeight } = first.picture
    const { tile, columns, rows } = layoutFor(
      { width: fullWidth, height: fullHeight },
      { width, columns: wantedColumns },
    )
    const edge = Math.max(tile.width, tile.height)
    const perSheet = columns * rows
    const cues: Cue[] = []
    const [seen, damaged] = [new Set<number>(), new Set<number>()]
    let bytes = 0
    for (let from = 0; from < moments.length; from += perSheet) {
      const onSheet = moments.slice(from, from + perSheet)
      const name = `sheet-${from / perSheet + 1}.${format}`
      const sheet = new Sheet({ tile, columns, rows }, onSheet.length)
      for await (const [ms, shot] of shotsOf(film, onSheet, { edge, exact }, io)) {
        const place = await sheet.lay(shot)
        seen.add(shot.ms)
        if (shot.isDamaged) damaged.add(ms)
        cues.push({ fromMs: ms, toMs: moments[cues.length + 1] ?? endMs, sheet: name, ...place })
        io.progress(cues.length / moments.length)
      }
      const { data, ...size } = await first.picture.withPixels(sheet.pixels).write({ format, effort: 'fast' })
      await io.artifact({ role: 'sheet', name, format, ...size }, data)
      bytes += data.length
    }
    await io.artifact({ role: 'vtt', name: 'sprite.vtt', format: 'vtt' }, Buffer.from(vttOf(cues, tile)))
    return {
      intervalMs,
      tiles: moments.length,
      frames: seen.size,
      tileWidth: tile.width,
      tileHeight: tile.height,
      columns,
      sheets: Math.ceil(moments.length / perSheet),
      format,
      bytes,
      ...(damaged.size > 0 ? { damaged: damaged.size } : {}),
    }
  },
})

/** So many are held at a time. */
const group = 50

async function* shotsOf(
  film: Film,
  moments: readonly number[],
  want: { edge: number; exact: boolean },
  io: FilmIo,
): AsyncGenerator<[ms: number, shot: FilmShot], void> {
  for (let from = 0; from < moments.length; from += group) {
    const some = moments.slice(from, from + group)
    const shots = await film.shots(some, want, silently(io))
    for (const [at, shot] of shots.entries()) yield [some[at] ?? 0, shot]
  }
}
