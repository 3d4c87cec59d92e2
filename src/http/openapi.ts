import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger'
import { createJsonSchemaTransform } from 'fastify-type-provider-zod'
import { operations } from '../operations/index.ts'
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

const toExample = ({ title, params }: OperationExample<object>, at: number) =>
  [`example${at + 1}`, { summary: title, value: { path: '/photos/example.jpg', ...params } }] as const

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
    transform: createJsonSchemaTransform({ zodToJsonConfig: { unrepresentable: 'any' } }),
    transformObject: (document) => {
      if (!('openapiObject' in document)) return document.swaggerObject
      for (const { group, name: operation, examples } of operations) {
        const body = document.openapiObject.paths?.[`/api/${group}/${operation}`]?.post?.requestBody
        const content = body && 'content' in body ? body.content : undefined
        const { schema } = content?.['multipart/form-data'] ?? {}
        if (!content || !schema || !('properties' in schema)) continue
        const { asset: _, path: __, ...properties } = schema.properties ?? {}
        // New objects: the plugin describes both kinds of body by one and the same.
        content['application/json'] = { schema, examples: Object.fromEntries(examples.map(toExample)) }
        content['multipart/form-data'] = {
          schema: { ...schema, properties: { file: fileField, ...properties }, required: ['file'] },
        }
      }
      return document.openapiObject
    },
  }
}
