/** What bentocache gives its serializer, as far as we read it ourselves. */
export interface Envelope {
  readonly value: unknown
  readonly logicalExpiration?: number
}

/** Reads an entry's text. All who ask for it in memory share the value, so it is frozen through and through. */
export function openEnvelope(text: string): Envelope {
  return freeze(JSON.parse(text))
}

function freeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value
  for (const member of Object.values(value)) freeze(member)
  return Object.freeze(value)
}
