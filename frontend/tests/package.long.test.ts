import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Server } from './backend/server.js'

const CLIENT = fileURLToPath(new URL('../client', import.meta.url))
const TRADE = `
import { connect, createDatafeed, OrderStatus, OrderType, prepareBroker, Side, type Heard } from 'trading-api-client'
import { SimulatedTerminal } from 'trading-api-client/simulated-terminal'
import type { PreOrder } from 'trading-api-client/tradingview'

const { rest, wire } = connect(process.argv[2] as string)
const heard: Heard<'orders'>['kind'][] = []
wire.listen('orders', { accountId: 'DEMO-ACCOUNT' }, (one) => void heard.push(one.kind))
// @ts-expect-error: there is no such topic
const wrong = () => wire.listen('nothing', {}, () => {})
// @ts-expect-error: there is no such path
const missing = () => rest.calls.GET('/api/v1/nothing')

const terminal = new SimulatedTerminal(await prepareBroker({ rest, wire }))
await terminal.start()
const order: PreOrder = { symbol: 'DEMO:BTCUSD', type: OrderType.Market, side: Side.Buy, qty: 0.1 }
const { id } = await terminal.place(order)
await terminal.came('the fill', () => terminal.order(id).status === OrderStatus.Filled)
await terminal.came('the position', () => terminal.positionOf(order.symbol) !== undefined)
await terminal.close(order.symbol)
terminal.stop()
createDatafeed({ rest, wire }).dispose()
wire.close()
console.log(JSON.stringify({ complaints: terminal.complaints, heard: [...new Set(heard)], unused: [typeof wrong, typeof missing] }))
`
/** What the README's examples find in a page. */
const IN_A_PAGE = `
declare const TradingView: { widget: new (options: object) => { activeChart(): { resetData(): void } } }
`
const examples = () =>
  [...readFileSync(join(CLIENT, 'README.md'), 'utf8').matchAll(/^```ts\n(.*?)^```/gms)].map(([, code]) => IN_A_PAGE + code)
const COMPILER = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  target: 'ES2022',
  module: 'nodenext',
  lib: ['ES2023', 'DOM'],
  types: ['node'],
  skipLibCheck: false,
}
const QUIET = ['--loglevel=error', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline']

let server: Server
let folder: string

beforeAll(async () => {
  server = await Server.start()
  folder = mkdtempSync(join(tmpdir(), 'trading-package-'))
})
afterAll(async () => {
  await server?.stop()
  rmSync(folder, { recursive: true, force: true })
})

function run(command: string, ...given: string[]): string {
  const { status, stdout, stderr } = spawnSync(command, given, { cwd: folder, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${stdout}${stderr}`)
  return stdout
}

describe('the npm package', () => {
  it('is installed in an empty project, checks its types and its examples there, and trades', () => {
    // npm hands its own settings down to what it runs, and among ours is that no package's scripts run.
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.toLowerCase().startsWith('npm_')))
    execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: CLIENT, env })
    const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) as string
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'elsewhere', private: true, type: 'module' }))
    const programs = [TRADE, ...examples()]
    const files = programs.map((_, index) => (index === 0 ? 'trade.ts' : `example-${index}.ts`))
    for (const [index, file] of files.entries()) writeFileSync(join(folder, file), programs[index] as string)
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: COMPILER, files }))
    expect(files).toHaveLength(3)
    run('npm', 'install', ...QUIET, `./${tarball}`, 'typescript@5.9.3', '@types/node@20.19.43')
    run(join('node_modules', '.bin', 'tsc'))
    const flags = Number(process.versions.node.split('.')[0]) < 22 ? ['--experimental-websocket'] : []
    const said = JSON.parse(
      run('node', ...flags, 'trade.js', server.url)
        .trim()
        .split('\n')
        .at(-1) as string,
    )
    expect(said).toMatchObject({ complaints: [], heard: ['state', 'update'] })
  })

  it('holds nothing of TradingView, no source and no test', () => {
    const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) as string
    const names = run('tar', 'tzf', tarball).trim().split('\n')
    expect(names).toEqual(expect.arrayContaining(['package/README.md', 'package/dist/index.js', 'package/dist/index.d.ts']))
    const foreign = /charting_library|trading_terminal|broker-api|datafeed-api/
    expect(
      names.filter(
        (name) => foreign.test(name) || !/^package\/(package\.json|README\.md|dist\/[\w/.-]+\.(js|d\.ts))$/.test(name),
      ),
    ).toEqual([])
  })
})
