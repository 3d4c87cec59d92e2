import {
  closeSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  openSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import sharp, { type Sharp } from 'sharp'
import { describe, expect, it } from 'vitest'
import { memberOf, quietIo, viewOf } from '../../test/support/collection-view.ts'
import { aFolder } from '../../test/support/library.ts'
import { withExif } from '../../test/support/pictures.ts'
import type { Member } from './collection-operation.ts'
import type { Duplicates } from './duplicates/result.ts'
import { duplicates } from './duplicates.ts'

type Params = Parameters<typeof duplicates.params.parse>[0]

const run = async (
  members: readonly Member[],
  params: Params = {},
  distinct: readonly (readonly [string, string])[] = [],
) =>
  duplicates.result
    .strict()
    .parse(await duplicates.run(viewOf(members, distinct), duplicates.params.parse(params), quietIo))

async function membersOf(...paths: readonly string[]): Promise<Member[]> {
  const members = await Promise.all(paths.map((path) => memberOf(path)))
  return members.filter((member) => member !== undefined)
}

/** A picture of coloured patches and a disc, others for each seed: as much detail as a photo of a scene has. */
function scene(seed: number, width = 640, height = 480): Sharp {
  let state = seed * 7919 + 17
  const next = (limit: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return (state >>> 8) % limit
  }
  const patches = Array.from(
    { length: 60 },
    () =>
      `<rect x="${next(620)}" y="${next(460)}" width="${20 + next(160)}" height="${20 + next(120)}" fill="hsl(${next(360)} ${20 + next(50)}% ${15 + next(70)}%)"/>`,
  )
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 480" width="${width}" height="${height}">
    <rect width="640" height="480" fill="#789"/>${patches.join('')}</svg>`
  return sharp(Buffer.from(svg))
}

/** Writes files of a library; what is no buffer is a picture to be saved by its file's ending. */
async function put(folder: string, files: Readonly<Record<string, Sharp | Buffer>>): Promise<string[]> {
  const paths: string[] = []
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name)
    mkdirSync(join(path, '..'), { recursive: true })
    if (Buffer.isBuffer(content)) writeFileSync(path, content)
    else await content.toFile(path)
    paths.push(path)
  }
  return paths
}

const names = (folder: string, { members }: Duplicates['groups'][number]): string[] =>
  members.map(({ path }) => path.slice(folder.length + 1))

const jpegOf = (picture: Sharp, quality = 90): Promise<Buffer> => picture.jpeg({ quality }).toBuffer()

const withDate = async (picture: Sharp, date: string): Promise<Buffer> =>
  picture
    .jpeg({ quality: 92 })
    .withExif({ IFD0: { Make: 'Maker', Model: 'One' }, IFD2: { DateTimeOriginal: date } })
    .toBuffer()

describe('duplicates', () => {
  it('finds byte copies, and keeps the path without the mark of a copy', async () => {
    using folder = aFolder()
    const bytes = await jpegOf(scene(1))
    const other = await jpegOf(scene(2))
    const paths = await put(folder.path, { 'a (1).jpg': bytes, 'deep/down/a.jpg': bytes, 'other.jpg': other })
    const { groups, totals, compared } = await run(await membersOf(...paths))
    expect(groups).toMatchObject([{ kind: 'exact', keepPath: join(folder.path, 'deep/down/a.jpg'), weakestLink: 1 }])
    expect(groups.map((group) => names(folder.path, group))).toEqual([['deep/down/a.jpg', 'a (1).jpg']])
    expect(totals).toEqual({ groups: 1, exact: 1, near: 0, duplicates: 1, reclaimableBytes: bytes.length })
    expect(compared).toMatchObject({ files: 3, assets: 2, byLook: 2 })
  })

  it('finds a picture saved anew in every usual way, keeps the largest and says why', async () => {
    using folder = aFolder()
    const original = await jpegOf(scene(1, 1600, 1200), 95)
    const again = () => sharp(original)
    const paths = await put(folder.path, {
      'original.jpg': original,
      'stripped.jpg': withExif(original, [[0x4746, 5]]),
      'small.jpg': again().resize(320).jpeg({ quality: 40 }),
      'other.webp': again().resize(800).webp(),
      'lossless.png': again().resize(640),
      'grey.jpg': again().grayscale().resize(700),
      'bright.jpg': again().modulate({ brightness: 1.15 }).resize(700),
      'crop.jpg': again().extract({ left: 30, top: 20, width: 1530, height: 1150 }).resize(700),
      'stranger.jpg': scene(2, 1600, 1200).jpeg(),
      'stranger 2.jpg': scene(3).jpeg(),
    })
    const { groups, totals } = await run(await membersOf(...paths))
    expect(groups).toHaveLength(1)
    const [group] = groups
    if (!group) return
    expect(names(folder.path, group).sort()).toEqual([
      'bright.jpg',
      'crop.jpg',
      'grey.jpg',
      'lossless.png',
      'original.jpg',
      'other.webp',
      'small.jpg',
      'stripped.jpg',
    ])
    expect(group.members[0]).toMatchObject({ similarity: 1, width: 1600, height: 1200 })
    expect(group.members[1]).toMatchObject({ similarity: 1, width: 1600, height: 1200 })
    expect(group.weakestLink).toBe(Math.min(...group.members.map(({ similarity }) => similarity)))
    expect(group.weakestLink).toBeGreaterThanOrEqual(0.87)
    expect(group.reason).toMatch(/more bytes: \d+ against \d+/)
    expect(totals).toMatchObject({ groups: 1, near: 1, duplicates: 7 })

    const pixelsOnly = await run(await membersOf(...paths), { threshold: 1 })
    expect(pixelsOnly.groups.map((found) => names(folder.path, found).sort())).toEqual([
      ['original.jpg', 'stripped.jpg'],
    ])
  })

  it('finds turned and mirrored copies, names what was done, and leaves them out on request', async () => {
    using folder = aFolder()
    const again = () => scene(4, 800, 600)
    const turn = (degrees: number) =>
      again()
        .rotate(degrees)
        .resize(degrees === 180 ? 500 : 375)
    const paths = await put(folder.path, {
      'upright.png': again(),
      'right.jpg': turn(90),
      'down.jpg': turn(180),
      'left.jpg': turn(270),
      'mirror.jpg': again().flop().resize(500),
      'flip.jpg': again().flip().resize(500),
    })
    const members = await membersOf(...paths)
    const { groups } = await run(members)
    const done = Object.fromEntries(
      groups[0]?.members.map(({ path, transform }) => [path.slice(folder.path.length + 1), transform]) ?? [],
    )
    expect(done).toEqual({
      'upright.png': undefined,
      'right.jpg': 'rotate-90',
      'down.jpg': 'rotate-180',
      'left.jpg': 'rotate-270',
      'mirror.jpg': 'mirror-horizontal',
      'flip.jpg': 'mirror-vertical',
    })
    expect((await run(members, { transforms: false })).groups).toEqual([])
  })

  it('finds the copy that lost its transparency, but does not join icons of one colour', async () => {
    using folder = aFolder()
    const fade = sharp(
      Buffer.from(
        '<svg xmlns="http://www.w3.org/2000/svg" width="640" height="480"><linearGradient id="g"><stop stop-opacity="0"/><stop offset="1"/></linearGradient><rect width="640" height="480" fill="url(#g)"/></svg>',
      ),
    )
    const alpha = await fade.ensureAlpha().extractChannel('alpha').raw().toBuffer()
    const faded = await scene(5)
      .removeAlpha()
      .joinChannel(alpha, { raw: { width: 640, height: 480, channels: 1 } })
      .png()
      .toBuffer()
    const icon = (shape: string) =>
      sharp(Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="300" height="300">${shape}</svg>`)).png()
    const paths = await put(folder.path, {
      'faded.png': faded,
      'opaque.jpg': sharp(faded).removeAlpha().jpeg(),
      'icon 1.png': icon('<path d="M20 20h200v60h-100v190h-100z"/>'),
      'icon 2.png': icon('<path d="M280 280h-40v-200h-90v150h-90v-90h190z"/>'),
    })
    const { groups } = await run(await membersOf(...paths))
    expect(groups.map((group) => names(folder.path, group).sort())).toEqual([['faded.png', 'opaque.jpg']])
  })

  it('never joins flat, dark and gradient pictures, but their byte copies', async () => {
    using folder = aFolder()
    const plain = (background: string) => sharp({ create: { width: 300, height: 200, channels: 3, background } })
    const slope = (from: string, to: string) =>
      sharp(
        Buffer.from(
          `<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200"><linearGradient id="g" y2="1"><stop stop-color="${from}"/><stop offset="1" stop-color="${to}"/></linearGradient><rect width="300" height="200" fill="url(#g)"/></svg>`,
        ),
      )
    const black = await plain('#000').jpeg().toBuffer()
    const paths = await put(folder.path, {
      'black.jpg': black,
      'black again.jpg': black,
      'dark.png': plain('#010101'),
      'white.png': plain('#fff'),
      'grey.jpg': plain('#888'),
      'sky.jpg': slope('#9cf', '#fff'),
      'sky 2.png': slope('#8be', '#fff'),
      'dusk.jpg': slope('#124', '#631'),
    })
    const { groups, compared } = await run(await membersOf(...paths))
    expect(groups.map((group) => [group.kind, names(folder.path, group).sort()])).toEqual([
      ['exact', ['black again.jpg', 'black.jpg']],
    ])
    expect(compared).toMatchObject({ byLook: 0, tooPlain: 7 })
  })

  it('keeps the shots of a series apart, unless they are asked for, but not one told by another clock', async () => {
    using folder = aFolder()
    const paths = await put(folder.path, {
      '1.jpg': await withDate(scene(6), '2024:05:01 10:00:00'),
      '2.jpg': await withDate(scene(6).modulate({ brightness: 1.01 }), '2024:05:01 10:00:01'),
      '2 zone.jpg': await withDate(scene(6).resize(400), '2024:05:01 12:00:01'),
    })
    const members = await membersOf(...paths)
    const groupsOf = async (params: Params) =>
      (await run(members, params)).groups.map((group) => names(folder.path, group).sort())
    expect(await groupsOf({})).toEqual([['2 zone.jpg', '2.jpg']])
    expect(await groupsOf({ series: true })).toEqual([['1.jpg', '2 zone.jpg', '2.jpg']])
  })

  it('remembers what was declared distinct: such a pair never stands in one group', async () => {
    using folder = aFolder()
    const paths = await put(folder.path, {
      'large.jpg': scene(7, 1200, 900),
      'middle.jpg': scene(7, 800, 600),
      'small.jpg': scene(7, 400, 300),
    })
    const members = await membersOf(...paths)
    const [large = '', middle = '', small = ''] = members.map(({ asset }) => asset)
    const groupsOf = async (...pairs: readonly (readonly [string, string])[]) =>
      (await run(members, {}, pairs)).groups.map((group) => names(folder.path, group))
    expect((await groupsOf()).flat()).toHaveLength(3)
    expect(await groupsOf([large, middle])).toEqual([['large.jpg', 'small.jpg']])
    expect((await groupsOf([small, middle])).flat()).toHaveLength(2)
    expect(await groupsOf([large, middle], [large, small])).toEqual([['middle.jpg', 'small.jpg']])
    expect(await groupsOf([large, middle], [large, small], [middle, small])).toEqual([])
  })

  it('compares every member with the one that is kept, so that a chain joins no strangers', async () => {
    using folder = aFolder()
    // Each step turns a few patches of one scene into those of another; the ends have nothing in common.
    const [from, to] = [await scene(8).png().toBuffer(), await scene(9).png().toBuffer()]
    const mixed = async (share: number) =>
      sharp(from).composite([{ input: await sharp(to).removeAlpha().ensureAlpha(share).png().toBuffer() }])
    const paths = await put(
      folder.path,
      Object.fromEntries(
        await Promise.all(Array.from({ length: 9 }, async (_, at) => [`${at}.png`, await mixed(at / 8)] as const)),
      ),
    )
    const { groups } = await run(await membersOf(...paths))
    expect(groups.length).toBeGreaterThanOrEqual(1)
    for (const group of groups) {
      const members = names(folder.path, group)
      expect(members.includes('0.png') && members.includes('8.png')).toBe(false)
      expect(group.weakestLink).toBeGreaterThanOrEqual(0.87)
    }
  })

  it('puts byte copies of what looks like others into that group, so that no file is kept here and to go there', async () => {
    using folder = aFolder()
    const large = await jpegOf(scene(10, 1200, 900))
    const small = await jpegOf(scene(10, 400, 300))
    const paths = await put(folder.path, {
      'large.jpg': large,
      'large 2.jpg': large,
      'small.jpg': small,
      'small 2.jpg': small,
    })
    const { groups, totals } = await run(await membersOf(...paths))
    expect(groups.map((group) => [group.kind, ...names(folder.path, group)])).toEqual([
      ['near', 'large.jpg', 'large 2.jpg', 'small.jpg', 'small 2.jpg'],
    ])
    const [first, , third] = paths
    expect(groups[0]?.members.map(({ copyOf }) => copyOf)).toEqual([undefined, first, undefined, third])
    const reclaimableBytes = large.length + 2 * small.length
    expect(groups[0]).toMatchObject({ keepPath: paths[0], reclaimableBytes })
    expect(totals).toEqual({ groups: 1, exact: 0, near: 1, duplicates: 3, reclaimableBytes })
  })

  it('keeps files rather than links, and calls no link and no hard link a copy of its own file', async () => {
    using folder = aFolder()
    const bytes = await jpegOf(scene(1))
    const at = (name: string) => join(folder.path, name)
    await put(folder.path, { 'deep/down/real.jpg': bytes, 'elsewhere/real.jpg': bytes, 'single.jpg': scene(2).jpeg() })
    symlinkSync(at('elsewhere/real.jpg'), at('a.jpg'))
    linkSync(at('single.jpg'), at('hard.jpg'))
    symlinkSync(at('single.jpg'), at('soft.jpg'))
    const inLibrary = ['a.jpg', 'deep/down/real.jpg', 'single.jpg', 'hard.jpg', 'soft.jpg'].map(at)

    // The file that a.jpg leads to lies outside of the library.
    const alone = await run(await membersOf(...inLibrary))
    expect(alone.groups).toEqual([])
    expect(alone.totals).toMatchObject({ duplicates: 0, reclaimableBytes: 0 })

    await put(folder.path, { 'deep/same.jpg': bytes })
    symlinkSync(at('deep/down/real.jpg'), at('b.jpg'))
    const { groups, totals, compared } = await run(await membersOf(...inLibrary, at('deep/same.jpg'), at('b.jpg')))
    expect(groups).toMatchObject([{ kind: 'exact', keepPath: at('deep/same.jpg'), reclaimableBytes: bytes.length }])
    // The link to what goes would lead nowhere, and goes along.
    expect(groups[0]?.members.map(({ path, link }) => [path, link])).toEqual([
      [at('deep/same.jpg'), undefined],
      [at('deep/down/real.jpg'), undefined],
      [at('b.jpg'), 'symbolic'],
    ])
    expect(totals).toMatchObject({ groups: 1, duplicates: 1, reclaimableBytes: bytes.length })
    expect(compared.links).toBe(3)
  })

  it('promises no bytes for hard links of which one stays', async () => {
    using folder = aFolder()
    const at = (name: string) => join(folder.path, name)
    const small = await jpegOf(scene(3, 320, 240))
    await put(folder.path, { 'large.jpg': scene(3).jpeg({ quality: 95 }), 'small.jpg': small })
    linkSync(at('small.jpg'), at('small 2.jpg'))
    const both = ['large.jpg', 'small.jpg', 'small 2.jpg'].map(at)
    const { groups, totals } = await run(await membersOf(...both))
    expect(groups[0]?.members.map(({ link }) => link)).toEqual([undefined, undefined, 'hard'])
    expect(totals).toMatchObject({ duplicates: 1, reclaimableBytes: small.length })
    // Now its other name lies where nobody looked.
    const one = await run(await membersOf(...both.slice(0, 2)))
    expect(one.totals).toMatchObject({ duplicates: 1, reclaimableBytes: 0 })
  })

  it('keeps what a camera took, not what was enlarged from a small copy of it', async () => {
    using folder = aFolder()
    const original = await withDate(scene(20, 1200, 900), '2024:05:01 10:00:00')
    const thumbnail = await sharp(original).resize(200).jpeg().toBuffer()
    const paths = await put(folder.path, {
      'IMG_1.jpg': original,
      'huge.jpg': sharp(thumbnail).resize(1600).jpeg({ quality: 95 }),
      'stripped.jpg': scene(20, 1800, 1350).jpeg({ quality: 92 }),
    })
    const judged = async (...some: readonly string[]) =>
      (await Promise.all(some.map((path) => memberOf(path, { quality: true })))).filter(
        (member) => member !== undefined,
      )
    const [camera = '', huge = '', stripped = ''] = paths
    const { groups } = await run(await judged(camera, huge))
    expect(groups).toMatchObject([
      { keepPath: camera, reason: expect.stringMatching(/nearer to the camera: 1600×1200/) },
    ])
    // A larger one that shows more is no enlargement, though it says nothing of a camera.
    expect((await run(await judged(camera, stripped))).groups).toMatchObject([{ keepPath: stripped }])
    // Who asks for other criteria first gets them.
    expect((await run(await judged(camera, huge), { keep: ['bytes'] })).groups).toHaveLength(1)
  })

  it('takes no still for an animation', async () => {
    using folder = aFolder()
    const frame = (seed: number) => scene(seed, 320, 240).png().toBuffer()
    const frames = await Promise.all([frame(11), frame(12)])
    const paths = await put(folder.path, {
      'moving.gif': await sharp(frames, { join: { animated: true } })
        .gif({ delay: [200, 200] })
        .toBuffer(),
      'still.png': frames[0] ?? Buffer.alloc(0),
    })
    const members = await membersOf(...paths)
    expect(members.map(({ results }) => (results.metadata as { pages?: number }).pages)).toEqual([2, undefined])
    expect((await run(members)).groups).toEqual([])
  })

  it('gives the same answer whatever the order of the files', async () => {
    using folder = aFolder()
    const files: Record<string, Sharp> = {}
    for (const seed of [13, 14, 15]) {
      for (const width of [640, 480, 320]) files[`${seed}-${width}.jpg`] = scene(seed, width, width * 0.75)
    }
    const members = await membersOf(...(await put(folder.path, files)))
    const answer = await run(members)
    expect(answer.groups).toHaveLength(3)
    expect(await run(members.toReversed())).toEqual(answer)
  })

  it('says CANCELLED when nobody waits any more', async () => {
    using folder = aFolder()
    const members = await membersOf(...(await put(folder.path, { 'a.jpg': scene(1) })))
    const io = { ...quietIo, signal: AbortSignal.abort() }
    const ran = duplicates.run(viewOf(members), duplicates.params.parse({}), io)
    await expect(ran).rejects.toMatchObject({ code: 'CANCELLED' })
  })
})

