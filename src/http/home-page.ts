import type { z } from 'zod'
import { formatBytes, formatCount } from '../units.ts'
import type { collectionSchema } from './collections.ts'
import { homeScript } from './home-script.ts'
import { escapeHtml } from './html.ts'
import type { JobView } from './job-view.ts'
import { page } from './page.ts'

type CollectionView = z.output<typeof collectionSchema>

/** What the first page shows. */
export interface HomeContent {
  readonly collections: readonly CollectionView[]
  readonly jobs: readonly JobView[]
  readonly nonce: string
  readonly canMakeSample: boolean
}

/** The first page as HTML. */
export function homePage({ collections, jobs, nonce, canMakeSample }: HomeContent): string {
  const isEmpty = collections.length === 0 && jobs.length === 0
  const body = [
    isEmpty ? emptyState(canMakeSample) : '',
    jobs.length > 0 ? `<section aria-label="Jobs">${jobs.map(jobCard).join('')}</section>` : '',
    collections.length > 0 ? `<section><h1>Collections</h1>${collections.map(collectionCard).join('')}</section>` : '',
    isEmpty ? '' : `<section class="card"><h2>Import a folder</h2>${importForm}</section>`,
    viewer,
  ]
  const style = homeStyle + colors(collections)
  return page({ title: 'mediamill', nonce, body: body.join('\n'), style, script: homeScript })
}

const importForm = `
<form class="import" id="import">
<label for="path">Folder of photos and videos</label>
<div class="row"><input id="path" name="path" required autocomplete="off" spellcheck="false" placeholder="/home/me/Pictures"><button>Import</button></div>
<p class="soft">Files are only read. What was imported before is not done again.</p>
<p class="bad" role="alert" hidden></p>
</form>
<noscript><p>Importing from this page needs scripts. The command is <code>mediamill import FOLDER</code>.</p></noscript>`

const emptyState = (canMakeSample: boolean): string => `
<section class="card empty">
<h1>Nothing imported yet</h1>
<p>Name a folder, and mediamill reads what is in it: facts, thumbnails, fingerprints and figures of every photo and video, each done once.</p>
${importForm}
${
  canMakeSample
    ? `<div class="sample"><p>No folder at hand? A few pictures can be drawn to try things out with.</p><button class="second" data-sample>Make a sample library</button><p class="bad" role="alert" hidden></p></div>`
    : ''
}
</section>`

function jobCard({ job, state, root, progress }: JobView): string {
  const percent = progress ? Math.round(progress.fraction * 100) : 0
  const isRunning = state === 'running'
  const steps = isRunning ? ['pause', 'cancel'] : ['resume', 'cancel']
  return `
<article class="card job" data-job="${escapeHtml(job)}" data-state="${state}">
<h2>${isRunning ? 'Importing' : 'Import paused'}</h2>
<p class="path">${escapeHtml(root ?? '')}</p>
<progress max="100" value="${percent}" aria-label="Progress of the import"></progress>
<div class="row"><p class="soft" data-words aria-live="off">${progress ? `${formatCount(progress.done)} of ${formatCount(progress.total)} files` : ''}</p>
<span class="actions">${steps.map((step) => `<button class="second" data-move="${step}">${step.charAt(0).toUpperCase()}${step.slice(1)}</button>`).join('')}</span></div>
</article>`
}

function collectionCard({ collection, name, path, assets, bytes, failed, importedAt, covers }: CollectionView): string {
  const failures =
    failed === 0
      ? ''
      : ` · <a class="bad" href="/collections/${escapeHtml(collection)}/failures">${formatCount(failed)} failed</a>`
  const when = importedAt === null ? 'not imported to the end yet' : `imported ${importedAt.slice(0, 10)}`
  return `
<article class="card">
<h2>${escapeHtml(name)}</h2>
<p class="path">${escapeHtml(path)}</p>
<p class="facts">${formatCount(assets)} ${assets === 1 ? 'asset' : 'assets'} · ${formatBytes(bytes)} · ${when}${failures}</p>
${covers.length > 0 ? `<ul class="strip">${covers.map(cover).join('')}</ul>` : ''}
</article>`
}

