import type {
  Brackets,
  Broker,
  BrokerMetaInfo,
  LeverageInfoParams,
  Order,
  OrderPreviewResult,
  Position,
  PreOrder,
} from '../tradingview/broker.js'
import { ConnectionStatus, OrderStatus } from '../tradingview/numbers.js'
import { type Clock, wallClock } from '../wire/clock.js'
import type { Complaint, ComplaintCode } from './complaints.js'
import { SimulatedHost } from './host.js'
import { UPDATE_MS_MAX } from './limits.js'
import { checkManager, checkMethods } from './manager-rules.js'
import { alive, flawOf, positive } from './order-rules.js'

export interface TerminalOptions {
  /** What the widget's option would be. A broker's own host type may ask for more or less than the one here. */
  broker_factory(host: never): Broker
  broker_config: BrokerMetaInfo
  clock?: Clock
}

/** Drives any broker object as the Trading Terminal does: loads it, trades with it, waits for its updates, and complains. */
export class SimulatedTerminal {
  readonly host: SimulatedHost
  private readonly clock: Clock
  private running: Broker | undefined

  constructor(private readonly options: TerminalOptions) {
    this.clock = options.clock ?? wallClock
    this.host = new SimulatedHost(this.clock)
  }

  get broker(): Broker {
    if (this.running === undefined) throw new Error('Expected a started terminal, found one that was not')
    return this.running
  }

  get complaints(): readonly Complaint[] {
    return this.host.complaints.list
  }

  /** Build the broker and load everything, as the terminal does when it opens. */
  async start(): Promise<void> {
    const { host } = this
    Object.assign(host.flags, this.options.broker_config.configFlags)
    host.durations = this.options.broker_config.durations ?? []
    host.beginning = true
    this.running = this.options.broker_factory(host as never)
    host.beginning = false
    host.broker = this.broker
    checkMethods(this.broker, host.flags, host.complaints)
    if (await this.connected()) await this.load()
  }

  /** Everything about the current account, again. */
  async load(): Promise<void> {
    const { broker, host } = this
    await checkManager(broker.accountManagerInfo(), host.complaints)
    const accounts = (await this.asked('accountsMetainfo', () => broker.accountsMetainfo())) ?? []
    const listed = accounts.some(({ id }) => id === broker.currentAccount())
    host.complaints.expect(listed, 'bad-account', `the current account ${broker.currentAccount()} is not among the accounts`)
    const several = accounts.length > 1 && broker.setCurrentAccount === undefined
    host.complaints.expect(!several, 'missing-method', 'setCurrentAccount is missing, which several accounts need')
    this.takeOrders((await this.asked('orders', () => broker.orders())) ?? [])
    if (host.flags['supportPositions'] !== false) {
      for (const position of (await this.asked('positions', () => broker.positions?.())) ?? [])
        this.takePosition(position, host.positions)
    }
    if (host.flags['supportPositionNetting']) {
      for (const one of (await this.asked('individualPositions', () => broker.individualPositions?.())) ?? [])
        this.takePosition(one, host.individual)
    }
    if (host.flags['supportOrdersHistory']) {
      const history = (await this.asked('ordersHistory', () => broker.ordersHistory?.())) ?? []
      for (const order of history)
        host.complaints.expect(!alive(order), 'working-in-history', `order ${order.id} is in the history and has not ended`)
    }
  }

  /** What a chart and a ticket ask when they show a symbol. */
  async open(symbol: string): Promise<void> {
    const { broker, host } = this
    for (const execution of (await this.asked('executions', () => broker.executions(symbol))) ?? [])
      host.executions.push(execution)
    const info = await this.asked('symbolInfo', () => broker.symbolInfo(symbol))
    const { qty, pipSize, minTick, pipValue } = info ?? {}
    const fine =
      positive(qty?.min) &&
      positive(qty?.max) &&
      positive(qty?.step) &&
      positive(pipSize) &&
      positive(minTick) &&
      typeof pipValue === 'number'
    host.complaints.expect(fine || info === undefined, 'bad-instrument', `${symbol}: ${JSON.stringify(info)}`)
    await this.asked('isTradable', () => broker.isTradable(symbol))
  }

  // Orders

  /** Places an order and waits for its update; the answer is what the terminal shows of it. */
  async place(order: PreOrder, confirmId?: string): Promise<Order> {
    const { host } = this
    const known = new Set(host.orders.keys())
    host.placing.push(order)
    const answer = this.broker.placeOrder({ ...order }, confirmId)
    const { orderId } = await this.promised(
      'placeOrder',
      answer,
      () => void host.placing.splice(host.placing.indexOf(order), 1),
    )
    const told = () => host.orders.get(orderId ?? '')
    const came = await host.waiting.until(() => told() !== undefined && told()?.status !== OrderStatus.Placing, UPDATE_MS_MAX)
    const found = told()
    if (found === undefined || !came) {
      const other = [...host.orders.values()].find(
        (one) => !known.has(one.id) && one.symbol === order.symbol && one.side === order.side && one.qty === order.qty,
      )
      const text = `order ${orderId} was placed and ${other === undefined ? 'never told' : `told as ${other.id}`}`
      host.complaints.make(other !== undefined && found === undefined ? 'wrong-id' : 'missing-update', text)
      throw new Error(text)
    }
    const asAsked =
      found.symbol === order.symbol && found.side === order.side && found.qty === order.qty && found.type === order.type
    host.complaints.expect(asAsked, 'not-as-asked', `order ${orderId} was told with other terms than it was placed with`)
    return found
  }

