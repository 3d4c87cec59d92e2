import { escapeHtml } from './html.ts'

/** A whole page. `body`, `style` and `script` are trusted: what comes from files must be escaped in them already. */
export function page(parts: { title: string; nonce: string; body: string; style?: string; script?: string }): string {
  const { title, nonce, body, style: more = '', script } = parts
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${escapeHtml(title)}</title>
<style nonce="${nonce}">${style}${more}</style>
</head>
<body>
<header class="bar"><a class="name" href="/">mediamill</a><nav aria-label="Pages"><a href="/docs">API</a><a href="/api/system-health/status">Status</a></nav></header>
<main>
${body}
</main>
${script === undefined ? '' : `<script nonce="${nonce}">${script}</script>`}
</body>
</html>
`
}

const style = `
:root { --back: #f7f6f3; --card: #fff; --line: #dcd9d2; --text: #1d1c1a; --soft: #63605a; --accent: #0b5f59; --on-accent: #fff; --bad: #a8321f; }
@media (prefers-color-scheme: dark) {
  :root { --back: #161615; --card: #201f1e; --line: #3a3835; --text: #ecebe8; --soft: #a5a29c; --accent: #6fc7be; --on-accent: #0c2422; --bad: #f0917f; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
a { color: var(--accent); }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 1rem; }
h2 { font-size: 1.1rem; line-height: 1.3; margin: 0; overflow-wrap: anywhere; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.bar { display: flex; gap: 1.5rem; align-items: baseline; justify-content: space-between; max-width: 68rem; margin: 0 auto; padding: 1rem 1.25rem; }
.bar .name { font-weight: 700; font-size: 1.15rem; color: var(--text); text-decoration: none; }
.bar nav { display: flex; gap: 1.25rem; }
main { max-width: 68rem; margin: 0 auto; padding: 0.5rem 1.25rem 4rem; }
section { margin-bottom: 2.5rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1.1rem 1.25rem; margin-bottom: 1rem; }
.soft { color: var(--soft); }
.path { color: var(--soft); font-size: 0.875rem; overflow-wrap: anywhere; margin: 0.1rem 0 0; }
.bad { color: var(--bad); }
`