const stripHeight = 120

function cover({ asset, url, width, height }: CollectionView['covers'][number], at: number): string {
  const shown = Math.max(1, Math.round((width / height) * stripHeight)) || stripHeight
  return `<li><a href="/api/assets/${asset}/thumbnail?size=preview" data-preview><img class="c${asset.slice(0, 12)}" src="${escapeHtml(url)}" width="${shown}" height="${stripHeight}" loading="lazy" decoding="async" alt="Picture ${at + 1}"></a></li>`
}

/** Colours stand in the style element: attributes could not carry the nonce. */
const colors = (collections: readonly CollectionView[]): string =>
  collections
    .flatMap(({ covers }) => covers)
    .map(({ asset, color }) => (color ? `.c${asset.slice(0, 12)}{background:${color}}` : ''))
    .join('')

const viewer = `
<dialog id="viewer" aria-label="Preview">
<button class="close" aria-label="Close">✕</button><button class="step back" aria-label="Previous">‹</button>
<img alt="Preview"><button class="step on" aria-label="Next">›</button>
</dialog>`

const homeStyle = `
.row { display: flex; gap: 0.75rem; align-items: center; justify-content: space-between; flex-wrap: wrap; }
.row p { margin: 0; }
button { font: inherit; padding: 0.5rem 1.1rem; border-radius: 7px; border: 1px solid var(--accent); background: var(--accent); color: var(--on-accent); cursor: pointer; }
button.second { background: transparent; color: var(--accent); }
button:disabled { opacity: 0.55; cursor: default; }
.import label { display: block; margin: 0.75rem 0 0.35rem; font-size: 0.9rem; }
.import .row { flex-wrap: nowrap; }
.import input { font: inherit; flex: 1; min-width: 0; padding: 0.5rem 0.75rem; border: 1px solid var(--line); border-radius: 7px; background: var(--back); color: var(--text); }
.import p { font-size: 0.875rem; margin: 0.6rem 0 0; }
.empty { padding: 2rem; max-width: 44rem; margin: 2rem auto; }
.empty h1 { margin-bottom: 0.5rem; }
.sample { border-top: 1px solid var(--line); margin-top: 1.5rem; padding-top: 1rem; }
.sample p { margin: 0 0 0.75rem; }
.sample .bad { margin: 0.75rem 0 0; }
.facts { margin: 0.35rem 0 0; font-size: 0.925rem; }
.strip { list-style: none; display: flex; gap: 6px; margin: 0.9rem 0 0; padding: 3px; overflow-x: auto; }
.strip li { flex: none; }
.strip a { display: block; border-radius: 5px; }
.strip img { display: block; height: ${stripHeight}px; border-radius: 5px; background: var(--line); }
progress { width: 100%; height: 8px; margin: 0.8rem 0 0.4rem; accent-color: var(--accent); }
.job p[data-words] { font-size: 0.9rem; font-variant-numeric: tabular-nums; }
.actions { display: flex; gap: 0.5rem; }
.actions button { padding: 0.25rem 0.8rem; font-size: 0.9rem; }
dialog { position: fixed; inset: 0; margin: auto; border: 0; padding: 0; background: transparent; max-width: 100vw; max-height: 100vh; overflow: hidden; }
dialog::backdrop { background: rgb(0 0 0 / 85%); }
dialog img { display: block; max-width: 94vw; max-height: 92vh; min-width: 6rem; min-height: 6rem; border-radius: 6px; }
dialog button { position: absolute; border: 0; border-radius: 99px; width: 2.6rem; height: 2.6rem; padding: 0; font-size: 1.2rem; line-height: 1; background: rgb(0 0 0 / 65%); color: #fff; }
dialog .close { top: 0.5rem; right: 0.5rem; }
dialog .step { top: calc(50% - 1.3rem); font-size: 1.6rem; }
dialog .back { left: 0.5rem; }
dialog .on { right: 0.5rem; }
`