  async modify(orderId: string, changes: Partial<Order>, confirmId?: string): Promise<Order> {
    const wanted = { ...this.order(orderId), ...changes }
    const before = this.tellings('order', orderId)
    await this.promised('modifyOrder', this.broker.modifyOrder(wanted, confirmId))
    await this.came(`order ${orderId} to be modified`, () => this.tellings('order', orderId) > before)
    return this.order(orderId)
  }

  async cancel(orderId: string): Promise<void> {
    await this.promised('cancelOrder', this.broker.cancelOrder(orderId))
    await this.came(`order ${orderId} to be cancelled`, () => !alive(this.order(orderId)))
  }

  async preview(order: PreOrder): Promise<OrderPreviewResult> {
    const preview = await this.promised('previewOrder', this.broker.previewOrder?.({ ...order }))
    const rows = preview.sections?.flatMap((section) => section.rows) ?? []
    const fine = rows.every(({ title, value }) => typeof title === 'string' && typeof value === 'string')
    this.host.complaints.expect(Array.isArray(preview.sections) && fine, 'bad-preview', JSON.stringify(preview))
    return preview
  }

  // Positions

  async close(positionId: string, amount?: number): Promise<void> {
    const before = this.position(positionId).qty
    await this.promised('closePosition', this.broker.closePosition?.(positionId, amount))
    const left = amount === undefined ? 0 : before - amount
    await this.came(`position ${positionId} to be closed`, () => near(this.host.positions.get(positionId)?.qty ?? 0, left))
  }

  async closeIndividual(positionId: string, amount?: number): Promise<void> {
    const before = this.host.individual.get(positionId)?.qty ?? 0
    await this.promised('closeIndividualPosition', this.broker.closeIndividualPosition?.(positionId, amount))
    const left = amount === undefined ? 0 : before - amount
    await this.came(`position ${positionId} to be closed`, () => near(this.host.individual.get(positionId)?.qty ?? 0, left))
  }

  async reverse(positionId: string): Promise<Position> {
    const { side } = this.position(positionId)
    await this.promised('reversePosition', this.broker.reversePosition?.(positionId))
    await this.came(`position ${positionId} to be reversed`, () => this.host.positions.get(positionId)?.side === -side)
    return this.position(positionId)
  }

  async editBrackets(positionId: string, brackets: Brackets): Promise<Position> {
    const before = this.tellings('position', positionId)
    await this.promised('editPositionBrackets', this.broker.editPositionBrackets?.(positionId, brackets))
    await this.came(`brackets of position ${positionId}`, () => this.tellings('position', positionId) > before)
    const wanted =
      Number(brackets.takeProfit !== undefined) + Number((brackets.stopLoss ?? brackets.trailingStopPips) !== undefined)
    await this.came(`bracket orders of position ${positionId}`, () => this.bracketsOf(positionId).length === wanted)
    return this.position(positionId)
  }

  async editIndividualBrackets(positionId: string, brackets: Brackets): Promise<void> {
    const before = this.tellings('individual', positionId)
    await this.promised('editIndividualPositionBrackets', this.broker.editIndividualPositionBrackets?.(positionId, brackets))
    await this.came(`brackets of position ${positionId}`, () => this.tellings('individual', positionId) > before)
  }

  // The account

  async switchAccount(id: string): Promise<void> {
    const before = this.host.accountUpdates
    this.broker.setCurrentAccount?.(id)
    this.host.complaints.expect(
      this.broker.currentAccount() === id,
      'bad-account',
      `the current account is ${this.broker.currentAccount()} after switching to ${id}`,
    )
    await this.came(`account ${id}`, () => this.host.accountUpdates > before)
    await this.load()
  }

  async setLeverage(asked: LeverageInfoParams, leverage: number): Promise<number> {
    const info = await this.promised('leverageInfo', this.broker.leverageInfo?.(asked))
    this.host.complaints.expect(
      info.min <= info.leverage && info.leverage <= info.max,
      'bad-instrument',
      `leverage ${JSON.stringify(info)}`,
    )
    await this.promised('previewLeverage', this.broker.previewLeverage?.({ ...asked, leverage }))
    return (await this.promised('setLeverage', this.broker.setLeverage?.({ ...asked, leverage }))).leverage
  }

