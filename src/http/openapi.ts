import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger'
import { createJsonSchemaTransform } from 'fastify-type-provider-zod'
import { collectionOperations, operations } from '../operations/index.ts'
import type { OperationExample } from '../operations/operation.ts'
import type { ServerSettings } from './settings.ts'
import { programVersion } from './version.ts'

const tags = [
  { name: 'image-processing', description: 'One picture in, an answer or a picture out.' },
  { name: 'advanced-image-processing', description: 'What looks closer, at pictures, films and sound.' },
  { name: 'video-processing', description: 'Films and sound.' },
  { name: 'assets', description: 'What is known of each media file, its original and its pictures.' },
  { name: 'artifacts', description: 'Files that operations made.' },
  { name: 'collections', description: 'Folders that are imported.' },
  { name: 'bulk-operations', description: 'Jobs over many files.' },
  { name: 'system-health', description: 'How the server is.' },
  { name: 'documentation', description: 'These pages.' },
  { name: 'pages', description: 'For people with a browser.' },
]

const fileField = {
  type: 'string',
  format: 'binary',
  description: 'The file itself; instead of `asset` and `path`.',
} as const

const examplesOf = (examples: readonly OperationExample<object>[], named: object) =>
  Object.fromEntries(
    examples.map(({ title, params }, at) => [`example${at + 1}`, { summary: title, value: { ...named, ...params } }]),
  )

/** Any integer has the bounds of JavaScript's numbers, which tell nobody anything and become examples. */
function withoutSafeBounds({ jsonSchema }: { jsonSchema: { minimum?: number; maximum?: number } }): void {
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
}

/** Parameters that name one other file can bring it along in a form: their schema says `"file": true`. */
const withFileFields = (properties: Record<string, object>) =>
  Object.fromEntries(
    Object.entries(properties).map(([name, property]) => [
      name,
      'file' in property ? { ...property, format: 'binary' } : property,
    ]),
  )

/** How the OpenAPI document is made of the routes' schemas. */
export function documentOptions({ host, port }: ServerSettings): FastifyDynamicSwaggerOptions {
  const name = host.includes(':') ? `[${host}]` : host
  return {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'mediamill',
        version: programVersion,
        description:
          'Imports, describes and thumbnails folders of photos and videos. The server answers this machine alone; API keys, and with them other machines, come later.',
      },
      servers: [{ url: `http://${name}:${port}` }],
      tags,
    },
    transform: createJsonSchemaTransform({ zodToJsonConfig: { unrepresentable: 'any', override: withoutSafeBounds } }),
    transformObject: (document) => {
      if (!('openapiObject' in document)) return document.swaggerObject
      for (const { group, name: operation, examples } of operations) {
        const body = document.openapiObject.paths?.[`/api/${group}/${operation}`]?.post?.requestBody
        const content = body && 'content' in body ? body.content : undefined
        const { schema } = content?.['multipart/form-data'] ?? {}
        if (!content || !schema || !('properties' in schema)) continue
        const { asset: _, path: __, collection: ___, ...properties } = schema.properties ?? {}
        // New objects: the plugin describes both kinds of body by one and the same.
        content['application/json'] = { schema, examples: examplesOf(examples, { path: '/photos/example.jpg' }) }
        content['multipart/form-data'] = {
          schema: { ...schema, properties: { file: fileField, ...withFileFields(properties) }, required: ['file'] },
        }
      }
      for (const { group, name, examples } of collectionOperations) {
        const body = document.openapiObject.paths?.[`/api/${group}/${name}`]?.post?.requestBody
        const json = body && 'content' in body ? body.content['application/json'] : undefined
        if (json) json.examples = examplesOf(examples, { collection: '/photos' })
      }
      return document.openapiObject
    },
  }
}
