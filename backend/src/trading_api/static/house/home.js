const state = document.getElementById('state')

function show(health) {
  const minutes = Math.floor(health.uptimeMs / 60_000)
  const wrong = health.checks.filter((check) => check.trouble).map((check) => check.trouble)
  state.dataset.state = health.status
  state.textContent = wrong.join(' ') || `Running release ${health.release}, up ${minutes} min`
}

fetch('/api/v1/health')
  .then((answer) => answer.json())
  .then(show)
  .catch(() => {
    state.dataset.state = 'silent'
    state.textContent = 'The server does not answer'
  })
