import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AV_CODEC_ID_H264, AV_PKT_FLAG_KEY, AVMEDIA_TYPE_VIDEO } from 'node-av/constants'
import { FFmpegError, FormatContext, Packet, Rational } from 'node-av/lib'
import { makeFilm } from './films.ts'

/** A box of an MP4. */
export function box(name: string, ...content: readonly Buffer[]): Buffer {
  const inside = Buffer.concat(content)
  const header = Buffer.alloc(8)
  header.writeUInt32BE(inside.length + 8, 0)
  header.write(name, 4, 'latin1')
  return Buffer.concat([header, inside])
}

const fileType = box('ftyp', Buffer.from('isom\0\0\0\0isom'))

/** Texts by which players are sent to other files and addresses; each is a playlist of some kind. */
export const playlists = (target: string): Readonly<Record<string, string>> => ({
  'hls.mp4': `#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n${target}\n#EXT-X-ENDLIST\n`,
  'hls.m3u8': `#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n${target}\n#EXT-X-ENDLIST\n`,
  'concat.mp4': `ffconcat version 1.0\nfile '${target}'\n`,
  'dash.mpd': `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><Period><AdaptationSet><Representation id="1"><BaseURL>${target}</BaseURL></Representation></AdaptationSet></Period></MPD>`,
  'session.sdp': `v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\na=control:${target}\nm=video 9 RTP/AVP 96\n`,
  'list.xspf': `<?xml version="1.0"?><playlist xmlns="http://xspf.org/ns/0/"><trackList><track><location>${target}</location></track></trackList></playlist>`,
  'list.asx': `<asx version="3.0"><entry><ref href="${target}"/></entry></asx>`,
  'list.wmv': `[Reference]\nRef1=${target}\n`,
  'subtitles.mkv': `WEBVTT\nSTYLE\n::cue { background: url("${target}") }\n\n00:00.000 --> 00:01.000\nx\n`,
})

/** A QuickTime film whose samples lie elsewhere, as it says, by an address or by the name of another file. */
export async function filmElsewhere(path: string, target: string, kind: 'url ' | 'alis'): Promise<void> {
  await makeFilm(path, { seconds: 0.5 })
  const film = readFileSync(path)
  const at = film.indexOf('dref')
  const entry = Buffer.concat([Buffer.alloc(4), kind === 'url ' ? Buffer.from(`${target}\0`) : aliasOf(target)])
  const reference = box('dref', Buffer.from([0, 0, 0, 0, 0, 0, 0, 1]), box(kind, entry))
  writeFileSync(path, replaced(film, at - 4, reference))
}

/** The record by which old Macintosh files name others: an absolute path is its part 18. */
function aliasOf(target: string): Buffer {
  const name = Buffer.from(target.slice(0, 512))
  const record = Buffer.alloc(150)
  record.writeUInt16BE(150, 4)
  const part = Buffer.alloc(4)
  part.writeUInt16BE(18, 0)
  part.writeUInt16BE(name.length, 2)
  const end = Buffer.from([0xff, 0xff, 0, 0])
  return Buffer.concat([record, part, name, ...(name.length % 2 === 1 ? [Buffer.alloc(1)] : []), end])
}

/** A file with another box where one was; the boxes around it are made longer. */
function replaced(film: Buffer, at: number, by: Buffer): Buffer {
  const old = film.readUInt32BE(at)
  const grown = by.length - old
  const copy = Buffer.from(film)
  for (const name of ['moov', 'trak', 'mdia', 'minf', 'dinf']) {
    const around = copy.indexOf(name) - 4
    copy.writeUInt32BE(copy.readUInt32BE(around) + grown, around)
  }
  return Buffer.concat([copy.subarray(0, at), by, copy.subarray(at + old)])
}

