const explorer = document.getElementById('explorer')

fetch('/api/v1/ws/asyncapi.json')
  .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(`the document answered ${answer.status}`))))
  .then((schema) => {
    // The document names where `make run` listens; this page knows where it came from.
    schema.servers.local.host = location.host
    AsyncApiStandalone.render({ schema, config: { show: { sidebar: true, errors: true } } }, explorer)
  })
  .catch((error) => {
    explorer.textContent = `The topics cannot be shown: ${error.message}.`
  })
