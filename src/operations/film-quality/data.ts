/** All rows in one file: as JSON, or as CSV with a column for each name that a row has. */
export function dataOf(rows: readonly Readonly<Record<string, number>>[], format: 'json' | 'csv'): Buffer {
  if (format === 'json') return Buffer.from(`[\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n]\n`)
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const lines = rows.map((row) => columns.map((column) => row[column] ?? '').join(','))
  return Buffer.from(`${[columns.join(','), ...lines].join('\r\n')}\r\n`)
}
