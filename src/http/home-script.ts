/** What the first page does in the browser: starts imports, follows them, and shows previews. Plain enough to be read whole. */
export const homeScript = String.raw`
const count = (n) => n.toLocaleString('en-US')
const span = (ms) => {
  const s = Math.max(1, Math.round(ms / 1000))
  return s < 60 ? s + ' s' : s < 3600 ? Math.round(s / 60) + ' min' : Math.floor(s / 3600) + ' h ' + Math.round((s % 3600) / 60) + ' min'
}

async function send(address, body) {
  const response = await fetch(address, {
    method: 'POST',
    headers: body ? { 'content-type': 'application/json' } : {},
    body: body ? JSON.stringify(body) : undefined,
  })
  const answer = await response.json().catch(() => ({}))
  if (!response.ok) throw new Error(answer.detail ?? 'The server answered ' + response.status + '.')
  return answer
}

/** Does something once at a time, and says beside the button what went wrong. */
async function attempt(button, place, work) {
  const alert = place.querySelector('[role=alert]')
  button.disabled = true
  if (alert) alert.hidden = true
  try {
    await work()
    location.reload()
  } catch (error) {
    button.disabled = false
    if (!alert) return
    alert.textContent = error.message
    alert.hidden = false
  }
}

document.querySelector('#import')?.addEventListener('submit', (event) => {
  event.preventDefault()
  const form = event.currentTarget
  const path = new FormData(form).get('path').trim()
  attempt(form.querySelector('button'), form, () => send('/api/bulk-operations/import', { path }))
})

document.querySelector('[data-sample]')?.addEventListener('click', (event) => {
  const button = event.currentTarget
  attempt(button, button.parentElement, () => send('/api/collections/sample'))
})

for (const card of document.querySelectorAll('[data-job]')) {
  const address = '/api/bulk-operations/jobs/' + card.dataset.job
  for (const button of card.querySelectorAll('[data-move]'))
    button.addEventListener('click', () => attempt(button, card, () => send(address + '/' + button.dataset.move)))
  if (card.dataset.state === 'running') follow(address, card)
}

async function follow(address, card) {
  let failed = 0
  try {
    const response = await fetch(address + '/events')
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
    let rest = ''
    for (;;) {
      const { value, done } = await reader.read()
      if (done) break
      const lines = (rest + value).split('\n')
      rest = lines.pop()
      for (const line of lines) {
        const fact = JSON.parse(line)
        if (fact.event === 'task.failed') failed++
        if (fact.event === 'job.progress') show(card, fact, failed)
        if (fact.event === 'job.finished' || fact.event === 'job.paused') return location.reload()
      }
    }
  } catch {}
  // The connection broke: the server may have been started anew.
  setTimeout(() => location.reload(), 5000)
}

function show(card, fact, failed) {
  card.querySelector('progress').value = fact.fraction * 100
  const words = [count(fact.done) + ' of ' + count(fact.total) + (fact.isCounted ? '' : '+') + ' files']
  if (fact.etaMs !== null && fact.done < fact.total) words.push(span(fact.etaMs) + ' left')
  if (failed > 0) words.push(count(failed) + ' failed')
  card.querySelector('[data-words]').textContent = words.join(' · ')
}

const viewer = document.querySelector('#viewer')
const picture = viewer.querySelector('img')
let strip = []
let at = 0
const turn = (by) => {
  at = (at + by + strip.length) % strip.length
  picture.src = strip[at].href
}
document.addEventListener('click', (event) => {
  const link = event.target.closest('[data-preview]')
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return
  event.preventDefault()
  strip = [...link.closest('.strip').querySelectorAll('[data-preview]')]
  at = strip.indexOf(link)
  turn(0)
  viewer.showModal()
})
viewer.querySelector('.close').addEventListener('click', () => viewer.close())
viewer.querySelector('.back').addEventListener('click', () => turn(-1))
viewer.querySelector('.on').addEventListener('click', () => turn(1))
viewer.addEventListener('click', (event) => event.target === viewer && viewer.close())
viewer.addEventListener('close', () => strip[at]?.focus())
viewer.addEventListener('keydown', (event) => {
  if (event.key === 'ArrowLeft') turn(-1)
  if (event.key === 'ArrowRight') turn(1)
})
`
