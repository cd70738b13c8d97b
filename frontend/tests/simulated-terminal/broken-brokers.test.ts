import { describe, expect, it } from 'vitest'
import type { BrokerComplaint, ComplaintCode } from '../../src/simulated-terminal/complaints.js'
import { GHOST_MS_MAX } from '../../src/simulated-terminal/limits.js'
import { SimulatedTerminal } from '../../src/simulated-terminal/terminal.js'
import type { BracketOrder, Broker, BrokerMetaInfo, Order, Position, PreOrder } from '../../src/tradingview/broker.js'
import type { BrokerHost } from '../../src/tradingview/host.js'
import { OrderStatus, OrderType, Side } from '../../src/tradingview/numbers.js'
import type { Clock } from '../../src/wire/clock.js'
import { FakeClock } from '../fakes/clock.js'
import { PAPER_CONFIG, PaperBroker, SYMBOL } from '../fakes/paper-broker.js'

type Class = new (host: BrokerHost, clock: Clock) => PaperBroker

const BUY: PreOrder = { symbol: SYMBOL, type: OrderType.Market, side: Side.Buy, qty: 10 }
const WAIT: PreOrder = { ...BUY, type: OrderType.Limit, limitPrice: 90 }

/** A short day that touches every kind of update; what it cannot go on with, it gives up. */
async function shortDay(
  Maker: Class,
  config: BrokerMetaInfo = PAPER_CONFIG,
): Promise<{ codes: ComplaintCode[]; finished: boolean }> {
  const clock = new FakeClock()
  const made: PaperBroker[] = []
  const terminal = new SimulatedTerminal({
    broker_factory: (host: BrokerHost) => {
      made.push(new Maker(host, clock))
      return made[0] as Broker
    },
    broker_config: config,
    clock,
  })
  const play = async () => {
    await terminal.start()
    await terminal.open(SYMBOL)
    await terminal.openTicket(SYMBOL)
    await terminal.preview(BUY)
    const waiting = await terminal.place({ ...WAIT, takeProfit: 110, stopLoss: 80 })
    await terminal.modify(waiting.id, { limitPrice: 91 })
    made[0]?.move(91)
    await terminal.came('a position', () => terminal.positionOf(SYMBOL) !== undefined)
    await terminal.close(SYMBOL, 4)
    made[0]?.move(110)
    await terminal.came('the end', () => terminal.positionOf(SYMBOL) === undefined)
    await terminal.place(BUY)
    await terminal.came('a position', () => terminal.positionOf(SYMBOL) !== undefined)
    await terminal.editBrackets(SYMBOL, { stopLoss: 50 })
    await terminal.reverse(SYMBOL)
    await terminal.close(SYMBOL)
    const cancelled = await terminal.place({ ...WAIT, limitPrice: 20, stopLoss: 10 })
    await terminal.cancel(cancelled.id)
    await terminal.load()
    await new Promise<void>((resolve) => clock.after(GHOST_MS_MAX, resolve))
    terminal.stop()
  }
  const over = play().then(
    () => true,
    () => false,
  )
  await clock.pass(200_000, 2_000)
  return { codes: terminal.host.complaints.codes, finished: await over }
}

const other = (order: Order, changes: Partial<Order>): Order => ({ ...order, ...changes }) as Order

/** A host that hears something else than is told. */
function tampered<A>(host: BrokerHost, method: keyof BrokerHost, change: (told: A) => A): BrokerHost {
  const hear = (told: A) => (host[method] as (told: A) => void).call(host, change(told))
  return new Proxy(host, { get: (_, name) => (name === method ? hear : Reflect.get(host, name)) })
}