/** An MP3 whose cover is an address. */
export async function soundWithCoverElsewhere(path: string, target: string): Promise<void> {
  await makeFilm(path, {
    video: null,
    audio: 'libmp3lame',
    seconds: 0.5,
    muxer: { id3v2_version: '0', write_xing: '0' },
  })
  const content = Buffer.concat([Buffer.from('\0-->\0\x03\0', 'latin1'), Buffer.from(target)])
  const frame = Buffer.alloc(10)
  frame.write('APIC', 0, 'latin1')
  frame.writeUInt32BE(content.length, 4)
  const length = content.length + 10
  const header = Buffer.from([0x49, 0x44, 0x33, 3, 0, 0, 0, 0, length >> 7, length & 127])
  writeFileSync(path, Buffer.concat([header, frame, content, readFileSync(path)]))
}

/** Makes films whose headers are absurd into a folder; gives their names. */
export async function makeAbsurdFilms(folder: string): Promise<string[]> {
  const names: string[] = []
  const put = (name: string, ...parts: readonly Buffer[]) => {
    names.push(name)
    writeFileSync(join(folder, name), Buffer.concat(parts))
  }
  await makeFilm(join(folder, 'base.mov'), { seconds: 1 })
  await makeFilm(join(folder, 'base.mkv'), { seconds: 1 })
  await makeFilm(join(folder, 'base.avi'), { seconds: 0.2, video: 'rawvideo', width: 16, height: 16 })
  const mov = readFileSync(join(folder, 'base.mov'))
  const mkv = readFileSync(join(folder, 'base.mkv'))
  const changed = (film: Buffer, mark: string | Buffer, change: (copy: Buffer, at: number) => void): Buffer => {
    const copy = Buffer.from(film)
    change(copy, copy.indexOf(mark) + mark.length)
    return copy
  }

  const claims4GiB = Buffer.from('ffffffff6d6f6f76', 'hex')
  put('moov-of-4-GiB.mp4', fileType, claims4GiB, Buffer.alloc(1000, 1))
  const claims4EiB = Buffer.from('000000016d6f6f764000000000000000', 'hex')
  put('moov-of-4-EiB.mp4', fileType, claims4EiB, Buffer.alloc(1000, 1))
  put('a-million-tracks.mp4', fileType, box('moov', box('mvhd', Buffer.alloc(100)), repeated('trak', 1_000_000)))
  put('a-million-boxes.mp4', fileType, repeated('free', 1_000_000))
  put('nested-boxes.mp4', fileType, nestedBoxes(20_000))
  put('endless-segments.mkv', ebml, ...repeatedElement('18538067', 50_000))
  put('endless-clusters.mkv', ebml, element('18538067'), ...repeatedElement('1f43b675', 50_000))
  const tags = ['18538067', '1254c367', '7373'].map(element)
  put('nested-tags.mkv', ebml, ...tags, ...repeatedElement('67c8', 50_000))

  put(
    'samples-of-one-chunk.mov',
    changed(
      changed(
        changed(mov, 'stsz', (copy, at) => {
          copy.writeUInt32BE(1, at + 4)
          copy.writeUInt32BE(0x7ffffff0, at + 8)
        }),
        'stts',
        (copy, at) => copy.writeUInt32BE(0x7ffffff0, at + 8),
      ),
      'stsc',
      (copy, at) => copy.writeUInt32BE(0x7ffffff0, at + 12),
    ),
  )
  put(
    'table-of-sizes.mov',
    changed(mov, 'stsz', (copy, at) => {
      copy.writeUInt32BE(0, at + 4)
      copy.writeUInt32BE(0x3fffffff, at + 8)
    }),
  )
  put(
    'table-of-times.mov',
    changed(mov, 'stts', (copy, at) => copy.writeUInt32BE(0x0fffffff, at + 4)),
  )
  put(
    'years-between-frames.mov',
    changed(mov, 'stts', (copy, at) => copy.writeUInt32BE(0x7fffffff, at + 12)),
  )
  put(
    '136-years.mov',
    changed(mov, 'mvhd', (copy, at) => copy.fill(0xff, at + 16, at + 20)),
  )
  const length = Buffer.from([0x44, 0x89, 0x88])
  for (const duration of [1e15, 1e300, Number.POSITIVE_INFINITY, Number.NaN, -1e18]) {
    put(
      `${duration}.mkv`,
      changed(mkv, length, (copy, at) => copy.writeDoubleBE(duration, at)),
    )
  }
  put(
    'wide.avi',
    changed(readFileSync(join(folder, 'base.avi')), 'strf', (copy, at) => {
      copy.writeInt32LE(100_000, at + 8)
      copy.writeInt32LE(100_000, at + 12)
    }),
  )
  names.push('wide.ts', 'wide.mkv')
  await muxWideH264(join(folder, 'wide.ts'))
  await muxWideH264(join(folder, 'wide.mkv'))
  return names
}