  /** Open a ticket on a symbol: it wants equity, margin and the value of a pip. */
  async openTicket(symbol: string): Promise<void> {
    const { broker, host } = this
    const [equity, margin] = [host.equity.length, host.margin.length]
    broker.subscribeEquity?.()
    if (host.flags['supportMargin']) broker.subscribeMarginAvailable?.(symbol)
    broker.subscribePipValue?.(symbol)
    if (broker.subscribeEquity) await this.came('equity', () => host.equity.length > equity)
    if (host.flags['supportMargin']) await this.came('margin available', () => host.margin.length > margin)
    if (broker.subscribePipValue) await this.came(`pip value of ${symbol}`, () => host.pipValues.has(symbol))
  }

  closeTicket(symbol: string): void {
    this.broker.unsubscribeEquity?.()
    this.broker.unsubscribeMarginAvailable?.(symbol)
    this.broker.unsubscribePipValue?.(symbol)
  }

  // What is shown

  order(id: string): Order {
    const order = this.host.orders.get(id)
    if (order === undefined) throw new Error(`Expected the terminal to show order ${id}, found none`)
    return order
  }

  position(id: string): Position {
    const position = this.host.positions.get(id)
    if (position === undefined) throw new Error(`Expected the terminal to show position ${id}, found none`)
    return position
  }

  positionOf(symbol: string): Position | undefined {
    return [...this.host.positions.values()].find((position) => position.symbol === symbol)
  }

  /** Living brackets of an order or a position. */
  bracketsOf(parentId: string): Order[] {
    return [...this.host.orders.values()].filter((order) => 'parentId' in order && order.parentId === parentId && alive(order))
  }

  /** Waits until the terminal shows something; a complaint when it does not in time. */
  async came(what: string, shown: () => boolean, code: ComplaintCode = 'missing-update'): Promise<void> {
    if (await this.host.waiting.until(shown, UPDATE_MS_MAX)) return
    const text = `waited ${UPDATE_MS_MAX / 1000} seconds for ${what}`
    this.host.complaints.make(code, text)
    throw new Error(text)
  }

  /** The page goes: a broker that can be disposed of says nothing any more. */
  stop(): void {
    const broker = this.running as (Broker & { dispose?(): void }) | undefined
    broker?.dispose?.()
    this.host.over = true
  }

  private async connected(): Promise<boolean> {
    const { host, broker } = this
    const status = broker.connectionStatus()
    const waits = status === ConnectionStatus.Connecting
    const came =
      status === ConnectionStatus.Connected ||
      (waits && (await host.waiting.until(() => host.status === ConnectionStatus.Connected, UPDATE_MS_MAX)))
    return host.complaints.expect(
      came,
      'connection-status',
      `Method connectionStatus is not properly implemented: it answers ${status}`,
    )
  }

  private takeOrders(orders: readonly Order[]): void {
    const { host } = this
    const ids = orders.map(({ id }) => id)
    host.complaints.expect(new Set(ids).size === ids.length, 'duplicate-id', `orders() repeats an id: ${ids.join(', ')}`)
    for (const order of orders) {
      const flaw = flawOf(order)
      host.complaints.expect(flaw === undefined, 'bad-order', `order ${order.id} ${flaw}`)
      host.complaints.expect(alive(order), 'ended-in-orders', `orders() holds ${order.id}, which has ended`)
      host.orders.set(order.id, { ...order })
    }
  }

  private takePosition<P extends { id: string; qty: number }>(position: P, into: Map<string, P>): void {
    this.host.complaints.expect(!into.has(position.id), 'duplicate-id', `position ${position.id} came twice`)
    this.host.complaints.expect(
      positive(position.qty),
      'bad-position',
      `position ${position.id} is open with the quantity ${position.qty}`,
    )
    into.set(position.id, { ...position })
  }

  private tellings(what: 'order' | 'position' | 'individual', id: string): number {
    return this.host.told.filter((one) => one.what === what && one.id === id).length
  }

  /** The answer of a question, or nothing when there was none to be had. */
  private async asked<T>(method: string, ask: () => Promise<T> | undefined): Promise<T | undefined> {
    return this.promised(method, ask()).catch(() => undefined)
  }

  private async promised<T>(method: string, answer: Promise<T> | undefined, settled = () => {}): Promise<T> {
    const { complaints, waiting } = this.host
    // That a method is missing was complained of at the start.
    if (answer === undefined && this.broker[method as keyof Broker] === undefined) throw new Error(`There is no ${method}`)
    if (
      !complaints.expect(
        typeof answer?.then === 'function',
        'not-a-promise',
        `${method} answered ${String(answer)} instead of a promise`,
      )
    ) {
      settled()
      throw new Error(`${method} answered no promise`)
    }
    let over = false
    const watched = (answer as Promise<T>).finally(() => {
      over = true
      settled()
      waiting.happened()
    })
    watched.catch(() => {})
    if (!(await waiting.until(() => over, UPDATE_MS_MAX))) {
      const text = `${method} was not answered within ${UPDATE_MS_MAX / 1000} seconds`
      complaints.make('missing-update', text)
      throw new Error(text)
    }
    return watched
  }
}

function near(one: number, other: number): boolean {
  return Math.abs(one - other) < 1e-9
}
