const light = `
--back: #f6f5f1; --card: #fff; --line: #dedbd3; --text: #1d1c1a; --soft: #625f58; --track: #ebe8e1;
--bar: #0f766e; --good: #2f855a; --fair: #b7791f; --poor: #b2452f; --rest: #a8a49a;
--picture: #0f766e; --film: #7a4b9e; --sound: #a8631c; --on-field: #fff;`

const dark = `
--back: #151514; --card: #1f1e1d; --line: #383633; --text: #ecebe8; --soft: #a8a49d; --track: #2f2d2a;
--bar: #4fb3a8; --good: #68b88c; --fair: #d9a441; --poor: #e07b62; --rest: #77736b;
--picture: #19695f; --film: #6d4a8a; --sound: #8a5a22; --on-field: #fff;`

/** The look of the page: light and dark as the reader has it, always light on paper, where nothing is torn by a page's end. */
export const style = `
:root { color-scheme: light dark; ${light} }
@media (prefers-color-scheme: dark) { :root { ${dark} } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--text); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif; }
header, main, footer { max-width: 58rem; margin: 0 auto; padding: 0 1.5rem; }
header { padding-top: 3rem; }
.kicker { color: var(--bar); font-weight: 600; font-size: 0.85rem; letter-spacing: 0.04em; margin: 0 0 0.4rem; }
h1 { font-size: 2.4rem; line-height: 1.15; letter-spacing: -0.02em; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.35rem; line-height: 1.25; letter-spacing: -0.01em; margin: 0 0 0.6rem; }
h3 { font-size: 1rem; margin: 1.75rem 0 0.4rem; }
.path { color: var(--soft); font-size: 0.9rem; margin: 0.35rem 0 0; overflow-wrap: anywhere; }
.lead { font-size: 1.2rem; line-height: 1.5; max-width: 44rem; margin: 1.5rem 0; }
p { max-width: 44rem; margin: 0 0 1rem; overflow-wrap: anywhere; }
.soft { color: var(--soft); font-size: 0.875rem; margin: 0.6rem 0 0; }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); margin: 0 0 2.5rem; background: var(--card); border: 1px solid var(--line); border-radius: 12px; overflow: hidden; }
dl div { box-shadow: 1px 1px 0 var(--line); padding: 1rem; display: flex; flex-direction: column-reverse; justify-content: flex-end; }
dt { color: var(--soft); font-size: 0.85rem; }
dd { margin: 0; font-size: 1.4rem; white-space: nowrap; font-weight: 650; letter-spacing: -0.01em; font-variant-numeric: tabular-nums; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 1.6rem 1.75rem 1.75rem; margin-bottom: 1.25rem; }
figure { margin: 1.5rem 0 0; }
figcaption { font-weight: 600; font-size: 0.9rem; margin-bottom: 0.5rem; }
.chart { container-type: inline-size; }
@container (max-width: 24rem) { text.spare { display: none; } }
.chart > svg { display: block; overflow: visible; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); gap: 0 2.5rem; }
text { fill: var(--soft); font-size: 12px; font-variant-numeric: tabular-nums; }
text.name { font-weight: 600; }
text.on-field { fill: var(--on-field); font-size: 13px; }
.grid { stroke: var(--line); stroke-width: 1; stroke-dasharray: 2 3; }
.floor { stroke: var(--rest); stroke-width: 1; }
rect.bar { fill: var(--bar); } rect.good { fill: var(--good); } rect.fair { fill: var(--fair); } rect.poor { fill: var(--poor); } rect.rest { fill: var(--rest); }
rect.track { fill: var(--track); }
rect.field { stroke: var(--card); stroke-width: 2; }
.kind-picture { fill: var(--picture); } .kind-film { fill: var(--film); } .kind-sound { fill: var(--sound); }
.whisker { stroke: var(--text); stroke-width: 1.5; }
table { border-collapse: collapse; width: 100%; font-size: 0.9rem; }
th, td { text-align: right; padding: 0.35rem 0 0.35rem 1rem; vertical-align: top; font-variant-numeric: tabular-nums; font-weight: 400; }
th:first-child { text-align: left; padding-left: 0; overflow-wrap: anywhere; }
thead th { color: var(--soft); font-size: 0.8rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
tbody tr + tr > * { border-top: 1px solid var(--line); }
tbody td { white-space: nowrap; }
thead th.words { white-space: nowrap; }
td.words, th.words { text-align: left; white-space: normal; padding-left: 2rem; }
.bars tbody tr > * { border: 0; padding-top: 0.22rem; padding-bottom: 0.22rem; vertical-align: middle; }
.bars table { table-layout: fixed; }
.bars th { width: 40%; line-height: 1.3; }
.bars td.track { width: 27%; }
.bars svg { display: block; }
.scroll { overflow-x: auto; }
details { margin-top: 0.4rem; font-size: 0.85rem; color: var(--soft); }
summary { cursor: pointer; width: max-content; }
details table { max-width: 40rem; }
:focus-visible { outline: 2px solid var(--bar); outline-offset: 2px; }
footer { color: var(--soft); font-size: 0.85rem; padding-top: 1rem; padding-bottom: 4rem; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (max-width: 40rem) { header, main, footer { padding-left: 0.9rem; padding-right: 0.9rem; } section { padding: 1.2rem 1rem; } h1 { font-size: 1.8rem; } .lead { font-size: 1.05rem; } }
@page { size: A4; margin: 15mm 14mm; }
@media print {
  :root { color-scheme: light; ${light} --back: #fff; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  body { font-size: 10.5pt; }
  header, main, footer { max-width: none; padding: 0; }
  section { border: 0; border-top: 1px solid var(--line); border-radius: 0; padding: 1.1rem 0 0; }
  details { display: none; }
  .pair { grid-template-columns: 1fr 1fr; }
  .chart { container-type: normal; }
  figure, tr, dl, h2 + p { break-inside: avoid; }
  dl { grid-template-columns: repeat(3, 1fr); }
  h2, h2 + p, h3, figcaption, thead { break-after: avoid; }
  p { orphans: 3; widows: 3; }
}`
