/** An entry of a media playlist. */
export interface HlsEntry {
  readonly seconds: number
  readonly uri: string
  readonly offset: number
  readonly bytes: number
}

/** A media playlist, taken apart; throws where a line is not as RFC 8216 has it. */
export function readMediaPlaylist(text: string) {
  const lines = linesOf(text)
  const tag = (name: string) => lines.find((line) => line.startsWith(`#${name}:`))?.slice(name.length + 2)
  const [, headUri = '', headBytes = ''] = /URI="([^"]+)",BYTERANGE="(\d+)@0"/.exec(tag('EXT-X-MAP') ?? '') ?? []
  const entries: HlsEntry[] = []
  for (const [at, line] of lines.entries()) {
    if (!line.startsWith('#EXTINF:')) continue
    const [, bytes, offset] = /^#EXT-X-BYTERANGE:(\d+)@(\d+)$/.exec(lines[at + 1] ?? '') ?? []
    const uri = lines[at + 2] ?? ''
    if (bytes === undefined || uri === '' || uri.startsWith('#')) throw new Error(`no byte range after line ${at}`)
    entries.push({ seconds: Number.parseFloat(line.slice(8)), uri, offset: Number(offset), bytes: Number(bytes) })
  }
  return {
    targetSeconds: Number(tag('EXT-X-TARGETDURATION')),
    type: tag('EXT-X-PLAYLIST-TYPE'),
    isEnded: lines.includes('#EXT-X-ENDLIST'),
    isForWinding: lines.includes('#EXT-X-I-FRAMES-ONLY'),
    head: { uri: headUri, bytes: Number(headBytes) },
    entries,
    seconds: entries.reduce((sum, { seconds }) => sum + seconds, 0),
  }
}

/** What a master playlist offers: each tag's attributes, with the address that belongs to it under `uri`. */
export function readMasterPlaylist(text: string) {
  const lines = linesOf(text)
  const tagged = (name: string) =>
    lines.flatMap((line, at) => {
      if (!line.startsWith(`#${name}:`)) return []
      const attributes = Object.fromEntries(
        [...line.slice(name.length + 2).matchAll(/([A-Z-]+)=("[^"]*"|[^,]*)/g)].map(([, key, value]) => [
          key,
          value?.replace(/^"|"$/g, ''),
        ]),
      ) as Record<string, string>
      return [{ ...attributes, uri: attributes.URI ?? lines[at + 1] ?? '' } as Record<string, string> & { uri: string }]
    })
  return {
    variants: tagged('EXT-X-STREAM-INF'),
    winding: tagged('EXT-X-I-FRAME-STREAM-INF'),
    sound: tagged('EXT-X-MEDIA'),
  }
}

function linesOf(text: string): string[] {
  const lines = text.trimEnd().split('\n')
  if (lines[0] !== '#EXTM3U') throw new Error('a playlist begins with #EXTM3U')
  return lines
}
