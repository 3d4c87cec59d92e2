import type { DatabaseSync, SQLInputValue } from 'node:sqlite'

/** One media file's content, with the facts that lists filter and sort by. Null where the file does not say. */
export interface Asset {
  /** The content id. */
  readonly id: string
  readonly pixelId: string
  readonly kind: 'picture' | 'film' | 'sound'
  readonly format: string
  readonly bytes: number
  readonly width: number | null
  readonly height: number | null
  readonly durationMs: number | null
  /** ISO 8601. */
  readonly takenAt: string | null
  readonly camera: string | null
  readonly title: string | null
  readonly rating: number | null
  readonly latitude: number | null
  readonly longitude: number | null
  /** Estimated memory of a full decode. */
  readonly decodedBytes: number
}

/** What a list of assets may be narrowed to; everything is optional. */
export interface AssetFilter {
  readonly collection?: string
  readonly kind?: string
  readonly format?: string
  readonly camera?: string
  readonly takenFrom?: string
  readonly takenTo?: string
  readonly minRating?: number
  /** Part of the file name, title or camera. */
  readonly text?: string
}

/** The orders a list can have; a leading minus turns them round. */
export const assetOrders = ['added', '-added', 'taken', '-taken', 'bytes', '-bytes'] as const

/** One of the orders a list can have. */
export type AssetOrder = (typeof assetOrders)[number]

/** One page of a list: `next` continues it and is null at the end. */
export interface AssetPage {
  readonly items: Asset[]
  readonly next: string | null
  readonly total: number
}

const orderColumns = { added: 'a.rowid', taken: "coalesce(a.takenAt, '')", bytes: 'a.bytes' } as const

/** The assets of the catalog. */
export function openAssets(db: DatabaseSync) {
  const columns =
    'id, pixelId, kind, format, bytes, width, height, durationMs, takenAt, camera, title, rating, latitude, longitude, decodedBytes'
  const names = columns.split(', ')
  const put = db.prepare(`
    INSERT INTO assets (${columns}, addedAt) VALUES (${names.map(() => '?').join(', ')}, ?)
    ON CONFLICT (id) DO UPDATE SET ${names
      .slice(1)
      .map((name) => `${name} = excluded.${name}`)
      .join(', ')}`)
  const find = db.prepare(`SELECT ${columns} FROM assets WHERE id = ?`)
  const prefix = db.prepare(`SELECT ${columns} FROM assets WHERE id >= ?1 AND id < ?1 || 'g' LIMIT 2`)

  return {
    put: (asset: Asset) =>
      void put.run(...names.map((name) => asset[name as keyof Asset] as SQLInputValue), Date.now()),
    find: (id: string) => find.get(id) as unknown as Asset | undefined,
    /** By the whole id or its unique beginning of at least six characters; undefined when none or several begin so. */
    findByPrefix(start: string): Asset | undefined {
      if (!/^(s-)?[0-9a-f]{6,64}$/.test(start)) return undefined
      const rows = prefix.all(start) as unknown as Asset[]
      return rows.length === 1 ? rows[0] : undefined
    },
    /** Assets that still lie somewhere, page by page; `cursor` is an earlier page's `next`. */
    list(filter: AssetFilter, order: AssetOrder, limit: number, cursor?: string): AssetPage {
      const isDown = order.startsWith('-')
      const column = orderColumns[order.replace('-', '') as keyof typeof orderColumns]
      const { where, values } = conditions(filter)
      const after = cursor ? decodeCursor(cursor) : undefined
      const paging = after ? `AND (${column}, a.rowid) ${isDown ? '<' : '>'} (?, ?)` : ''
      const direction = isDown ? 'DESC' : 'ASC'
      const rows = db
        .prepare(
          `SELECT a.*, a.rowid AS row, ${column} AS sortValue FROM assets a WHERE ${where} ${paging}
           ORDER BY ${column} ${direction}, a.rowid ${direction} LIMIT ?`,
        )
        .all(...values, ...(after ?? []), limit + 1)
      const page = rows.slice(0, limit)
      const last = page.at(-1)
      const total = Number(db.prepare(`SELECT count(*) AS n FROM assets a WHERE ${where}`).get(...values)?.n)
      return {
        items: page.map((row) => Object.fromEntries(names.map((name) => [name, row[name]])) as unknown as Asset),
        next: rows.length > limit && last ? encodeCursor([last.sortValue as string | number, Number(last.row)]) : null,
        total,
      }
    },
  }
}

function conditions(filter: AssetFilter): { where: string; values: SQLInputValue[] } {
  const present = 'EXISTS (SELECT 1 FROM locations l WHERE l.asset = a.id AND l.missingAt IS NULL'
  const parts: string[] = []
  const values: SQLInputValue[] = []
  const add = (sql: string, ...more: SQLInputValue[]) => {
    parts.push(sql)
    values.push(...more)
  }
  if (filter.collection) add(`${present} AND l.collection = ?)`, filter.collection)
  else add(`${present})`)
  if (filter.kind) add('a.kind = ?', filter.kind)
  if (filter.format) add('a.format = ?', filter.format)
  if (filter.camera) add('a.camera = ?', filter.camera)
  if (filter.takenFrom) add('a.takenAt >= ?', filter.takenFrom)
  if (filter.takenTo) add('a.takenAt < ?', filter.takenTo)
  if (filter.minRating !== undefined) add('a.rating >= ?', filter.minRating)
  if (filter.text) {
    const like = `%${filter.text.replace(/[\\%_]/g, '\\$&')}%`
    add(
      `(a.title LIKE ? ESCAPE '\\' OR a.camera LIKE ? ESCAPE '\\' OR ${present} AND l.name LIKE ? ESCAPE '\\'))`,
      like,
      like,
      like,
    )
  }
  return { where: parts.join(' AND '), values }
}

const encodeCursor = (position: readonly [string | number, number]): string =>
  Buffer.from(JSON.stringify(position)).toString('base64url')

/** Undefined for what is no cursor of ours, which then starts at the beginning. */
function decodeCursor(cursor: string): [string | number, number] | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    if (!Array.isArray(value) || value.length !== 2) return undefined
    const [sort, row] = value
    if ((typeof sort !== 'string' && typeof sort !== 'number') || !Number.isInteger(row)) return undefined
    return [sort, row]
  } catch {
    return undefined
  }
}
