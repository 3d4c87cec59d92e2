import { describe, expect, it } from 'vitest'
import { parametersFromTexts, parseParameters } from '../parameters.ts'
import { convertParams } from './params.ts'

const refusal = (params: Record<string, unknown>): string => {
  try {
    parseParameters(convertParams, params)
    return 'taken'
  } catch (error) {
    return (error as Error).message
  }
}

describe('the parameters of convert', () => {
  it('take nothing at all, and nested ones as texts', () => {
    expect(parseParameters(convertParams, {})).toMatchObject({ preset: 'web', subtitles: 'keep', hardware: false })
    const texts = { 'targetQuality.metric': 'ssim', 'targetQuality.score': '0.98', fromMs: '1500', video: 'av1' }
    expect(parseParameters(convertParams, parametersFromTexts(convertParams, texts))).toMatchObject({
      targetQuality: { metric: 'ssim', score: 0.98 },
      fromMs: 1500,
    })
  })

  it.each([
    [{ crf: 20, bitRate: 500_000 }, /only one of crf, bitRate, targetQuality for "bitRate"/],
    [{ crf: 52 }, /a number from 0 to 51 of H\.264 for "crf", but it was 52/],
    [{ preset: 'small', crf: 64 }, /"crf"/],
    [{ video: 'copy', width: 640 }, /Expected nothing when "video" is "copy" for "width"/],
    [{ video: 'copy', rotation: 'apply' }, /Expected "keep"/],
    [{ video: 'copy', hdr: 'sdr' }, /"hdr"/],
    [{ video: 'drop', audio: 'drop' }, /something that stays/],
    [{ audio: 'copy', audioBitRate: 64_000 }, /"audioBitRate"/],
    [{ container: 'webm', video: 'h264' }, /a container that takes H\.264/],
    [{ container: 'mov', audio: 'opus' }, /a container that takes Opus/],
    [{ speed: '8' }, /one of ultrafast, .* of H\.264 for "speed"/],
    [{ preset: 'small', speed: 'slow' }, /of AV1 for "speed"/],
    [{ container: 'webm', speed: 'slow' }, /of VP9/],
    [{ video: 'h264', hdr: 'keep' }, /Expected "sdr"/],
    [{ targetQuality: { score: 101 } }, /15 to 60 of XPSNR/],
    [{ targetQuality: { metric: 'ssim', score: 40 } }, /0\.1 to 0\.9999 of SSIM/],
    [{ targetQuality: { metric: 'xpsnr' } }, /"targetQuality\.score", but it is missing/],
    [{ fromMs: 2000, toMs: 1000 }, /a moment after "fromMs"/],
    [{ preset: 'tv' }, /one of "web", "archive", "small", "edit"/],
    [{ speed: '--help' }, /"speed"/],
    [{ width: 0 }, /"width"/],
  ])('refuse %j before anything is opened', (params, words) => {
    expect(refusal(params)).toMatch(words)
  })

  it.each([
    { preset: 'small', crf: 63 },
    { container: 'webm', crf: 63 },
    { video: 'vp9', speed: '8' },
    { preset: 'archive', hdr: 'sdr', speed: 'slow' },
    { video: 'drop' },
  ])('take %j', (params) => {
    expect(refusal(params)).toBe('taken')
  })
})
