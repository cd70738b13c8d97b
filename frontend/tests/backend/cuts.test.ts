import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { prepareBroker } from '../../src/broker/setup.js'
import { Rest } from '../../src/rest/client.js'
import { SimulatedTerminal } from '../../src/simulated-terminal/terminal.js'
import { OrderStatus, OrderType, Side } from '../../src/tradingview/numbers.js'
import { type SocketMaker, Wire } from '../../src/wire/wire.js'
import { Replay } from './replay.js'
import { Server } from './server.js'

/** A network that can be cut, and kept down; a forgetful one lets nobody resume. */
class Net {
  private readonly sockets = new Set<WebSocket>()
  down = false
  readonly WebSocket: SocketMaker

  constructor(forgetful = false) {
    const { sockets } = this
    const isDown = () => this.down
    this.WebSocket = class {
      constructor(address: string) {
        // Nobody listens on this port.
        const socket = new WebSocket(isDown() ? 'ws://127.0.0.1:9' : address)
        sockets.add(socket)
        const send = socket.send.bind(socket)
        if (forgetful) socket.send = (text) => send(String(text).replace(/,"epoch":"[^"]*","seq":\d+/, ''))
        // biome-ignore lint/correctness/noConstructorReturn: what is made is a socket, watched
        return socket as never
      }
    } as unknown as SocketMaker
  }

  cut(): void {
    for (const socket of this.sockets) socket.close()
    this.sockets.clear()
  }
}

let server: Server
let rest: Rest
let market: Replay
const open: { terminal: SimulatedTerminal; wire: Wire }[] = []

async function tab(accountId = market.accountId, net = new Net()) {
  const wire = new Wire({ address: server.socketUrl, WebSocket: net.WebSocket, random: () => 0 })
  const terminal = new SimulatedTerminal(await prepareBroker({ rest, wire, accountId }))
  open.push({ terminal, wire })
  await terminal.start()
  return { terminal, wire, net }
}

beforeAll(async () => {
  server = await Server.start()
  rest = new Rest({ base: server.url })
  market = await Replay.begin(rest, server.url)
})
afterAll(() => server?.stop())
beforeEach(() => market.middle())
afterEach(async () => {
  const complaints = open.flatMap(({ terminal }) => terminal.complaints)
  for (const { terminal, wire } of open.splice(0)) {
    terminal.stop()
    wire.close()
  }
  await reset(market.accountId)
  expect(complaints).toEqual([])
})

async function reset(accountId: string) {
  const path = { accountId }
  await rest.ask((signal) =>
    rest.calls.POST('/api/v1/broker/accounts/{accountId}/reset', { params: { path }, body: {}, signal }),
  )
}

const buy = (qty: number, more: object = {}) => ({
  symbol: market.symbol,
  type: OrderType.Market,
  side: Side.Buy,
  qty,
  ...more,
})
const wait = (qty: number, pips: number, more: object = {}) => ({
  ...buy(qty, more),
  type: OrderType.Limit,
  limitPrice: market.down(pips),
})

const WAYS = [
  { way: 'resumed', forgetful: false },
  { way: 'stated anew', forgetful: true },
]

describe('a terminal whose connection is cut', () => {
  it.each(WAYS)(
    'hears afterwards what was filled meanwhile, each execution once, and says that it is back ($way)',
    async ({ forgetful }) => {
      const { terminal, net } = await tab(market.accountId, new Net(forgetful))
      const order = await terminal.place(wait(10_000, 15, { takeProfit: market.up(40), stopLoss: market.down(80) }))
      net.down = true
      net.cut()
      await terminal.came('the cut', () => terminal.host.status === 3)
      await market.until(({ ask }) => ask <= (order.limitPrice as number))
      net.down = false
      await terminal.came('the connection', () => terminal.host.status === 1)
      await terminal.came('the fill', () => terminal.host.orders.get(order.id)?.status === OrderStatus.Filled)
      await terminal.came('the position', () => terminal.positionOf(market.symbol)?.qty === 10_000)
      expect(terminal.host.executions).toHaveLength(1)
      expect(terminal.bracketsOf(market.symbol).map(({ status }) => status)).toEqual([OrderStatus.Working, OrderStatus.Working])
    },
  )

  it.each(WAYS)('places an order once though the socket was cut in the middle ($way)', async ({ forgetful }) => {
    const { terminal, net } = await tab(market.accountId, new Net(forgetful))
    const placed = terminal.place(buy(7_000))
    net.cut()
    const order = await placed
    await terminal.came('the fill', () => terminal.order(order.id).status === OrderStatus.Filled)
    await terminal.came('the position', () => terminal.positionOf(market.symbol)?.qty === 7_000)
  })

  it('finds its account as it is after the server was killed and came back', async () => {
    const { terminal } = await tab()
    await terminal.place(buy(10_000, { stopLoss: market.down(90) }))
    await terminal.came('the position', () => terminal.positionOf(market.symbol) !== undefined)
    await server.kill()
    await terminal.came('the cut', () => terminal.host.status === 3)
    await server.startAgain()
    await terminal.came('the connection', () => terminal.host.status === 1)
    expect(terminal.positionOf(market.symbol)?.qty).toBe(10_000)
    await terminal.close(market.symbol)
    await terminal.came('no bracket', () => terminal.bracketsOf(market.symbol).length === 0)
  })

  it('is told what is over when its account began anew meanwhile', async () => {
    const { terminal, net } = await tab()
    await terminal.place(buy(10_000, { stopLoss: market.down(90) }))
    await terminal.came('the bracket', () => terminal.bracketsOf(market.symbol).length === 1)
    net.down = true
    net.cut()
    await terminal.came('the cut', () => terminal.host.status === 3)
    await reset(market.accountId)
    net.down = false
    await terminal.came('nothing to be left', () => terminal.host.positions.size === 0)
    await terminal.came('no order', () => terminal.bracketsOf(market.symbol).length === 0)
  })
})

describe('an account that begins anew before its eyes', () => {
  it('is empty afterwards', async () => {
    const { terminal } = await tab()
    await terminal.place(wait(5_000, 40, { takeProfit: market.up(40) }))
    await terminal.place(buy(10_000, { stopLoss: market.down(90) }))
    await terminal.came('the bracket', () => terminal.bracketsOf(market.symbol).length === 1)
    await reset(market.accountId)
    await terminal.came('no position', () => terminal.host.positions.size === 0)
    await terminal.came('no order', () => [...terminal.host.orders.values()].every(({ status }) => status < 3 || status === 5))
    await terminal.place(buy(1_000))
  })
})

describe('two tabs', () => {
  it('show the same, whoever trades', async () => {
    const [one, other] = [await tab(), await tab()]
    const order = await one.terminal.place(wait(10_000, 30))
    await other.terminal.came('the order', () => other.terminal.host.orders.has(order.id))
    const price = market.down(20)
    await other.terminal.modify(order.id, { limitPrice: price })
    await one.terminal.came('the new price', () => one.terminal.order(order.id).limitPrice === price)
    await market.until(({ ask }) => ask <= price)
    for (const { terminal } of [one, other])
      await terminal.came('the position', () => terminal.positionOf(market.symbol)?.qty === 10_000)
    await other.terminal.reverse(market.symbol)
    await one.terminal.came('the other side', () => one.terminal.positionOf(market.symbol)?.side === Side.Sell)
    await one.terminal.close(market.symbol)
    await other.terminal.came('no position', () => other.terminal.positionOf(market.symbol) === undefined)
    expect([...one.terminal.host.orders.values()]).toEqual([...other.terminal.host.orders.values()])
    expect(one.terminal.host.executions).toEqual(other.terminal.host.executions)
  })

  it('go on beside each other when one is cut', async () => {
    const [one, other] = [await tab(), await tab()]
    one.net.down = true
    one.net.cut()
    await other.terminal.place(buy(3_000))
    one.net.down = false
    for (const { terminal } of [one, other])
      await terminal.came('the position', () => terminal.positionOf(market.symbol)?.qty === 3_000)
  })
})

describe('another account', () => {
  it('brings its own orders, positions and flags, and nothing of the account before is told any more', async () => {
    const { terminal } = await tab()
    await terminal.place(buy(10_000))
    await terminal.came('the position', () => terminal.positionOf(market.symbol) !== undefined)
    await terminal.switchAccount('DEMO-ACCOUNT')
    expect(terminal.host.positions.size).toBe(0)
    await market.step(3)
    expect(terminal.host.pl.size).toBe(0)
    await terminal.switchAccount(market.accountId)
    expect(terminal.positionOf(market.symbol)?.qty).toBe(10_000)
    await terminal.close(market.symbol)
  })

  it('may hold several positions of a symbol', async () => {
    const body = { id: 'HEDGE', positionMode: 'hedging', markets: ['DEMO'] } as never
    await rest.ask((signal) => rest.calls.POST('/api/v1/broker/accounts', { body, signal }))
    const { terminal } = await tab('HEDGE')
    expect(terminal.host.flags).toMatchObject({ supportPositionNetting: true, supportCloseIndividualPosition: true })
    const [long, short] = [
      { symbol: 'DEMO:BTCUSD', type: OrderType.Market, side: Side.Buy, qty: 0.2 },
      { symbol: 'DEMO:BTCUSD', type: OrderType.Market, side: Side.Sell, qty: 0.1 },
    ]
    await terminal.place(long)
    await terminal.place(short)
    await terminal.came('both', () => terminal.host.individual.size === 2)
    const [first, second] = [...terminal.host.individual.values()]
    await terminal.editIndividualBrackets(first?.id as string, { stopLoss: Math.round((first?.price as number) * 0.5) })
    await terminal.came('its bracket', () => terminal.bracketsOf(first?.id as string).length === 1)
    await terminal.came('profits of each and of both', () => terminal.host.pl.size === 3)
    await terminal.closeIndividual(first?.id as string, 0.1)
    await terminal.closeIndividual(first?.id as string)
    await terminal.closeIndividual(second?.id as string)
    await terminal.came('no net position', () => terminal.host.positions.size === 0)
  })
})
