import { describe, expect, it } from 'vitest'
import type { AudioFacts, Probe, VideoFacts } from '../../media/probe.ts'
import { parseParameters } from '../parameters.ts'
import { type ConvertParams, convertParams } from './params.ts'
import { codedVideo, planFor } from './plan.ts'

const fullHd: VideoFacts = {
  codec: 'h264',
  profile: 'High',
  width: 1920,
  height: 1080,
  displayWidth: 1920,
  displayHeight: 1080,
  frameRate: 25,
  variableFrameRate: false,
  pixelFormat: 'yuv420p',
  bitDepth: 8,
  hdr: 'none',
  bitRate: 5_000_000,
}
const stereo: AudioFacts = { codec: 'aac', channels: 2, sampleRate: 48_000, bitRate: 128_000 }

/** What a film of ten seconds is made of. */
function aFilm(video: Partial<VideoFacts> | null = {}, audio: readonly Partial<AudioFacts>[] = [{}]): Probe {
  return {
    container: { format: 'mov', durationMs: 10_000, bitRate: 5_200_000 },
    video: video ? [{ ...fullHd, ...video }] : [],
    audio: audio.map((track) => ({ ...stereo, ...track })),
    subtitles: [],
    chapters: [],
    attachedPictures: [],
    tags: {},
  }
}

const plan = (probe: Probe, params: Record<string, unknown> = {}) =>
  planFor(probe, parseParameters(convertParams, params) as ConvertParams)
const video = (probe: Probe, params?: Record<string, unknown>) => codedVideo(plan(probe, params).transcode)
const hdr: Partial<VideoFacts> = {
  codec: 'hevc',
  pixelFormat: 'yuv420p10le',
  bitDepth: 10,
  hdr: 'hlg',
  colorTransfer: 'arib-std-b67',
}

describe('the plan for the web', () => {
  it('copies H.264 and AAC that play anywhere already', () => {
    const { transcode, format, size } = plan(aFilm())
    expect(transcode).toMatchObject({ container: 'mp4', video: 'copy', audio: 'copy', subtitles: 'keep' })
    expect([format, size]).toEqual(['mp4', { width: 1920, height: 1080 }])
  })

  it.each([
    ['another codec', { codec: 'vp9' }],
    ['ten bits', { pixelFormat: 'yuv420p10le', bitDepth: 10 }],
    ['colours in full size', { pixelFormat: 'yuv444p' }],
    ['fields', { interlaced: true }],
    ['a mirrored picture, which browsers show as it lies', { flipped: true as const }],
    ['more bits than a line carries', { bitRate: 60_000_000 }],
    ['more pixels than players take', { width: 7680, height: 4320, displayWidth: 7680, displayHeight: 4320 }],
  ])('codes a picture with %s anew', (_, facts) => {
    expect(video(aFilm(facts))).toMatchObject({ codec: 'h264', rate: { crf: 21 }, bitDepth: 8, range: 'sdr' })
  })

  it('makes high dynamic range SDR, and turns what lies on its side', () => {
    const turned = { rotation: 90, displayWidth: 1080, displayHeight: 1920 }
    const made = plan(aFilm({ ...hdr, ...turned }))
    expect(codedVideo(made.transcode)).toMatchObject({ codec: 'h264', range: 'sdr', rotation: 'apply' })
    expect(made.render).toMatchObject({ toneMapped: true, rotation: 'applied', resized: false })
    expect(made.size).toEqual({ width: 1080, height: 1920 })
  })

  it('makes pixels square, and cuts a last odd line off', () => {
    const oblong = { codec: 'vp9', width: 720, height: 576, displayWidth: 1049, displayHeight: 576, sar: '64:45' }
    expect(video(aFilm(oblong))).toMatchObject({ width: 1048, height: 576 })
    const odd = plan(aFilm({ codec: 'vp9', width: 161, height: 121, displayWidth: 161, displayHeight: 121 }))
    expect(codedVideo(odd.transcode)).not.toHaveProperty('width')
    expect([odd.size, odd.render?.resized]).toEqual([{ width: 160, height: 120 }, false])
  })

  it('mixes sound of many channels down, and copies what is stereo', () => {
    expect(plan(aFilm({}, [{ codec: 'ac3', channels: 6, bitRate: 384_000 }])).transcode.audio).toEqual({
      codec: 'aac',
      bitRate: 160_000,
      channels: 2,
    })
    expect(plan(aFilm({}, [{ channels: 1 }])).transcode.audio).toBe('copy')
    expect(plan(aFilm({}, [])).transcode.audio).toBe('copy')
  })

  it('gives poor sound no more bits than it can use', () => {
    const { audio } = plan(aFilm({}, [{ codec: 'amr_nb', channels: 1, sampleRate: 8000, bitRate: 12_200 }])).transcode
    expect(audio).toMatchObject({ bitRate: 24_000 })
  })

  it('writes VP9 and Opus where WebM is asked for', () => {
    const { transcode } = plan(aFilm(), { container: 'webm' })
    expect(transcode).toMatchObject({ container: 'webm', video: { codec: 'vp9' }, audio: { codec: 'opus' } })
  })

  it('keeps high dynamic range in HEVC when asked', () => {
    expect(video(aFilm({ ...hdr, codec: 'vp9' }), { hdr: 'keep' })).toMatchObject({
      codec: 'hevc',
      range: 'keep',
      bitDepth: 10,
    })
  })
})

