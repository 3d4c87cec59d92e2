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
  /**
   * The moment of its own clock at which a film begins; null for all but films that could be opened. With `durationMs` it places
   * frames: whoever changes how the two are found has films opened again, by a migration.
   */
  readonly originMs: number | null
  /** ISO 8601. */
  readonly takenAt: string | null
  readonly camera: string | null
  readonly title: string | null
  readonly rating: number | null
  readonly latitude: number | null
  readonly longitude: number | null
  /** Estimated memory of a full decode. */
  readonly decodedBytes: number
  /** What the photo and the film of a Live Photo have in common; null or absent for everything else. */
  readonly pairId?: string | null
  /** Of a picture that moves. */
  readonly frames?: number | null
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
  /** Of all pages, as it was when the first was asked for. */
  readonly total: number
}

const orderColumns = { added: 'a.rowid', taken: "coalesce(a.takenAt, '')", bytes: 'a.bytes' } as const

const inCollection = 'FROM locations l WHERE l.collection = ? AND l.missingAt IS NULL AND l.asset IS NOT NULL'

/** Up to so many in a list, they are found by their collection and sorted; more are sought along the order's index. */
const fewAssets = 5000

/** The assets of the catalog. */
export function openAssets(db: DatabaseSync) {
  const columns =
    'id, pixelId, kind, format, bytes, width, height, durationMs, takenAt, camera, title, rating, latitude, longitude, decodedBytes, pairId, frames, originMs'
  const names = columns.split(', ')
  const put = db.prepare(`
    INSERT INTO assets (${columns}, addedAt) VALUES (${names.map(() => '?').join(', ')}, ?)
    ON CONFLICT (id) DO UPDATE SET ${names
      .slice(1)
      .map((name) => `${name} = excluded.${name}`)
      .join(', ')}`)
  const find = db.prepare(`SELECT ${columns} FROM assets WHERE id = ?`)
  const paired = db.prepare(
    'SELECT id FROM assets WHERE pairId = ? AND kind <> ? AND present > 0 ORDER BY rowid LIMIT 20',
  )
  const countAll = db.prepare('SELECT presentAssets AS n FROM totals')
  const countCollection = db.prepare(`SELECT count(DISTINCT asset) AS n ${inCollection}`)
  const prefix = db.prepare(`SELECT ${columns} FROM assets WHERE id >= ?1 AND id < ?1 || 'g' LIMIT 2`)

  const count = (filter: AssetFilter): number => {
    const { collection, ...others } = filter
    if (Object.values(others).some((value) => value !== undefined)) {
      const { where, values } = conditions(filter, true)
      return Number(db.prepare(`SELECT count(*) AS n FROM assets a WHERE ${where}`).get(...values)?.n)
    }
    return Number((collection ? countCollection.get(collection) : countAll.get())?.n)
  }

  return {
    put: (asset: Asset) =>
      void put.run(...names.map((name) => (asset[name as keyof Asset] ?? null) as SQLInputValue), Date.now()),
    find: (id: string) => find.get(id) as unknown as Asset | undefined,
    /** Ids of the other half of a Live Photo: the film of a photo, the photo of a film; of each as many as lie somewhere. */
    pairOf: ({ kind, pairId }: Asset): string[] =>
      pairId ? paired.all(pairId, kind).map((row) => String(row.id)) : [],
    /** By the whole id or its unique beginning of at least six characters; undefined when none or several begin so. */
    findByPrefix(start: string): Asset | undefined {
      if (!/^(s-)?[0-9a-f]{6,64}$/.test(start)) return undefined
      const rows = prefix.all(start) as unknown as Asset[]
      return rows.length === 1 ? rows[0] : undefined
    },
    /** Assets that still lie somewhere, page by page; `cursor` is an earlier page's `next`. */
    list(filter: AssetFilter, order: AssetOrder, limit: number, cursor?: string): AssetPage {
      const isDown = order.startsWith('-')
      const name = order.replace('-', '') as keyof typeof orderColumns
      const column = orderColumns[name]
      const after = cursor ? decodeCursor(cursor, name !== 'taken') : undefined
      const total = after?.total ?? count(filter)
      const { where, values } = conditions(filter, total <= fewAssets)
      const paging = after ? `AND (${column}, a.rowid) ${isDown ? '<' : '>'} (?, ?)` : ''
      const direction = isDown ? 'DESC' : 'ASC'
      const rows = db
        .prepare(
          `SELECT a.*, a.rowid AS row, ${column} AS sortValue FROM assets a WHERE ${where} ${paging}
           ORDER BY ${column} ${direction}, a.rowid ${direction} LIMIT ?`,
        )
        .all(...values, ...(after ? [after.sort, after.row] : []), limit + 1)
      const page = rows.slice(0, limit)
      const last = page.at(-1)
      return {
        items: page.map((row) => Object.fromEntries(names.map((name) => [name, row[name]])) as unknown as Asset),
        next:
          rows.length > limit && last ? encodeCursor(total, last.sortValue as string | number, Number(last.row)) : null,
        total,
      }
    },
  }
}

/** SQL conditions on assets `a` and their values. `byCollection` starts from the collection's assets instead of asking for each whether it is one of them. */
export function conditions(filter: AssetFilter, byCollection: boolean): { where: string; values: SQLInputValue[] } {
  const present = 'EXISTS (SELECT 1 FROM locations l WHERE l.asset = a.id AND l.missingAt IS NULL'
  const parts = ['a.present > 0']
  const values: SQLInputValue[] = []
  const add = (sql: string, ...more: SQLInputValue[]) => {
    parts.push(sql)
    values.push(...more)
  }
  if (filter.collection) {
    add(
      byCollection ? `a.id IN (SELECT l.asset ${inCollection})` : `${present} AND l.collection = ?)`,
      filter.collection,
    )
  }
  if (filter.kind) add('a.kind = ?', filter.kind)
  if (filter.format) add('a.format = ?', filter.format)
  if (filter.camera) add('a.camera = ?', filter.camera)
  if (filter.takenFrom) add(`${orderColumns.taken} >= ?`, filter.takenFrom)
  if (filter.takenTo) add(`${orderColumns.taken} > '' AND ${orderColumns.taken} < ?`, filter.takenTo)
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

/** The total travels along, so that only the first page counts. */
const encodeCursor = (total: number, sort: string | number, row: number): string =>
  Buffer.from(JSON.stringify([`${total} ${sort}`, row])).toString('base64url')

/** Undefined for what is no cursor of ours, which then starts at the beginning. */
function decodeCursor(
  cursor: string,
  isNumber: boolean,
): { total: number; sort: string | number; row: number } | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    if (!Array.isArray(value) || value.length !== 2) return undefined
    const [text, row] = value
    const [, total, sort] = (typeof text === 'string' && /^(\d{1,15}) (.*)$/s.exec(text)) || []
    if (total === undefined || sort === undefined || !Number.isInteger(row)) return undefined
    return { total: Number(total), sort: isNumber ? Number(sort) : sort, row }
  } catch {
    return undefined
  }
}