/** One broken broker for each complaint, and nothing else may be complained about. */
const BROKEN: Record<BrokerComplaint, Class> = {
  'missing-method': class extends PaperBroker {
    override reversePosition = undefined as never
  },
  'not-a-promise': class extends PaperBroker {
    override symbolInfo = (() => ({})) as never
  },
  'too-early': class extends PaperBroker {
    constructor(host: BrokerHost, clock: Clock) {
      super(host, clock)
      host.equityUpdate(1)
    }
  },
  'call-after-dispose': class extends PaperBroker {
    dispose() {
      this.clock.after(100, () => this.host.equityUpdate(1))
    }
  },
  'connection-status': class extends PaperBroker {
    override connectionStatus() {
      return 4 as const
    }
  },
  'bad-account': class extends PaperBroker {
    override currentAccount() {
      return 'Q'
    }
  },
  'bad-account-manager': class extends PaperBroker {
    override accountManagerInfo() {
      const info = super.accountManagerInfo()
      return { ...info, orderColumns: [{ id: 'type', label: 'Type', dataFields: ['type'], formatter: 'type' }] }
    }
  },
  'bad-instrument': class extends PaperBroker {
    override async symbolInfo() {
      return { ...(await super.symbolInfo()), minTick: 0 }
    }
  },
  'bad-order': class extends PaperBroker {
    protected override cancel(id: string) {
      super.cancel(id)
      this.host.orderPartialUpdate(id, { qty: 2 })
    }
  },
  'bad-bracket': class extends PaperBroker {
    constructor(host: BrokerHost, clock: Clock) {
      const wrongSide = (order: Order) =>
        'parentId' in order && order.parentType === 1 ? other(order, { side: Side.Buy }) : order
      super(tampered(host, 'orderUpdate', wrongSide), clock)
    }
  },
  'bad-position': class extends PaperBroker {
    override async reversePosition(id: string) {
      await super.reversePosition(id)
      this.soon(() => this.host.positionPartialUpdate(id, { qty: 1 }))
    }
  },
  'bad-execution': class extends PaperBroker {
    protected override fill(order: Order) {
      const { host } = this
      const price = this.price
      if (order.qty === 4) host.executionUpdate({ symbol: SYMBOL, side: order.side, qty: 4, price: Number.NaN, time: 1 })
      else super.fill({ ...order })
      this.price = price
    }
  },
  'duplicate-id': class extends PaperBroker {
    override async orders() {
      return [...(await super.orders()), ...[1, 2].map(() => ({ ...BUY, id: 'twice', status: OrderStatus.Working }))]
    }
  },
  'duplicate-execution': class extends PaperBroker {
    protected override fill(order: Order) {
      super.fill(order)
      this.host.executionUpdate({ ...(this.fills.at(-1) as never as object) } as never)
    }
  },
  'ended-in-orders': class extends PaperBroker {
    override async orders() {
      return [...(await super.orders()), ...this.ended.slice(0, 1)]
    }
  },
  'working-in-history': class extends PaperBroker {
    override async ordersHistory() {
      return [{ ...BUY, id: 'alive', status: OrderStatus.Working }]
    }
  },
  'unknown-position': class extends PaperBroker {
    protected override show(position: Position) {
      super.show(position)
      if (position.qty === 0) this.host.positionUpdate({ ...position })
    }
  },
  'unknown-position-pl': class extends PaperBroker {
    override move(price: number) {
      super.move(price)
      this.host.plUpdate(SYMBOL, 0)
      this.held.size === 0 && this.host.plUpdate(SYMBOL, 1)
    }
  },
  'illegal-status-move': class extends PaperBroker {
    protected override cancel(id: string) {
      const order = this.live.get(id)
      super.cancel(id)
      if (order !== undefined && !('parentId' in order)) {
        this.host.orderUpdate(order)
        this.host.orderUpdate({ ...order, status: OrderStatus.Canceled })
      }
    }
  },
  'filled-without-working': class extends PaperBroker {
    protected override tell(order: Order) {
      if (order.type === OrderType.Market && order.status === OrderStatus.Working) this.live.set(order.id, order)
      else super.tell(order)
    }
  },
  'rejected-without-reason': class extends PaperBroker {
    protected override cancel(id: string) {
      const order = this.live.get(id)
      if (order === undefined || 'parentId' in order) return super.cancel(id)
      this.tell({ ...order, status: OrderStatus.Rejected })
      for (const bracket of this.children(id)) this.cancel(bracket.id)
    }
  },
  'update-before-answer': class extends PaperBroker {
    override async placeOrder(order: PreOrder) {
      const answer = super.placeOrder(order)
      await new Promise<void>((resolve) => this.clock.after(100, resolve))
      return answer
    }
  },
  'wrong-id': class extends PaperBroker {
    protected override tell(order: Order) {
      super.tell('parentId' in order ? order : { ...order, id: `${order.id}-again` })
    }
    override async placeOrder({ takeProfit: _, stopLoss: __, ...order }: PreOrder) {
      return super.placeOrder(order)
    }
  },
  'not-as-asked': class extends PaperBroker {
    override async placeOrder(order: PreOrder) {
      return super.placeOrder(order.type === OrderType.Market ? { ...order, qty: 11 } : order)
    }
  },
  'missing-update': class extends PaperBroker {
    override async modifyOrder() {}
  },
  'out-of-order': class extends PaperBroker {
    protected override closedBy(bracket: BracketOrder) {
      const position = this.held.get(bracket.parentId) as Position
      this.fill(bracket)
      this.tell({ ...bracket, status: OrderStatus.Filled })
      this.show({ ...position, qty: 0 })
      for (const one of this.children(position.id)) this.tell({ ...one, status: OrderStatus.Canceled })
    }
  },
  'ghost-bracket': class extends PaperBroker {
    override async reversePosition(id: string) {
      await super.reversePosition(id)
      const ghost = {
        ...BUY,
        id: 'ghost',
        type: OrderType.Stop,
        stopPrice: 200,
        status: OrderStatus.Working,
        parentId: id,
        parentType: 2,
      }
      this.soon(() => this.host.orderUpdate(ghost as Order))
    }
  },
  'bad-preview': class extends PaperBroker {
    override async previewOrder() {
      return { sections: [{ rows: [{ title: 'Margin', value: 1 as never }] }] }
    }
  },
}