describe('the plans of the other presets', () => {
  it('archive: copies what is coded well, in Matroska, and keeps all sound', () => {
    const { transcode } = plan(aFilm(hdr, [{ codec: 'pcm_s16le' }, { codec: 'ac3' }]), { preset: 'archive' })
    expect(transcode).toMatchObject({ container: 'mkv', video: 'copy', audio: 'copy' })
  })

  it('archive: codes what is old in HEVC of 10 bit and keeps oblong pixels', () => {
    const old = { codec: 'mpeg2video', width: 720, height: 576, displayWidth: 1024, displayHeight: 576, sar: '64:45' }
    const made = video(aFilm(old), { preset: 'archive' })
    expect(made).toMatchObject({ codec: 'hevc', bitDepth: 10, rate: { crf: 18 }, range: 'keep' })
    expect(made).not.toHaveProperty('width')
  })

  it('small: looks for a quality in AV1, never copies the picture, and has to save a tenth', () => {
    const made = plan(aFilm({ codec: 'av1' }), { preset: 'small' })
    expect(codedVideo(made.transcode)).toMatchObject({ codec: 'av1', rate: { crf: 36 } })
    expect(made).toMatchObject({ target: { metric: 'xpsnr', score: 40 }, minSavedShare: 0.1 })
    expect(plan(aFilm(), { preset: 'small', crf: 30 })).not.toHaveProperty('target')
  })

  it('small: copies sound that is small already, whatever its codec', () => {
    expect(plan(aFilm({}, [{ bitRate: 96_000 }]), { preset: 'small' }).transcode.audio).toBe('copy')
    expect(plan(aFilm({}, [{ bitRate: 256_000 }]), { preset: 'small' }).transcode.audio).toMatchObject({
      codec: 'opus',
      bitRate: 96_000,
    })
  })

  it('edit: makes every frame a key frame, at even distances', () => {
    const phone = { frameRate: 29.87, variableFrameRate: true }
    expect(video(aFilm(phone), { preset: 'edit' })).toMatchObject({ codec: 'h264', keyFrameMs: 1, frameRate: 29.97 })
    const screen = { frameRate: 7.22, variableFrameRate: true }
    expect(video(aFilm(screen), { preset: 'edit' })).toMatchObject({ frameRate: 30 })
    expect(plan(aFilm({ codec: 'prores', pixelFormat: 'yuv422p10le' }), { preset: 'edit' }).transcode).toMatchObject({
      container: 'mov',
      video: 'copy',
    })
  })
})

