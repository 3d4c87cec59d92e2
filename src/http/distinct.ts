import { z } from 'zod'
import type { HttpParts, Server } from './parts.ts'
import { wholeId } from './runs.ts'

const tags = ['assets']
const assets = z
  .array(z.string().min(1))
  .min(2)
  .max(1000)
  .describe('Two or more assets, by their ids or unique beginnings: each of them and each other one.')
const pair = z.tuple([z.string(), z.string()]).describe('Ids of two assets, the smaller one first.')

/** What people said of look-alikes: that they are no duplicates. `duplicates` never puts them into one group again. */
export function distinctRoutes(server: Server, parts: HttpParts): void {
  const { catalog } = parts

  server.get(
    '/api/assets/distinct',
    {
      schema: {
        summary: 'Lists the pairs of assets that were declared to be no duplicates.',
        tags,
        querystring: z.object({ asset: z.string().optional().describe('Only pairs with this asset.') }).strict(),
        response: { 200: z.object({ pairs: z.array(pair) }) },
      },
    },
    ({ query: { asset } }) => ({
      pairs: catalog.distinct
        .list(asset === undefined ? undefined : wholeId(parts, asset))
        .map(([a, b]): [string, string] => [a, b]),
    }),
  )

  server.post(
    '/api/assets/distinct',
    {
      schema: {
        summary: 'Declares assets to be no duplicates of each other; it is remembered by their content.',
        tags,
        body: z.object({ assets }).strict(),
        response: { 200: z.object({ declared: z.number().int().describe('How many pairs are new.') }) },
      },
    },
    async ({ body }) => {
      const ids = body.assets.map((asset) => wholeId(parts, asset))
      let declared = 0
      await catalog.write(() => {
        declared = catalog.distinct.add(ids)
      })
      return { declared }
    },
  )

  server.delete(
    '/api/assets/distinct',
    {
      schema: {
        summary: 'Takes back what was declared of assets.',
        tags,
        body: z.object({ assets }).strict(),
        response: { 200: z.object({ takenBack: z.number().int().describe('How many pairs it was.') }) },
      },
    },
    async ({ body }) => {
      const ids = body.assets.map((asset) => wholeId(parts, asset))
      let takenBack = 0
      await catalog.write(() => {
        takenBack = catalog.distinct.remove(ids)
      })
      return { takenBack }
    },
  )
}
