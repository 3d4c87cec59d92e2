import type { Pixels } from '../../media/picture.ts'
import { measureBlocking } from './blocking.ts'
import { measureCast } from './cast.ts'
import { measureEdges } from './edges.ts'
import { measureFlatAreas } from './flat-areas.ts'
import { planeOf } from './plane.ts'
import { measureScene } from './scene-statistics.ts'
import { measureSpectrum } from './spectrum.ts'
import { chooseTiles } from './tiles.ts'
import { measureTones } from './tones.ts'

/** What is measured in a picture, by name; always the same names, always finite numbers. */
export type Features = Readonly<Record<string, number>>

/** Measures interleaved RGB. The same pixels give the same numbers. */
export function measureFeatures(pixels: Pixels): Features {
  const plane = planeOf(pixels)
  const tiles = chooseTiles(plane)
  return {
    ...measureTones(plane, tiles),
    ...measureCast(plane),
    ...measureEdges(plane, tiles),
    ...measureFlatAreas(plane, tiles),
    ...measureBlocking(plane),
    ...measureSpectrum(plane, tiles),
    ...measureScene(plane, tiles),
  }
}
