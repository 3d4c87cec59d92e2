import { describe, expect, it } from 'vitest'
import { coded, lightInSrgb, spaces, type Triple } from '../support/colours.ts'
import { avifWith, nclx, pngChunk, withChunks } from '../support/pixel-formats.ts'
import { farthestDeltaE, render, seenStripes, stripes } from '../support/rendering.ts'

const white = 203

/** SMPTE ST 2084: the coded value (0–1) of light in cd/m². */
function pqOf(nits: number): number {
  const [m1, m2, c1, c2, c3] = [2610 / 16384, (2523 / 4096) * 128, 3424 / 4096, (2413 / 4096) * 32, (2392 / 4096) * 32]
  const power = (nits / 10_000) ** m1
  return ((c1 + c2 * power) / (1 + c3 * power)) ** m2
}

/** The inverse by halving, so that it does not repeat the formula of the code. */
function nitsOf(pq: number): number {
  let [low, high] = [0, 10_000]
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2
    if (pqOf(middle) < pq) low = middle
    else high = middle
  }
  return low
}

/** ITU-R BT.2390, 5.4.1: light of a scene with this peak on a screen that reaches reference white. */
function onScreen(nits: number, peak: number): number {
  const [e1, most] = [pqOf(nits) / pqOf(peak), pqOf(white) / pqOf(peak)]
  const start = 1.5 * most - 0.5
  if (e1 < start) return nits
  const t = (e1 - start) / (1 - start)
  const spline =
    (2 * t ** 3 - 3 * t ** 2 + 1) * start + (t ** 3 - 2 * t ** 2 + t) * (1 - start) + (3 * t ** 2 - 2 * t ** 3) * most
  return nitsOf(spline * pqOf(peak))
}

/** A 16-bit PNG of stripes whose colour is told by numbers. */
async function png(values: readonly Triple[], primaries: number, transfer: number): Promise<Buffer> {
  const samples = values.map((colour) => colour.map((value) => Math.round(value * 65535)))
  const content = await stripes(samples, 16).toColourspace('rgb16').png().toBuffer()
  return withChunks(content, pngChunk('cICP', Buffer.from([primaries, transfer, 0, 1])))
}

const grey = (value: number): Triple => [value, value, value]

describe('PQ', () => {
  it('keeps every tone where nothing is brighter than reference white', async () => {
    const nits = [0, 0.5, 5, 26, 58, 100, 150, 203]
    const picture = await render(
      await png(
        nits.map((light) => grey(pqOf(light))),
        9,
        16,
      ),
    )
    expect(picture.intent).toMatchObject({ toneMapped: 'pq', profile: 'Rec. 2020 PQ' })
    const expected = nits.map((light) => coded(grey(light / white)))
    expect(farthestDeltaE(await seenStripes(picture), expected)).toBeLessThan(2)
  })

  it.each([600, 1000, 4000])(
    'rolls a scene of up to %i cd/m² off as BT.2390 says, and keeps what is dark',
    async (peak) => {
      const nits = [0, 1, 10, 50, 100, 203, 400, peak]
      const seen = await seenStripes(
        await render(
          await png(
            nits.map((light) => grey(pqOf(light))),
            9,
            16,
          ),
        ),
      )
      expect(
        farthestDeltaE(
          seen,
          nits.map((light) => coded(grey(onScreen(light, peak) / white))),
        ),
      ).toBeLessThan(2)
      expect(
        farthestDeltaE(
          seen.slice(0, 3),
          nits.slice(0, 3).map((light) => coded(grey(light / white))),
        ),
      ).toBeLessThan(2)
      expect(seen.at(-1)?.[0]).toBeGreaterThan(253)
      const tones = seen.map(([red = 0]) => red)
      expect(tones).toEqual([...tones].sort((one, other) => one - other))
    },
  )

  it('shows colours of each set of primaries as they are meant', async () => {
    const lights: readonly Triple[] = [
      [80, 60, 50],
      [40, 70, 45],
      [50, 55, 90],
      [150, 140, 60],
      [203, 203, 203],
    ]
    for (const [primaries, space] of [
      [1, spaces.srgb],
      [9, spaces.rec2020],
      [12, spaces.displayP3],
    ] as const) {
      const content = await png(
        lights.map(([r, g, b]): Triple => [pqOf(r), pqOf(g), pqOf(b)]),
        primaries,
        16,
      )
      const expected = lights.map(([r, g, b]) => coded(lightInSrgb(space, [r / white, g / white, b / white])))
      expect(farthestDeltaE(await seenStripes(await render(content)), expected), space.name).toBeLessThan(2)
    }
  })
})

