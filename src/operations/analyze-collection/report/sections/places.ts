import { formatCount } from '../../../../units.ts'
import type { Html } from '../../../html.ts'
import type { Statistics } from '../../statistics.ts'
import { barList } from '../bar-list.ts'
import { section } from '../section.ts'
import { counted, percent, sentence, spoken } from '../words.ts'

/** Where it was taken. A page that asks nobody has no map; it gives the box. */
export function places({ gps }: Statistics): Html | string | undefined {
  const total = gps.with + gps.without
  if (total === 0) return undefined
  if (gps.with === 0) return 'No picture or film tells where it was taken.'
  const { bounds } = gps
  const text = [
    `${sentence(spoken(gps.with / total))} of the pictures and films (${counted(gps.with, 'file')}) tell where they were taken. Whoever gets such a file learns the place.`,
    bounds &&
      `All places lie between ${latitude(bounds.south)} and ${latitude(bounds.north)}, ${longitude(bounds.west)} and ${longitude(bounds.east)}.`,
  ]
  const bar = (name: string, value: number, tone?: 'rest') => ({
    name,
    value,
    shown: `${formatCount(value)} · ${percent(value / total)}`,
    ...(tone ? { tone } : {}),
  })
  return section(
    'places',
    'Where it was taken',
    text,
    barList('Places', 'Place', [bar('with a place', gps.with), bar('without', gps.without, 'rest')]),
  )
}

const latitude = (degrees: number): string => `${Math.abs(degrees).toFixed(2)}° ${degrees < 0 ? 'S' : 'N'}`

const longitude = (degrees: number): string => `${Math.abs(degrees).toFixed(2)}° ${degrees < 0 ? 'W' : 'E'}`