describe('the simulated terminal', () => {
  it('has nothing to say against a broker that does everything right', async () => {
    expect(await shortDay(PaperBroker)).toEqual({ codes: [], finished: true })
  })

  it.each(Object.entries(BROKEN))('complains of %s, and of nothing else', async (code, Maker) => {
    expect((await shortDay(Maker)).codes).toEqual([code])
  })
})

describe('a filled order told in the wrong order', () => {
  const brackets = { ...WAIT, takeProfit: 110 }

  it.each([
    [
      'a position after the fill of an order with brackets',
      brackets,
      (told: string[]) => told.indexOf('position') > told.indexOf('filled'),
    ],
    [
      'a position before the fill of an order without',
      WAIT,
      (told: string[]) => told.indexOf('position') < told.indexOf('filled'),
    ],
  ])('is noticed: %s', async (_, order, wrong) => {
    class Wrong extends PaperBroker {
      protected override opened(filled: Order, children: BracketOrder[]) {
        const told: [string, () => void][] = []
        const { tell, show } = this
        this.tell = (one) => told.push(['parentId' in one ? 'bracket' : 'filled', () => tell.call(this, one)])
        this.show = (one) => told.push(['position', () => show.call(this, one)])
        super.opened(filled, children)
        Object.assign(this, { tell, show })
        const first = told.findIndex(([what]) => what === (order === WAIT ? 'position' : 'filled'))
        const moved = told.splice(first, 1)
        expect(wrong([...moved, ...told].map(([what]) => what))).toBe(true)
        for (const [, act] of [...moved, ...told]) act()
      }
    }
    const clock = new FakeClock()
    let broker: PaperBroker | undefined
    const terminal = new SimulatedTerminal({
      broker_factory: (host: BrokerHost) => {
        broker = new Wrong(host, clock)
        return broker
      },
      broker_config: PAPER_CONFIG,
      clock,
    })
    const over = terminal.start().then(async () => {
      await terminal.place(order)
      broker?.move(90)
    })
    await clock.pass(1_000)
    await over
    expect(terminal.host.complaints.codes).toEqual(['out-of-order'])
  })
})
