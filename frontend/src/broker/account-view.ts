import type { EquityData, PlacedOrder } from '../generated/topics.js'
import type { Rest } from '../rest/client.js'
import type { Execution, IndividualPosition, Order, Position } from '../tradingview/broker.js'
import { OrderStatus } from '../tradingview/numbers.js'
import { type AccountState, AccountStream, type Told } from '../wire/account-stream.js'
import type { Clock } from '../wire/clock.js'
import type { Wire } from '../wire/wire.js'
import { announcements, catchUp, vanished } from './announce.js'
import { Book, type Call } from './book.js'
import { Hold } from './hold.js'
import { LOAD_MS_MAX, UNTOLD_MS_MAX } from './limits.js'

/** As much of the host as an account speaks to. */
export interface AccountHost {
  orderUpdate(order: Order): void
  positionUpdate(position: Position): void
  individualPositionUpdate(position: IndividualPosition): void
  executionUpdate(execution: Execution): void
  plUpdate(positionId: string, pl: number): void
  individualPositionPLUpdate(positionId: string, pl: number): void
}

export interface AccountViewOptions {
  wire: Wire
  rest: Rest
  clock: Clock
  host: AccountHost
  /** The account's money, each time it has changed. */
  onEquity(equity: EquityData): void
  /** The notifications log has another line. */
  onNotice(): void
  /** Orders or positions have changed, as the terminal has been told. */
  onTold(calls: readonly Call[]): void
}

/** One account as the terminal sees it: loaded once, then told change by change in the terminal's order, across cuts. */
export class AccountView {
  readonly book = new Book()
  readonly hold: Hold
  readonly loaded: Promise<void>
  equity: EquityData | undefined
  private readonly stops: (() => void)[]
  private readonly profits = new Map<string, number>()
  /** Positions the terminal has been given; of others it wants to hear no profit. */
  private readonly shown = new Set<string>()
  private begun = false
  private stopped = false
  /** What has to be asked before the next thing can be told. */
  private asking: Promise<void> | undefined
  private waiting: (() => void)[] = []

  constructor(
    readonly id: string,
    private readonly options: AccountViewOptions,
  ) {
    const { wire, clock } = options
    this.hold = new Hold(clock)
    let settle: { done(): void; failed(reason: Error): void } = { done() {}, failed() {} }
    this.loaded = new Promise((done, failed) => {
      settle = { done, failed }
    })
    this.loaded.catch(() => {})
    const forget = clock.after(LOAD_MS_MAX, () => settle.failed(new Error(`The account ${id} could not be loaded in time`)))
    const stream = new AccountStream(
      wire,
      id,
      {
        restated: (state) => {
          if (this.begun) return this.restated(state)
          this.begun = true
          this.book.begin(state as AccountState)
          forget()
          settle.done()
        },
        told: (told) => this.next(() => this.pass(told)),
        refused: (message) => settle.failed(new Error(message)),
      },
      clock,
    )
    const equity = wire.listen('equity', { accountId: id }, (heard) => {
      if (heard.kind === 'state' && heard.state !== undefined) this.money(heard.state)
      if (heard.kind === 'update') this.money(heard.value)
    })
    const notices = wire.listen('notices', { accountId: id }, (heard) => {
      if (heard.kind === 'update' && !this.stopped) this.options.onNotice()
    })
    this.stops = [forget, () => stream.stop(), equity, notices, () => settle.failed(new Error(`The account ${id} was left`))]
  }

  stop(): void {
    this.stopped = true
    this.hold.clear()
    for (const stop of this.stops) stop()
  }

  /** The terminal is being given all positions of a kind, and takes them before it hears their profits. */
  show<P extends { id: string }>(positions: ReadonlyMap<string, P>): P[] {
    this.options.clock.after(0, () => {
      if (this.stopped) return
      for (const id of positions.keys()) this.shown.add(id)
      this.profits.clear()
      this.marks()
    })
    return [...positions.values()].map((position) => ({ ...position }))
  }

