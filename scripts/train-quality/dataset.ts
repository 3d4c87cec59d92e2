import { type IssueKind, issueKinds } from '../../src/operations/quality/assess.ts'
import { type Features, measureFeatures } from '../../src/operations/quality/features.ts'
import type { Rgb } from './degrade.ts'
import { type Original, originals, variantsOf } from './originals.ts'
import { Random } from './random.ts'
import { type Flaws, type Recipe, recipes } from './recipes.ts'
import { drawn } from './traps.ts'

/** A made picture, measured. */
export interface Row {
  /** What is split together. */
  readonly scene: string
  /** The picture that it was made from. */
  readonly of: string
  readonly recipe: string
  readonly ladder?: IssueKind
  readonly level?: number
  readonly flaws: Flaws
  readonly unsure: readonly IssueKind[]
  readonly features: Features
}

/** How many drawn pictures of each sort. */
const drawnPictures = 24

/** Makes all pictures of photos and measures them; the same ones for the same seed. */
export async function photoRows(
  corpus: string,
  seed: string,
  tell: (text: string) => void,
  photos: readonly Original[] = originals,
): Promise<Row[]> {
  const rows: Row[] = []
  for (const [index, original] of photos.entries()) {
    const { sizes, parts } = await variantsOf(original, corpus, new Random(`${seed} ${original.path}`))
    for (const [number, variant] of sizes.entries()) {
      const of = `${original.path} ${number}`
      for (const [place, recipe] of recipes.entries()) {
        // Every third way is enough for the largest, which take the most time.
        if (number === 2 && (place + original.path.length) % 3 !== 0) continue
        rows.push(await rowOf(variant, recipe, { scene: original.scene, of, seed }))
      }
    }
    for (const [number, part] of parts.entries()) {
      const of = `${original.path} part ${number}`
      for (const recipe of recipes.filter(isOfTones)) {
        const row = await rowOf(part, recipe, { scene: original.scene, of, seed })
        const unsure = issueKinds.filter((kind) => !tonal.has(kind))
        rows.push({ ...row, unsure: [...row.unsure, ...unsure] })
      }
    }
    tell(`${index + 1} of ${photos.length} photos, ${rows.length} pictures`)
  }
  return rows
}

/** Makes the drawn pictures and measures them. */
export async function drawnRows(seed: string): Promise<Row[]> {
  const rows: Row[] = []
  for (const sort of Object.keys(drawn) as (keyof typeof drawn)[]) {
    for (let number = 0; number < drawnPictures; number++) {
      const of = `${sort} ${number}`
      const picture = await drawn[sort](new Random(`${seed} ${of}`))
      for (const recipe of recipes.filter(({ name }) => name === 'as it is' || name === 'good JPEG 95')) {
        const row = await rowOf(picture, recipe, { scene: of, of, seed })
        rows.push({ ...row, recipe: sort })
      }
    }
  }
  return rows
}

const tonal: ReadonlySet<IssueKind> = new Set(['underexposed', 'overexposed', 'low-contrast', 'color-cast'])

const isOfTones = ({ name, ladder }: Recipe): boolean =>
  ladder === undefined ? name === 'as it is' || name === 'edited 1' : tonal.has(ladder)

async function rowOf(
  picture: Rgb,
  recipe: Recipe,
  { scene, of, seed }: { scene: string; of: string; seed: string },
): Promise<Row> {
  const { name, ladder, level } = recipe
  const made = await recipe.make(picture, new Random(`${seed} ${of} ${name}`))
  return {
    scene,
    of,
    recipe: name,
    ...(ladder === undefined ? {} : { ladder }),
    ...(level === undefined ? {} : { level }),
    flaws: made.flaws,
    unsure: made.unsure,
    features: measureFeatures({ ...made.picture, channels: 3 }),
  }
}
