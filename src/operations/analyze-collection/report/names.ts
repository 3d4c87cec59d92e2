import { type Html, shown } from '../../html.ts'
import type { Statistics } from '../statistics.ts'

/** A file's name from the collection's folder on, as it may be shown. */
export function fileName({ collection }: Statistics, path: string): Html {
  const { root } = collection
  const isInside = path.startsWith(root) && /^[\\/]/.test(path.slice(root.length))
  return shown(isInside ? path.slice(root.length + 1) : path)
}