describe('HLG', () => {
  /** ITU-R BT.2100: light of the scene of a coded value. */
  const sceneOf = (value: number): number =>
    value <= 0.5 ? value ** 2 / 3 : (Math.exp((value - 0.55991073) / 0.17883277) + 0.28466892) / 12

  /** What a screen of 1000 cd/m² makes of a scene, in parts of reference white. */
  const displayed = (colour: Triple): Triple => {
    const [r, g, b] = [sceneOf(colour[0]), sceneOf(colour[1]), sceneOf(colour[2])]
    const luminance = 0.2627 * r + 0.678 * g + 0.0593 * b
    const gain = (1000 * luminance ** 0.2) / white
    return [r * gain, g * gain, b * gain]
  }

  it('shows 75 % as white and every tone below as it is meant', async () => {
    const values = [0, 0.1, 0.25, 0.38, 0.5, 0.6, 0.75]
    const picture = await render(await png(values.map(grey), 9, 18))
    expect(picture.intent).toMatchObject({ toneMapped: 'hlg', profile: 'Rec. 2020 HLG' })
    const seen = await seenStripes(picture)
    expect(
      farthestDeltaE(
        seen,
        values.map((value) => coded(displayed(grey(value)))),
      ),
    ).toBeLessThan(2)
    expect(seen.at(-1)).toEqual([255, 255, 255])
  })

  it('shows colours as they are meant', async () => {
    const values: readonly Triple[] = [
      [0.5, 0.4, 0.35],
      [0.3, 0.5, 0.3],
      [0.35, 0.4, 0.6],
      [0.75, 0.75, 0.75],
      [0.6, 0.55, 0.2],
    ]
    const expected = values.map((value) => coded(lightInSrgb(spaces.rec2020, displayed(value))))
    expect(farthestDeltaE(await seenStripes(await render(await png(values, 9, 18))), expected)).toBeLessThan(2)
  })

  it('rolls what is brighter off without changing its hue', async () => {
    const values: readonly Triple[] = [[1, 0.8, 0.7], [0.5, 0.5, 0.5], [0.75, 0.75, 0.75], grey(1)]
    const seen = await seenStripes(await render(await png(values, 9, 18)))
    expect(seen[3]).toEqual([255, 255, 255])
    const [red = 0, green = 0, blue = 0] = seen[0] ?? []
    expect(red).toBeGreaterThan(green)
    expect(green).toBeGreaterThan(blue)
    expect(seen[2]?.[0]).toBeGreaterThan(170)
  })
})

describe('colour by numbers', () => {
  const colours: readonly Triple[] = [
    [200, 120, 100],
    [110, 150, 90],
    [90, 110, 170],
    [230, 220, 140],
    [255, 255, 255],
    [0, 0, 0],
    [128, 128, 128],
  ]
  const srgbCurve = 13

  it.each([
    [1, spaces.srgb],
    [9, spaces.rec2020],
    [12, spaces.displayP3],
  ] as const)('shows primaries %i in PNG and AVIF as they are meant', async (primaries, space) => {
    const expected = colours.map(([r, g, b]) =>
      coded(lightInSrgb(space, [space.toLight(r / 255), space.toLight(g / 255), space.toLight(b / 255)])),
    )
    const plain = await png(
      colours.map(([r, g, b]): Triple => [r / 255, g / 255, b / 255]),
      primaries,
      srgbCurve,
    )
    const stored = stripes(colours)
    const eight = avifWith(
      await stored.clone().avif({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer(),
      nclx(primaries, srgbCurve, 6),
    )
    const ten = avifWith(
      await stored.clone().avif({ quality: 100, chromaSubsampling: '4:4:4', bitdepth: 10 }).toBuffer(),
      nclx(primaries, srgbCurve, 6),
    )
    for (const [name, content] of Object.entries({ plain, eight, ten })) {
      const picture = await render(content)
      expect(picture.intent.toneMapped).toBeUndefined()
      expect(farthestDeltaE(await seenStripes(picture), expected), name).toBeLessThan(2)
    }
  })
})