describe('what is asked beside a preset', () => {
  it('goes before it', () => {
    const asked = { container: 'mkv', video: 'av1', bitRate: 900_000, audio: 'opus', audioBitRate: 64_000, speed: '10' }
    expect(plan(aFilm(), asked).transcode).toMatchObject({
      container: 'mkv',
      video: { codec: 'av1', rate: { bitRate: 900_000 }, speed: '10' },
      audio: { codec: 'opus', bitRate: 64_000 },
    })
  })

  it.each([{ crf: 30 }, { width: 640 }, { frameRate: 24 }, { fromMs: 1000 }, { targetQuality: { score: 38 } }])(
    'codes anew what would be copied without %j',
    (params) => {
      expect(plan(aFilm()).transcode.video).toBe('copy')
      expect(plan(aFilm(), params).transcode.video).toMatchObject({ codec: 'h264' })
    },
  )

  it('copies a codec that is asked for when it is there', () => {
    expect(plan(aFilm({ codec: 'hevc' }), { video: 'hevc' }).transcode.video).toBe('copy')
    expect(plan(aFilm(), { video: 'hevc' }).transcode.video).toMatchObject({ codec: 'hevc', bitDepth: 8 })
  })

  it('fits the picture into a width and a height, and enlarges nothing', () => {
    expect(plan(aFilm(), { width: 1000, height: 500 }).size).toEqual({ width: 888, height: 500 })
    expect(plan(aFilm(), { width: 5000 }).size).toEqual({ width: 1920, height: 1080 })
    const turned = { rotation: 90, displayWidth: 1080, displayHeight: 1920 }
    expect(plan(aFilm(turned), { width: 540 }).size).toEqual({ width: 540, height: 960 })
  })

  it('refuses pictures that the encoder can not write', () => {
    const tiny = aFilm({ width: 24, height: 64, displayWidth: 24, displayHeight: 64 })
    expect(() => plan(tiny, { video: 'av1', crf: 30 })).toThrow(/AV1 is written from 32 × 32 pixels on/)
    expect(() => plan(aFilm(), { video: 'hevc', width: 20 })).toThrow(/would be 20 × 12/)
    expect(video(tiny, { video: 'hevc', crf: 30 })).toMatchObject({ codec: 'hevc' })
  })

  it('crops before it resizes', () => {
    const crop = { left: 240, width: 1440, height: 1080 }
    const { size, render } = plan(aFilm(), { crop, height: 540 })
    expect([size, render?.cropped]).toEqual([{ width: 720, height: 540 }, true])
    expect(() => plan(aFilm(), { crop: { ...crop, left: 500 } })).toThrow(/reaches beyond the picture/)
  })

  it('takes the part that is there', () => {
    expect(plan(aFilm(), { toMs: 60_000 }).part).toEqual({ fromMs: 0, toMs: 10_000 })
    expect(plan(aFilm(), { fromMs: 4000 }).transcode.stretch).toEqual({ fromMs: 4000, toMs: 10_000 })
    expect(plan(aFilm(), { toMs: 4000 }).transcode).toMatchObject({ video: 'copy', stretch: { fromMs: 0, toMs: 4000 } })
    expect(() => plan(aFilm(), { fromMs: 10_000 })).toThrow(/is over after 10000 ms/)
  })

  it('chooses a container that takes what is copied, and refuses one that does not', () => {
    expect(plan(aFilm({ codec: 'vp8' }), { video: 'copy' }).transcode.container).toBe('mkv')
    expect(plan(aFilm({}, [{ codec: 'vorbis' }]), { audio: 'copy' }).transcode.container).toBe('mkv')
    expect(plan(aFilm(), { preset: 'edit', video: 'av1' }).transcode.container).toBe('mp4')
    expect(() => plan(aFilm({ codec: 'vp8' }), { video: 'copy', container: 'mp4' })).toThrow(
      'MP4 does not take a picture in vp8 as it is.',
    )
  })

  it('brings Dolby Vision to SDR where its colours are its own', () => {
    const bare = { ...hdr, hdr: 'dolby-vision' as const }
    const { colorTransfer: _, ...own } = bare
    expect(video(aFilm(bare), { preset: 'archive', crf: 20 })).toMatchObject({ range: 'keep' })
    const probe = aFilm(own)
    const [track] = probe.video
    delete track?.colorTransfer
    expect(video(probe, { preset: 'archive', crf: 20 })).toMatchObject({ range: 'sdr' })
  })
})

describe('the plan of a sound', () => {
  it.each([
    ['web', { codec: 'flac' }, 'm4a', { codec: 'aac', bitRate: 160_000, channels: 2 }],
    ['web', {}, 'm4a', 'copy'],
    ['archive', { codec: 'flac' }, 'mka', 'copy'],
    ['small', { codec: 'flac', bitRate: 700_000 }, 'webm', { codec: 'opus', bitRate: 96_000 }],
    ['edit', { codec: 'mp3' }, 'mov', { codec: 'aac', bitRate: 192_000 }],
  ])('%s: %j becomes %s', (preset, facts, format, audio) => {
    const made = plan(aFilm(null, [facts]), { preset })
    expect([made.format, made.transcode.video, made.transcode.audio]).toEqual([format, 'drop', audio])
    expect(made).not.toHaveProperty('size')
  })

  it('is that of a film whose picture is dropped', () => {
    expect(plan(aFilm(), { video: 'drop' })).toMatchObject({ format: 'm4a', transcode: { video: 'drop' } })
    expect(() => plan(aFilm({}, []), { video: 'drop' })).toThrow(/Nothing of the file would stay/)
  })
})
