import type { CollectionSummary } from '../catalog/collections.ts'
import type { Location } from '../catalog/locations.ts'
import { formatCount } from '../units.ts'
import { escapeHtml } from './html.ts'
import { page } from './page.ts'

/** The failed files of a collection as HTML; `locations` may be only the first of them. */
export function failuresPage(collection: CollectionSummary, locations: readonly Location[], nonce: string): string {
  const { id, name, root, failed } = collection
  const more =
    failed > locations.length
      ? `<p class="soft">These are the first ${formatCount(locations.length)}; <a href="/api/collections/${escapeHtml(id)}/failures?limit=500">the API</a> has all.</p>`
      : ''
  const body = `
<h1>Failed files of ${escapeHtml(name)}</h1>
<p class="path">${escapeHtml(root)}</p>
${
  failed === 0
    ? '<p>There are none.</p>'
    : `<p>${formatCount(failed)} ${failed === 1 ? 'file' : 'files'}. They are tried again when they change, when a decoder changes, or with <code>mediamill import --retry-failed</code>.</p>`
}
<ul class="failures">${locations.map(entry).join('')}</ul>
${more}`
  return page({ title: `Failed files of ${name} · mediamill`, nonce, body, style: listStyle })
}

function entry({ folder, name, state, failures }: Location): string {
  const reasons = new Map(failures.map(({ code, message }) => [`${code} ${message}`, { code, message }]))
  const path = folder === '' ? name : `${folder}/${name}`
  return `
<li class="card"><h2>${escapeHtml(path)}</h2>${[...reasons.values()]
    .map(({ code, message }) => `<p>${escapeHtml(message)} <code class="soft">${escapeHtml(code)}</code></p>`)
    .join('')}${state === 'quarantined' ? '<p class="bad">In quarantine: a decoder died of it.</p>' : ''}</li>`
}

const listStyle = `
.failures { list-style: none; padding: 0; }
.failures p { margin: 0.35rem 0 0; overflow-wrap: anywhere; }
.failures code { font-size: 0.8rem; }
`
