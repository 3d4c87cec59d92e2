import { createHash } from 'node:crypto'
import { formatBytes, formatCount } from '../../../units.ts'
import { type Html, html, shown, visible } from '../../html.ts'
import type { Statistics } from '../statistics.ts'
import { section } from './section.ts'
import { attention } from './sections/attention.ts'
import { contents } from './sections/contents.ts'
import { dates } from './sections/dates.ts'
import { cameraSentence, gear } from './sections/gear.ts'
import { places } from './sections/places.ts'
import { quality } from './sections/quality.ts'
import { saving } from './sections/saving.ts'
import { sizes } from './sections/sizes.ts'
import { style } from './style.ts'
import { counted, listed, percent } from './words.ts'
import { mainYears } from './years.ts'

/** The order in which a person asks. */
const sections = [contents, dates, gear, sizes, places, quality, saving, attention]

/** The report as one HTML file that needs nothing else, to be read on a screen or printed. */
export function reportPage(statistics: Statistics): string {
  const { collection, totals } = statistics
  const isEmpty = totals.files === 0
  const { markup } = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src '${hashOf(style)}'; img-src data:; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>${visible(collection.name, 80)}: report of the collection</title>
<style>${styleMark}</style>
</head>
<body>
<header>
<p class="kicker">Report of the collection</p>
<h1>${shown(collection.name, 80)}</h1>
<p class="path">${shown(collection.root)}</p>
<p class="lead">${isEmpty ? 'There is no picture, film or sound in this collection yet.' : lead(statistics)}</p>
${!isEmpty && keyFigures(statistics)}
</header>
<main>
${!isEmpty && body(statistics)}
</main>
<footer><p>Made by mediamill. Dates, cameras and places are those that the files tell of themselves. Every byte copy is counted as a file.</p></footer>
</body>
</html>
`
  return markup.replace(styleMark, () => style)
}

/** Stands for the style until the page is built: as a part of the template its quotes would be escaped. */
const styleMark = '/* style */'

/** Nothing but our own style takes effect, so that a file name full of markup stays a name, even if escaping had a hole. */
const hashOf = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`

/** All parts that have something to show; what the files do not tell is said in a few sentences at the end. */
function body(statistics: Statistics): Html {
  const parts = sections.map((one) => one(statistics))
  const silent = parts.filter((part) => typeof part === 'string')
  return html`${parts.filter((part) => typeof part === 'object')}${
    silent.length > 0 && section('silent', 'What is not known', silent)
  }`
}

function lead(statistics: Statistics): Html {
  const { totals, dates: found, cameras } = statistics
  const what = [
    totals.pictures > 0 && counted(totals.pictures, 'photo'),
    totals.films > 0 && counted(totals.films, 'film'),
    totals.sounds > 0 && counted(totals.sounds, 'sound'),
  ].filter((text) => text !== false)
  const { years } = mainYears(found.years)
  const [first, last] = [years[0]?.year, years.at(-1)?.year]
  const when =
    first === undefined ? '' : first === last ? `, taken in ${first}` : `, taken between ${first} and ${last}`
  const camera = cameraSentence(cameras)
  return html`${listed(what)}, ${formatBytes(totals.bytes)} in all${when}.${camera && [' ', camera]}`
}

function keyFigures({ totals, cameras, duplicates, forecast, quality: { median } }: Statistics): Html {
  const figures: (readonly [label: string, value: string] | false)[] = [
    [totals.files === 1 ? 'file' : 'files', formatCount(totals.files)],
    ['on disk', formatBytes(totals.bytes)],
    cameras.distinct > 0 && [cameras.distinct === 1 ? 'camera' : 'cameras', formatCount(cameras.distinct)],
    median !== undefined && ['median score of 100', String(median)],
    [duplicates.files === 1 ? 'byte copy' : 'byte copies', formatCount(duplicates.files)],
    forecast.savedBytes !== undefined && [
      `could be saved, ${percent(forecast.bytes > 0 ? forecast.savedBytes / forecast.bytes : 0)}`,
      formatBytes(forecast.savedBytes),
    ],
  ]
  return html`<dl>${figures.map((one) => one !== false && html`<div><dt>${one[0]}</dt><dd>${one[1]}</dd></div>`)}</dl>`
}
