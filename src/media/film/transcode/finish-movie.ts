import { type FileHandle, open } from 'node:fs/promises'
import { MediaError } from '../../../errors.ts'
import { MiB } from '../../../units.ts'
import { boxHeadAt } from '../../box-head.ts'
import type { Chapter } from '../../probe.ts'
import { reachEnds } from './last-samples.ts'
import { type Box, bytesOf, chapterBox, readBoxes, shiftOffsets, tagsBox } from './movie-boxes.ts'

/** What is added to the index. */
export interface MovieExtras {
  readonly chapters: readonly Chapter[]
  /** Tags that FFmpeg has no place for. */
  readonly tags: Readonly<Record<string, string>>
}

/** Puts the index of an MP4 or MOV before its content, so that it plays while it is still loading, with what FFmpeg leaves out. */
export async function finishMovie(path: string, extras: MovieExtras, signal: AbortSignal): Promise<void> {
  const file = await open(path, 'r+')
  try {
    const { size } = await file.stat()
    const top = await topBoxes(file, size)
    const index = top.find(({ type }) => type === 'moov')
    const content = top.find(({ type }) => type !== 'ftyp')
    if (index === undefined || content === undefined || index.at + index.size !== size) {
      throw new MediaError('INTERNAL', ['the index of the new film is not where it should be'])
    }
    const bytes = Buffer.alloc(index.size)
    await file.read(bytes, 0, index.size, index.at)
    const [moov] = readBoxes(bytes)
    if (moov === undefined) throw new MediaError('INTERNAL', ['the index of the new film can not be read'])
    reachEnds(moov)
    extend(moov, extras)
    const moved = movedIndex(moov)
    await moveUp(file, { from: content.at, to: index.at, by: moved.length, signal })
    await file.write(moved, 0, moved.length, content.at)
    await file.truncate(index.at + moved.length)
  } finally {
    await file.close()
  }
}

function extend(moov: Box, { chapters, tags }: MovieExtras): void {
  const boxes = moov.boxes ?? []
  moov.boxes = boxes
  if (Object.keys(tags).length > 0) boxes.push(tagsBox(tags))
  if (chapters.length === 0) return
  const user = boxes.find(({ type }) => type === 'udta')
  if (user === undefined) boxes.push({ type: 'udta', data: Buffer.alloc(0), boxes: [chapterBox(chapters)] })
  else user.boxes = [...(user.boxes ?? []), chapterBox(chapters)]
}

/** Its size is how far all that it points to moves, and may grow by that. */
function movedIndex(moov: Box): Buffer {
  const before = bytesOf(moov).length
  shiftOffsets(moov, before)
  const moved = bytesOf(moov)
  if (moved.length === before) return moved
  shiftOffsets(moov, moved.length - before)
  return bytesOf(moov)
}

interface TopBox {
  readonly type: string
  readonly at: number
  readonly size: number
}

async function topBoxes(file: FileHandle, end: number): Promise<TopBox[]> {
  const boxes: TopBox[] = []
  const room = Buffer.alloc(16)
  for (let at = 0; at + 8 <= end; ) {
    const { bytesRead } = await file.read(room, 0, 16, at)
    const head = boxHeadAt(room.subarray(0, bytesRead), 0, end - at)
    if (!head) break
    boxes.push({ type: head.type, at, size: head.bytes })
    at += head.bytes
  }
  return boxes
}

/** Moves a stretch of a file towards its end, from behind, so that nothing is overwritten before it was read. */
async function moveUp(
  file: FileHandle,
  { from, to, by, signal }: { from: number; to: number; by: number; signal: AbortSignal },
): Promise<void> {
  const buffer = Buffer.alloc(Math.min(4 * MiB, Math.max(1, to - from)))
  for (let end = to; end > from; ) {
    signal.throwIfAborted()
    const length = Math.min(buffer.length, end - from)
    const { bytesRead } = await file.read(buffer, 0, length, end - length)
    if (bytesRead !== length) throw new MediaError('INTERNAL', ['the new film can not be read again'])
    await file.write(buffer, 0, length, end - length + by)
    end -= length
  }
}
