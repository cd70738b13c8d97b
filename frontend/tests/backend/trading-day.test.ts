import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { prepareBroker } from '../../src/broker/setup.js'
import { Rest } from '../../src/rest/client.js'
import { SimulatedTerminal } from '../../src/simulated-terminal/terminal.js'
import { ACTS_OF_A_DAY, type Stage } from '../../src/simulated-terminal/trading-day.js'
import { Wire } from '../../src/wire/wire.js'
import { Replay } from './replay.js'
import { Server } from './server.js'

let server: Server
let wire: Wire
let stage: Stage

beforeAll(async () => {
  server = await Server.start()
  const rest = new Rest({ base: server.url })
  wire = new Wire({ address: server.socketUrl })
  const market = await Replay.begin(rest, server.url)
  const terminal = new SimulatedTerminal(await prepareBroker({ rest, wire, accountId: market.accountId }))
  stage = { terminal, market, qty: 10_000 }
  await terminal.start()
  await terminal.open(market.symbol)
})

afterAll(async () => {
  wire?.close()
  await server?.stop()
})

/** What changes only how the terminal looks, and what a chart or a hedging account shows. */
const ELSEWHERE = ['showNotificationsLog', 'showQuantityInsteadOfAmount', 'supportLevel2Data']

describe('a trading day', () => {
  it('has an act for everything the account can do', () => {
    const played = new Set([...ACTS_OF_A_DAY.flatMap(({ needs }) => needs), ...ELSEWHERE])
    const announced = Object.entries(stage.terminal.host.flags).filter(([, can]) => can)
    expect(announced.map(([flag]) => flag).filter((flag) => !played.has(flag))).toEqual([])
  })

  afterEach(() => expect(stage.terminal.complaints).toEqual([]))

  it.each(ACTS_OF_A_DAY)('$name', async ({ needs, play }) => {
    expect(needs.filter((flag) => stage.terminal.host.flags[flag] !== true)).toEqual([])
    await (stage.market as Replay).middle()
    await play(stage)
  })

  it('says nothing any more after the page has gone', async () => {
    stage.terminal.stop()
    const rest = new Rest({ base: server.url })
    const path = { accountId: (stage.market as Replay).accountId }
    const body = { symbol: stage.market.symbol, type: 2, side: 1, qty: 1000 } as never
    await rest.ask((signal) =>
      rest.calls.POST('/api/v1/broker/accounts/{accountId}/orders', { params: { path }, body, signal }),
    )
    await (stage.market as Replay).step(2)
  })
})
