import { boxHeadAt } from '../box-head.ts'
import { type ByteView, partOf } from './source.ts'

/** One box of the ISO base media family (HEIF, AVIF, JPEG XL, JPEG 2000, CR3, MP4): its type and what is in it. */
export interface Box {
  readonly type: string
  readonly body: ByteView
}

/** More boxes than this on one level do not occur; hostile files chain empty ones. */
const maxBoxes = 10_000

/** The boxes on one level, in order; a box that claims more than there is is cut, a broken one ends the list. */
export function boxesOf(view: ByteView, start = 0): Box[] {
  const boxes: Box[] = []
  let position = start
  while (boxes.length < maxBoxes) {
    const head = boxHeadAt(view.bytes(position, 16), 0, view.size - position)
    if (!head) break
    const { type, headBytes, bytes } = head
    boxes.push({ type, body: partOf(view, position + headBytes, bytes - headBytes) })
    position += bytes
  }
  return boxes
}

/** The first box along a path of types (`moov/trak/mdia`); undefined when a step is missing. */
export function boxAt(boxes: readonly Box[], path: string): Box | undefined {
  const [type, ...rest] = path.split('/')
  const box = boxes.find((candidate) => candidate.type === type)
  return box && rest.length > 0 ? boxAt(boxesOf(box.body), rest.join('/')) : box
}