  /** An order was placed. If it was filled while nobody could hear it, no state shows it any more, so it is asked for. */
  placed(orderId: string): void {
    this.options.clock.after(UNTOLD_MS_MAX, () => {
      if (!this.stopped && !this.book.hasOrder(orderId)) this.ask({}, [orderId])
    })
  }

  private money(equity: EquityData): void {
    if (this.stopped) return
    this.equity = equity
    this.options.onEquity(equity)
    this.marks()
  }

  /** Profits of the positions the terminal knows, where they have changed. */
  private marks(): void {
    const { host } = this.options
    const nets = new Map<string, number>()
    for (const { id, pl } of this.equity?.positions ?? []) {
      const individual = this.book.individual.get(id)
      if (individual !== undefined) {
        this.profit(id, pl, host.individualPositionPLUpdate)
        nets.set(individual.symbol, (nets.get(individual.symbol) ?? 0) + pl)
      } else if (this.book.positions.has(id)) this.profit(id, pl, host.plUpdate)
    }
    for (const { id, symbol } of this.book.positions.values()) {
      const pl = nets.get(symbol)
      if (pl !== undefined) this.profit(id, pl, host.plUpdate)
    }
  }

  private profit(id: string, pl: number, tell: (id: string, pl: number) => void): void {
    if (!this.shown.has(id) || this.profits.get(id) === pl) return
    this.profits.set(id, pl)
    tell.call(this.options.host, id, pl)
  }

  private pass(told: Told): void {
    this.hold.pass({ orders: told.orders, tell: () => this.tell(announcements(told, this.book)) })
  }

  /** The missed updates are not remembered any more: say what has changed since, and what became of what is gone. */
  private restated(state: Partial<AccountState>): void {
    this.next(() => {
      const lost = vanished(state, this.book)
      if (lost.length === 0) this.tell(catchUp(state, [], this.book))
      else this.ask(state, lost)
    })
  }

  private ask(state: Partial<AccountState>, lost: readonly string[]): void {
    const before = this.asking ?? Promise.resolve()
    const asking = before
      .then(() => Promise.all(lost.map((id) => this.found(id))))
      .then((orders) => {
        if (this.asking === asking) this.asking = undefined
        if (!this.stopped) this.tell(catchUp(state, orders.flat(), this.book))
        while (this.asking === undefined && this.waiting.length > 0) this.waiting.shift()?.()
      })
    this.asking = asking
  }

  private next(act: () => void): void {
    if (this.asking === undefined) act()
    else this.waiting.push(act)
  }

  /** The order as it is, or none when there never was one. */
  private async found(orderId: string): Promise<PlacedOrder[]> {
    const { calls } = this.options.rest
    const path = { accountId: this.id, orderId }
    const known = this.book.orders.get(orderId)
    const asked = this.options.rest.ask((signal) =>
      calls.GET('/api/v1/broker/accounts/{accountId}/orders/{orderId}', { params: { path }, signal }),
    ) as Promise<PlacedOrder>
    return asked.then(
      (order) => [order],
      // An order nobody can say anything about any more went with an account that began anew.
      () => (known === undefined ? [] : [{ ...known, status: OrderStatus.Canceled }]),
    )
  }

  private tell(calls: readonly Call[]): void {
    if (this.stopped) return
    for (const call of calls) {
      this.book.told(call)
      this.say(call)
    }
    for (const id of this.shown) {
      if (this.book.positions.has(id) || this.book.individual.has(id)) continue
      this.shown.delete(id)
      this.profits.delete(id)
    }
    this.options.onTold(calls)
    this.marks()
  }

  private say(call: Call): void {
    const { host } = this.options
    switch (call.kind) {
      case 'execution':
        return host.executionUpdate({ ...call.value })
      case 'order':
        return host.orderUpdate({ ...call.value } as Order)
      case 'position':
        this.shown.add(call.value.id)
        return host.positionUpdate({ ...call.value })
      case 'individual':
        this.shown.add(call.value.id)
        return host.individualPositionUpdate({ ...call.value })
    }
  }
}