function repeated(name: string, count: number): Buffer {
  return Buffer.alloc(8 * count, box(name))
}

function nestedBoxes(depth: number): Buffer {
  return Buffer.concat(
    Array.from({ length: depth }, (_, at) => {
      const header = Buffer.from('\0\0\0\0moov', 'latin1')
      header.writeUInt32BE(8 * (depth - at), 0)
      return header
    }),
  )
}

const ebml = Buffer.from('1a45dfa3934282886d6174726f736b6142f7810142f2810442f38108', 'hex')

/** The beginning of an element of Matroska whose length is not known. */
const element = (id: string): Buffer => Buffer.from(`${id}01ffffffffffffff`, 'hex')

const repeatedElement = (id: string, count: number): Buffer[] => Array.from({ length: count }, () => element(id))

/** H.264 that declares 100,000 × 100,000 pixels in a few bytes. */
async function muxWideH264(path: string): Promise<void> {
  const bits = [
    '01100111',
    '01000010',
    '00000000',
    '00110011',
    '1',
    '1',
    '1',
    '011',
    '010',
    '0',
    golomb(6249),
    golomb(6249),
    '1',
    '1',
    '0',
    '0',
    '1',
  ].join('')
  const padded = bits.padEnd(Math.ceil(bits.length / 8) * 8, '0')
  const setup = Buffer.from((padded.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
  const start = Buffer.from([0, 0, 0, 1])
  const picture = Buffer.from([0x68, 0xce, 0x38, 0x80])
  const slice = Buffer.concat([Buffer.from([0x65, 0x88]), Buffer.alloc(400, 0x5a)])
  const output = new FormatContext()
  const packet = new Packet()
  packet.alloc()
  try {
    FFmpegError.throwIfError(output.allocOutputContext2(null, null, path), 'making a film')
    const stream = output.newStream()
    stream.codecpar.codecType = AVMEDIA_TYPE_VIDEO
    stream.codecpar.codecId = AV_CODEC_ID_H264
    stream.codecpar.extradata = Buffer.concat([start, setup, start, picture])
    stream.codecpar.width = 99_984
    stream.codecpar.height = 99_984
    stream.timeBase = new Rational(1, 25)
    FFmpegError.throwIfError(await output.openOutput(), 'making a film')
    FFmpegError.throwIfError(await output.writeHeader(null), 'making a film')
    for (let at = 0; at < 25; at++) {
      packet.data = Buffer.concat([start, setup, start, picture, start, slice])
      packet.streamIndex = 0
      packet.pts = BigInt(at)
      packet.dts = BigInt(at)
      packet.setFlags(AV_PKT_FLAG_KEY)
      packet.rescaleTs({ num: 1, den: 25 }, stream.timeBase)
      FFmpegError.throwIfError(await output.interleavedWriteFrame(packet), 'making a film')
      packet.unref()
    }
    await output.writeTrailer()
    await output.closeOutput()
  } finally {
    packet.free()
    output.freeContext()
  }
}

/** A number as H.264 writes it. */
function golomb(value: number): string {
  const binary = (value + 1).toString(2)
  return '0'.repeat(binary.length - 1) + binary
}
