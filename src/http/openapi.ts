import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger'
import { createJsonSchemaTransform } from 'fastify-type-provider-zod'
import { operations } from '../operations/index.ts'
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
}

interface FormSchema {
  properties?: Record<string, unknown>
  required?: string[]
}

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
      for (const { group, name: operation } of operations) {
        const body = document.openapiObject.paths?.[`/api/${group}/${operation}`]?.post?.requestBody
        const content = body && 'content' in body ? body.content : undefined
        const form = content?.['multipart/form-data'] as { schema?: FormSchema; examples?: unknown } | undefined
        if (!form?.schema) continue
        const { asset: _, path: __, ...properties } = form.schema.properties ?? {}
        const { examples: ___, ...schema } = form.schema as FormSchema & { examples?: unknown }
        form.schema = { ...schema, properties: { file: fileField, ...properties }, required: ['file'] }
        form.examples = undefined
      }
      return document.openapiObject
    },
  }
}
