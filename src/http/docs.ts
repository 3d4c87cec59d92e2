import { randomBytes } from 'node:crypto'
import fastify from 'fastify'
import { z } from 'zod'
import { errorCodes, sentenceOf, statusOf } from '../errors.ts'
import { escapeHtml } from './html.ts'
import type { HttpParts, Server } from './parts.ts'
import { titleOf } from './reply.ts'

const tags = ['documentation']

/** The documentation: for people at /docs, for programs at /docs/json. Nothing of it comes from another server. */
export function docsRoutes(server: Server, _parts: HttpParts): void {
  server.get(
    '/docs',
    {
      schema: {
        summary: 'The documentation of the API, for people.',
        tags,
        produces: ['text/html'],
        response: { 200: z.string().describe('A page.') },
      },
    },
    async (_request, reply) => {
      const nonce = randomBytes(16).toString('base64url')
      // Scalar makes style elements of its own; its scripts and whatever it might ask for are held to this server.
      const policy = `default-src 'none'; script-src 'nonce-${nonce}' 'self'; style-src 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`
      return reply
        .type('text/html; charset=utf-8')
        .header('content-security-policy', policy)
        .header('cache-control', 'no-cache')
        .send(referencePage(nonce))
    },
  )

  let script: Promise<string> | undefined
  server.get(
    '/docs/scalar.js',
    {
      schema: {
        summary: 'The script of the documentation page.',
        tags,
        produces: ['text/javascript'],
        response: { 200: z.string().describe('The script.') },
      },
    },
    async (_request, reply) => {
      script ??= readScalar()
      return reply
        .type('text/javascript; charset=utf-8')
        .header('cache-control', 'public, max-age=3600')
        .send(await script)
    },
  )

  server.get(
    '/docs/json',
    {
      schema: {
        summary: 'The API as an OpenAPI 3.1 document.',
        tags,
        response: { 200: z.any().describe('The document.') },
      },
    },
    () => server.swagger(),
  )

  server.get(
    '/docs/errors',
    {
      schema: {
        summary: 'All kinds of problems that answers can have.',
        tags,
        produces: ['text/html'],
        response: { 200: z.string().describe('A page.') },
      },
    },
    async (_request, reply) =>
      reply
        .type('text/html; charset=utf-8')
        .header('content-security-policy', "default-src 'none'; frame-ancestors 'none'")
        .send(errorsPage()),
  )
}

/** The package gives its four megabytes of script to its own plugin alone, so that is asked, once and when needed. */
async function readScalar(): Promise<string> {
  const { default: scalar } = await import('@scalar/fastify-api-reference')
  const inner = fastify()
  await inner.register(scalar, { routePrefix: '/reference', configuration: { content: '{}' } })
  const { body } = await inner.inject('/reference/js/scalar.js')
  await inner.close()
  return body
}

const scalarSettings = {
  url: '/docs/json',
  withDefaultFonts: false,
  telemetry: false,
  showDeveloperTools: 'never',
  hideClientButton: true,
  mcp: { disabled: true },
  agent: { disabled: true },
  defaultHttpClient: { targetKey: 'shell', clientKey: 'curl' },
}

const referencePage = (nonce: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta property="csp-nonce" content="${nonce}">
<title>mediamill API</title>
<link rel="icon" href="data:,">
</head>
<body>
<noscript>This page needs scripts. <a href="/docs/json">The API as an OpenAPI document</a>.</noscript>
<div id="api"></div>
<script src="/docs/scalar.js"></script>
<script nonce="${nonce}">Scalar.createApiReference('#api', ${JSON.stringify(scalarSettings)})</script>
</body>
</html>
`

function errorsPage(): string {
  const entries = errorCodes.map(
    (code) =>
      `<section id="${code.toLowerCase().replaceAll('_', '-')}"><h2>${escapeHtml(titleOf(code))}</h2><p><code>${code}</code>, status ${statusOf(code)}</p><p>${escapeHtml(sentenceOf(code).replaceAll('%s', '…'))}</p></section>`,
  )
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><title>Problems · mediamill</title></head>
<body><h1>Problems</h1>${entries.join('\n')}</body></html>
`
}
