import sharp from 'sharp'
import { openMedia } from '../../src/media/open.ts'
import type { Pixels } from '../../src/media/picture.ts'
import type { Rgb } from './degrade.ts'
import type { Random } from './random.ts'

/** A photo that is taken as flawless when it is made as small as `edge`. */
export interface Original {
  readonly path: string
  readonly edge: number
  /** Pictures of one scene are split together. */
  readonly scene: string
}

const photo = (path: string, edge: number, scene = path): Original => ({ path: `photos/${path}`, edge, scene })

/**
 * Sharp, varied photos of the corpus. The five from which `quality/` was made are not among them, nor is anything of
 * `quality/` itself: both are for judging only.
 */
export const originals: readonly Original[] = [
  photo('large/Bridge_by_Sander_Klootwijk.jpg', 1440),
  photo('large/DJI_0024.JPG', 1440, 'drone'),
  photo('large/DJI_0025.JPG', 900, 'drone'),
  photo('large/Dragonfly_by_Bolly.jpg', 1300),
  photo('large/Wine_by_Jakkub_Mede.jpg', 1280),
  photo('large/blue-periwinkle.jpg', 1440),
  photo('large/canyon-wren.jpg', 1440),
  photo('large/extreme-desert-hike.jpg', 1440),
  photo('large/free_by_Peter_Nerlich.jpg', 1300),
  photo('large/friends_by_Aitzol_Berasategi.jpg', 1200),
  photo('large/jake-hills-36605.jpg', 1440),
  photo('large/jared-evans-119758.jpg', 1440),
  photo('large/kait-herzog-8242.jpg', 1440),
  photo('large/nasa-53884.jpg', 1440),
  photo('large/ng-32703.jpg', 1200),
  photo('large/piazza-gae-aulenti.jpg', 1440),
  photo('large/sebastien-gabriel-232361.jpg', 1440),
  photo('large/sunset_by_Aitzol_Berasategi.jpg', 1440),
  photo('large/umang_by_Abhishek_Mudgal.jpg', 1440),
  photo('mobile/HMD_Nokia_8.3_5G.jpg', 1300),
  photo('immich/albums/text/handwritten-notes.jpg', 1440),
  photo('immich/metadata/gps-position/empty_gps.jpg', 1100),
  photo('immich/formats/avif/8bit-sRGB.avif', 1000),
  photo('immich/formats/heic/IMG_2682.heic', 1300),
  photo('immich/albums/nature/tanners_ridge.jpg', 520),
  photo('immich/albums/nature/prairie_falcon.jpg', 520),
  photo('immich/albums/nature/wood_anemones.jpg', 400),
  photo('immich/albums/nature/silver_fir.jpg', 400),
  photo('immich/albums/nature/notocactus_minimus.jpg', 380),
  photo('immich/albums/nature/el_torcal_rocks.jpg', 400),
  photo('immich/metadata/rating/mongolels.jpg', 600),
  photo('heic/IMG_5195.HEIC', 1300),
  photo('heic/example.heic', 860),
  photo('avif/fox.jpg', 760),
  photo('avif/hato.profile0.8bpc.yuv420.avif', 1100),
  photo('cameras/Reconyx_HC500_Hyperfire.jpg', 800),
  photo('jxl/flower_cropped.jpg', 640),
  photo('jxl/bicycles_restarts.jpg', 560),
  photo('jxl/tmshre_riaphotographs_srgb8.png', 480),
  photo('jxl/u76c0g_bliznaca_srgb8.png', 480),
  photo('jxl/cvo9xd_keong_macan_srgb8.png', 480),
  photo('motion-and-misc/london.jpg', 600),
  photo('motion-and-misc/tokyo.jpg', 480),
  photo('thumbor/Giunchedi%2C_Filippo_January_2015_01.jpg', 520),
  photo('gps/DSCN0010.jpg', 440),
  photo('gps/DSCN0042.jpg', 440),
]

/** What is made of an original before it is spoiled. */
export interface Variants {
  /** At several sizes, sometimes only a part, each made with another kernel. */
  readonly sizes: readonly Rgb[]
  /** Small parts, which teach about exposure and colour alone: what else they show may be out of focus. */
  readonly parts: readonly Rgb[]
}

const partCount = 3

/** Makes the variants of an original. */
export async function variantsOf(original: Original, corpus: string, random: Random): Promise<Variants> {
  const media = await openMedia(`${corpus}/${original.path}`)
  try {
    const picture = await media.picture({ edge: 2880 })
    const whole = await picture.pixels({ width: 2880, height: 2880, fit: 'inside', as: 'rgb' })
    const edges = [Math.min(original.edge, random.integer(440, 600))]
    if (original.edge > 600) edges.push(Math.min(original.edge, random.integer(700, 1000)))
    if (original.edge >= 1200) edges.push(original.edge)
    const sizes: Rgb[] = []
    for (const [index, edge] of edges.entries()) {
      // The middle size shows a part, as a picture that was cropped.
      const share = index === 1 && random.next() < 0.5 ? random.between(0.62, 0.85) : 1
      const isEnough = Math.max(whole.width, whole.height) * share > edge * 1.3
      sizes.push(await part(whole, isEnough ? share : 1, edge, random))
    }
    const parts: Rgb[] = []
    for (let tried = 0; tried < 4 * partCount && parts.length < partCount; tried++) {
      const small = await part(whole, random.between(0.4, 0.8), 320, random)
      if (usesTheRange(small)) parts.push(small)
    }
    return { sizes, parts }
  } finally {
    await media.close()
  }
}

async function part({ data, ...whole }: Pixels, share: number, edge: number, random: Random): Promise<Rgb> {
  const kernel = random.pick(['lanczos3', 'lanczos2', 'mitchell', 'cubic'] as const)
  const [width, height] = [Math.round(whole.width * share), Math.round(whole.height * share)]
  const left = random.integer(0, whole.width - width)
  const top = random.integer(0, whole.height - height)
  const { data: made, info } = await sharp(data, { raw: { width: whole.width, height: whole.height, channels: 3 } })
    .extract({ left, top, width, height })
    .resize(edge, edge, { fit: 'inside', kernel })
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { data: made, width: info.width, height: info.height }
}

/** Whether a part goes from dark to bright, as a picture does that somebody took. */
function usesTheRange({ data }: Rgb): boolean {
  const greens = Uint8Array.from({ length: Math.floor(data.length / 3) }, (_, at) => data[at * 3 + 1] ?? 0).sort()
  const at = (share: number): number => greens[Math.floor(share * (greens.length - 1))] ?? 0
  return at(0.99) - at(0.01) > 150 && at(0.01) < 70
}