describe('files above 64 MiB', () => {
  const MiB = 2 ** 20
  const length = 70 * MiB

  /** A JPEG with empty space behind it, and one byte in it. */
  function large(path: string, jpeg: Buffer, place: number): void {
    const file = openSync(path, 'w')
    ftruncateSync(file, length)
    writeSync(file, jpeg, 0, jpeg.length, 0)
    writeSync(file, Buffer.from([7]), 0, 1, place)
    closeSync(file)
  }

  it('are exact copies only when all of their bytes agree', async () => {
    using folder = aFolder()
    const jpeg = await jpegOf(scene(16))
    // Samples are 1 MiB long and lie 4.6 MiB apart: both places are between two of them.
    const [a, b, c] = ['a.jpg', 'b.jpg', 'c.jpg'].map((name) => join(folder.path, name)) as [string, string, string]
    large(a, jpeg, 3 * MiB)
    large(b, jpeg, 3 * MiB)
    large(c, jpeg, 12 * MiB)
    const members = await membersOf(a, b, c)
    const [{ asset = '' } = {}] = members
    expect(asset).toMatch(/^s-/)
    expect(members.map((member) => member.asset)).toEqual([asset, asset, asset])

    const { groups, unread } = await run(members)
    expect(groups.map((group) => [group.kind, names(folder.path, group)])).toEqual([['exact', ['a.jpg', 'b.jpg']]])
    expect(unread).toEqual([])

    rmSync(b)
    const without = await run(members)
    expect(without.groups).toEqual([])
    expect(without.unread).toEqual([b])
  })
})
