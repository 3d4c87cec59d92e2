import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { FastifyRequest } from 'fastify'
import { MediaError } from '../errors.ts'
import { isAlive, ownMark } from '../executor/owner.ts'

/** A file that came with a request, and the form's other fields as texts. */
export interface Upload {
  /** Where it lies until `remove`. */
  readonly path: string
  /** The name that the client gave it. */
  readonly name: string
  readonly fields: Readonly<Record<string, string>>
  /** Further files, such as a reference: where each lies, by the name of its field. The field's text is its own name. */
  readonly others: ReadonlyMap<string, string>
  /** Removes the files; must be called whatever happens. */
  remove(): Promise<void>
}

/** Where uploads lie while they are worked on. */
export const uploadsIn = (data: string): string => join(data, 'uploads')

/** Removes the uploads that a killed server left behind; those of living processes stay. */
export async function clearUploads(data: string): Promise<void> {
  const folder = uploadsIn(data)
  const names = await readdir(folder).catch(() => [])
  for (const name of names) {
    const [owner = ''] = name.split('_')
    if (!isAlive(owner)) await rm(join(folder, name), { force: true })
  }
}

const mostFiles = 8

/** Receives a form with one file in the field `file`, and others. Whatever goes wrong, nothing of it stays. */
export async function receiveUpload(
  request: FastifyRequest,
  options: { folder: string; maxBytes: number; signal: AbortSignal },
): Promise<Upload> {
  const { folder, maxBytes, signal } = options
  await mkdir(folder, { recursive: true })
  const place = () => join(folder, `${ownMark()}_${randomUUID()}.part`)
  const path = place()
  const others = new Map<string, string>()
  const remove = async () => {
    for (const file of [path, ...others.values()]) await rm(file, { force: true })
  }
  const fields: Record<string, string> = {}
  let name: string | undefined
  try {
    for await (const part of request.parts({ limits: { fileSize: maxBytes, files: mostFiles, fields: 100 } })) {
      if (part.type === 'field') {
        assertHarmless(part.fieldname)
        fields[part.fieldname] = String(part.value)
        continue
      }
      assertHarmless(part.fieldname)
      const isMain = part.fieldname === 'file'
      if (isMain && name !== undefined) throw new MediaError('PARAMS_INVALID', ['The form has two fields "file".'])
      const target = isMain ? path : place()
      if (isMain) name = part.filename
      else {
        others.set(part.fieldname, target)
        fields[part.fieldname] ??= part.fieldname
      }
      await pipeline(part.file, createWriteStream(target), { signal })
      if (part.file.truncated) throw new MediaError('BODY_TOO_LARGE', [maxBytes])
    }
    if (name === undefined) throw new MediaError('PARAMS_INVALID', ['The form has no file in the field "file".'])
    return { path, name, fields, others, remove }
  } catch (thrown) {
    await remove()
    if (signal.aborted) throw new MediaError('CANCELLED', [], { cause: thrown })
    if (isTooLarge(thrown)) throw new MediaError('BODY_TOO_LARGE', [maxBytes], { cause: thrown })
    if (isMalformed(thrown))
      throw new MediaError('REQUEST_INVALID', ['its form is incomplete or none'], { cause: thrown })
    throw thrown
  }
}

const isTooLarge = (error: unknown): boolean => (error as { code?: string }).code === 'FST_REQ_FILE_TOO_LARGE'

/** The form parser's complaints are bare errors; what disk and Fastify complain of has a code. */
const isMalformed = (error: unknown): boolean =>
  error instanceof Error && error.constructor === Error && !('code' in error)

/** Names become keys of objects: those that reach into every object are refused. */
function assertHarmless(name: string): void {
  if (/(^|\.)(__proto__|constructor|prototype)(\.|$)/.test(name)) {
    throw new MediaError('PARAMS_INVALID', [`There is no parameter "${name}".`])
  }
}
