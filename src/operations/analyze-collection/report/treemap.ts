import { type Html, html } from '../../html.ts'
import { across, figure } from './figure.ts'

/** A field of a treemap. */
export interface Field {
  readonly name: string
  readonly value: number
  /** The value in words, in the field where it fits. */
  readonly shown: string
  /** Which of the colours `kind-…` of the style it has. */
  readonly colour: string
}

interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

const height = 240
/** Fields are laid out as if the page were so wide; narrower pages only squeeze them. */
const width = 800

/** Draws shares of a whole as fields of the same share of an area. */
export function treemap(id: string, title: string, description: string, fields: readonly Field[]): Html {
  const shownFields = fields.filter(({ value }) => value > 0)
  const boxes = squarify(
    shownFields.map(({ value }) => value),
    { x: 0, y: 0, width, height },
  )
  const drawing = shownFields.map(({ name, shown, colour }, at) => {
    const box = boxes[at] ?? { x: 0, y: 0, width: 0, height: 0 }
    const fits = box.width > 64 && box.height > 24
    return html`<svg x="${across(box.x / width)}" y="${fixed(box.y)}" width="${across(box.width / width)}" height="${fixed(box.height)}"><rect class="field ${colour}" width="100%" height="100%"><title>${name}: ${shown}</title></rect>${
      fits && html`<text class="on-field name" x="10" y="20">${name}</text>`
    }${fits && box.height > 44 && 7 * shown.length + 20 < box.width && html`<text class="on-field ${box.width < width / 2 && 'spare'}" x="10" y="38">${shown}</text>`}</svg>`
  })
  const rows = fields.map(({ name, shown }) => [name, shown])
  return figure({ id, title, description, height, drawing, columns: ['Format', 'Size'], rows })
}

const fixed = (value: number): number => Math.round(value * 100) / 100

/** Fields as square as can be, largest first (Bruls, Huizing and van Wijk): a row grows as long as its worst field gains. */
function squarify(values: readonly number[], room: Box): Box[] {
  const total = values.reduce((sum, value) => sum + value, 0)
  const areas = values.map((value) => (value / total) * room.width * room.height)
  const boxes: Box[] = []
  let left = room
  for (let at = 0; at < areas.length; ) {
    const side = Math.min(left.width, left.height)
    let end = at + 1
    while (end < areas.length && worst(areas.slice(at, end + 1), side) <= worst(areas.slice(at, end), side)) end++
    const row = areas.slice(at, end)
    const deep = row.reduce((sum, area) => sum + area, 0) / side
    let along = 0
    for (const area of row) {
      const long = area / deep
      boxes.push(
        left.width < left.height
          ? { x: left.x + along, y: left.y, width: long, height: deep }
          : { x: left.x, y: left.y + along, width: deep, height: long },
      )
      along += long
    }
    left =
      left.width < left.height
        ? { ...left, y: left.y + deep, height: left.height - deep }
        : { ...left, x: left.x + deep, width: left.width - deep }
    at = end
  }
  return boxes
}

/** The longest side to the shortest of the worst field of a row along a side. */
function worst(row: readonly number[], side: number): number {
  const sum = row.reduce((total, area) => total + area, 0)
  return Math.max((side ** 2 * Math.max(...row)) / sum ** 2, sum ** 2 / (side ** 2 * Math.min(...row)))
}
