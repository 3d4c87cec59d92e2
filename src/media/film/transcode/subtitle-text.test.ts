import { describe, expect, it } from 'vitest'
import { isText, textAs } from './subtitle-text.ts'

const timed = (text: string): Buffer => Buffer.concat([Buffer.from([0, Buffer.byteLength(text)]), Buffer.from(text)])

const read = (text: string, from: string) => textAs(Buffer.from(text), from, 'subrip')?.toString()

describe('the text of subtitles', () => {
  it('becomes timed text of MP4 without marks', () => {
    expect(textAs(Buffer.from('<i>Good</i> morning\r\nto you'), 'subrip', 'mov_text')).toEqual(
      timed('Good morning\nto you'),
    )
  })

  it('becomes WebVTT with what it means escaped', () => {
    const cue = textAs(
      Buffer.from('{\\an8}<font color="#fff"><b>Tom & Jerry</b></font>\n\nwe <3 it --> so'),
      'subrip',
      'webvtt',
    )
    expect(cue?.toString()).toBe('<b>Tom &amp; Jerry</b>\nwe &lt;3 it --&gt; so')
  })

  it('is read from ASS with its lines and slanted words', () => {
    const line = '0,0,Default,,0,0,0,,{\\pos(1,2)\\i1}Well{\\i0}, yes\\Nand\\hno'
    expect(read(line, 'ass')).toBe('<i>Well</i>, yes\nand no')
    expect(read('0,0,Default,,0,0,0,,{\\b1}never closed', 'ass')).toBe('<b>never closed</b>')
  })

  it('is read from WebVTT without its voices and classes', () => {
    expect(read('<v Mary>Hello <c.loud>you</c> &amp; <i>me</i>', 'webvtt')).toBe('Hello you & <i>me</i>')
  })

  it('is read from timed text in UTF-8 and UTF-16', () => {
    expect(textAs(timed('Grüße'), 'mov_text', 'subrip')?.toString()).toBe('Grüße')
    const wide = Buffer.concat([Buffer.from([0, 6, 0xfe, 0xff]), Buffer.from('Hé', 'utf16le').swap16()])
    expect(textAs(wide, 'mov_text', 'subrip')?.toString()).toBe('Hé')
  })

  it('is absent where there is nothing to show', () => {
    for (const data of [timed(''), Buffer.alloc(0), Buffer.from([0])]) {
      expect(textAs(data, 'mov_text', 'subrip')).toBeUndefined()
    }
    expect(textAs(Buffer.from('too short'), 'ass', 'subrip')).toBeUndefined()
  })

  it('can not be read from pictures', () => {
    expect(isText('subrip')).toBe(true)
    expect(isText('hdmv_pgs_subtitle')).toBe(false)
    expect(isText(undefined)).toBe(false)
  })
})
