// Copies the explorers' bundles from node_modules to where the server reads them. Run by `make install`, never at start.
import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const modules = join(here, 'node_modules')
const vendor = join(here, '../backend/src/trading_api/static/vendor')
const waiting = `${vendor}.new`

const files = {
  'swagger-ui/swagger-ui-bundle.js': 'swagger-ui-dist/swagger-ui-bundle.js',
  'swagger-ui/swagger-ui-bundle.js.LICENSE.txt': 'swagger-ui-dist/swagger-ui-bundle.js.LICENSE.txt',
  'swagger-ui/swagger-ui.css': 'swagger-ui-dist/swagger-ui.css',
  'swagger-ui/LICENSE': 'swagger-ui-dist/LICENSE',
  'redoc/redoc.standalone.js': 'redoc/bundles/redoc.standalone.js',
  'redoc/redoc.standalone.js.LICENSE.txt': 'redoc/bundles/redoc.standalone.js.LICENSE.txt',
  'redoc/LICENSE': 'redoc/LICENSE',
  'asyncapi/index.js': '@asyncapi/react-component/browser/standalone/index.js',
  'asyncapi/index.js.LICENSE.txt': '@asyncapi/react-component/browser/standalone/index.js.LICENSE.txt',
  'asyncapi/default.min.css': '@asyncapi/react-component/styles/default.min.css',
  'asyncapi/LICENSE': '@asyncapi/react-component/LICENSE',
}

rmSync(waiting, { recursive: true, force: true })
for (const [target, source] of Object.entries(files)) {
  mkdirSync(dirname(join(waiting, target)), { recursive: true })
  copyFileSync(join(modules, source), join(waiting, target))
}
// ReDoc fetches its footer's picture from a foreign host; nothing on our pages may.
const foreign = 'https://cdn.redoc.ly/redoc/logo-mini.svg'
const redoc = join(waiting, 'redoc/redoc.standalone.js')
const pieces = readFileSync(redoc, 'utf8').split(foreign)
if (pieces.length !== 2) throw new Error(`expected ${foreign} once in ReDoc's bundle, found it ${pieces.length - 1} times`)
writeFileSync(redoc, pieces.join('/static/house/mark.svg'))

rmSync(vendor, { recursive: true, force: true })
renameSync(waiting, vendor)
