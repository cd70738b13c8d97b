import type {
  AccountManagerInfo,
  BracketOrder,
  Brackets,
  Broker,
  BrokerMetaInfo,
  Execution,
  IsTradableResult,
  Order,
  OrderPreviewResult,
  Position,
  PreOrder,
} from '../../src/tradingview/broker.js'
import type { BrokerHost } from '../../src/tradingview/host.js'
import { OrderStatus, OrderType, ParentType, Side } from '../../src/tradingview/numbers.js'
import type { Clock } from '../../src/wire/clock.js'

export const SYMBOL = 'PAPER:ONE'
const TICKET_MS = 10

export const PAPER_CONFIG: BrokerMetaInfo = {
  configFlags: {
    supportPositions: true,
    supportClosePosition: true,
    supportPartialClosePosition: true,
    supportNativeReversePosition: true,
    supportPositionBrackets: true,
    supportOrderBrackets: true,
    supportOrdersHistory: true,
    supportPlaceOrderPreview: true,
    supportMargin: true,
  },
}

/** A small broker that does everything right, in memory; the test moves its price. Made to be broken on purpose. */
export class PaperBroker implements Broker {
  protected readonly live = new Map<string, Order>()
  protected readonly ended: Order[] = []
  protected readonly held = new Map<string, Position>()
  protected readonly fills: (Execution & { id: string })[] = []
  private ids = 0
  price = 100

  constructor(
    protected readonly host: BrokerHost,
    protected readonly clock: Clock,
  ) {}

  async accountsMetainfo() {
    return [{ id: 'P', name: 'Paper' }]
  }
  currentAccount() {
    return 'P'
  }
  connectionStatus(): 1 | 2 | 3 | 4 {
    return 1
  }
  async orders(): Promise<Order[]> {
    return [...this.live.values()]
  }
  async ordersHistory(): Promise<Order[]> {
    return [...this.ended]
  }
  async positions(): Promise<Position[]> {
    return [...this.held.values()]
  }
  async executions(): Promise<Execution[]> {
    return [...this.fills]
  }
  async symbolInfo() {
    return { qty: { min: 1, max: 1e6, step: 1 }, pipValue: 0.01, pipSize: 0.01, minTick: 0.01, description: 'One' }
  }
  async isTradable(): Promise<IsTradableResult> {
    return { tradable: true }
  }
  accountManagerInfo(): AccountManagerInfo {
    const columns = [{ id: 'symbol', label: 'Symbol', dataFields: ['symbol', 'symbol'], formatter: 'symbol' }]
    const summary = [{ text: 'Balance', wValue: this.host.factory.createWatchedValue(1) }]
    return { accountTitle: 'Paper', summary, orderColumns: columns, pages: [] }
  }
  async chartContextMenuActions() {
    return []
  }
  async previewOrder(): Promise<OrderPreviewResult> {
    return { sections: [{ rows: [{ title: 'Margin', value: '1' }] }], confirmId: 'yes' }
  }

  async placeOrder(order: PreOrder): Promise<{ orderId?: string }> {
    const { takeProfit, stopLoss, ...rest } = order
    const id = `o${++this.ids}`
    const kept = { ...(takeProfit === undefined ? {} : { takeProfit }), ...(stopLoss === undefined ? {} : { stopLoss }) }
    this.soon(() => {
      this.tell({ ...rest, ...kept, id, status: OrderStatus.Working })
      for (const bracket of bracketsOf(id, order, ParentType.Order, () => `o${++this.ids}`)) this.tell(bracket)
      this.match()
    })
    return { orderId: id }
  }

  async modifyOrder(order: Order): Promise<void> {
    this.soon(() => this.tell({ ...order }))
  }

  async cancelOrder(id: string): Promise<void> {
    this.soon(() => this.cancel(id))
  }

  async closePosition(id: string, amount?: number): Promise<void> {
    const position = this.held.get(id) as Position
    this.soon(() => this.reduce(position, amount ?? position.qty))
  }

  async reversePosition(id: string): Promise<void> {
    this.soon(() => {
      const position = this.held.get(id) as Position
      for (const { id: bracket } of this.children(id)) this.cancel(bracket)
      const side = -position.side as Side
      this.fill({ symbol: SYMBOL, side, qty: position.qty * 2 })
      this.show({ id, symbol: SYMBOL, side, qty: position.qty, avgPrice: this.price })
    })
  }

  async editPositionBrackets(id: string, brackets: Brackets): Promise<void> {
    this.soon(() => {
      const { takeProfit: _, stopLoss: __, ...position } = this.held.get(id) as Position
      this.show({ ...position, ...brackets })
      for (const bracket of this.children(id)) this.cancel(bracket.id)
      for (const bracket of bracketsOf(id, { ...position, ...brackets }, ParentType.Position, () => `o${++this.ids}`))
        this.tell(bracket)
    })
  }

  subscribeEquity(): void {
    this.soon(() => this.host.equityUpdate(1))
  }
  subscribeMarginAvailable(): void {
    this.soon(() => this.host.marginAvailableUpdate(1))
  }
  unsubscribeMarginAvailable(): void {}

  /** The market goes somewhere: whatever it reaches fills, and positions are marked. */
  move(price: number): void {
    this.price = price
    this.match()
    for (const { id, side, qty, avgPrice } of this.held.values()) this.host.plUpdate(id, side * qty * (price - avgPrice))
  }

  protected soon(act: () => void): void {
    this.clock.after(TICKET_MS, act)
  }

  protected tell(order: Order): void {
    if (order.status === OrderStatus.Working || order.status === OrderStatus.Inactive) this.live.set(order.id, order)
    else {
      this.live.delete(order.id)
      this.ended.push(order)
    }
    this.host.orderUpdate({ ...order })
  }

  protected show(position: Position): void {
    if (position.qty === 0) this.held.delete(position.id)
    else this.held.set(position.id, position)
    this.host.positionUpdate({ ...position })
  }

  protected cancel(id: string): void {
    const order = this.live.get(id)
    if (order === undefined) return
    this.tell({ ...order, status: OrderStatus.Canceled })
    for (const bracket of this.children(id)) this.tell({ ...bracket, status: OrderStatus.Canceled })
  }

  protected children(parentId: string): BracketOrder[] {
    return [...this.live.values()].filter((order): order is BracketOrder => 'parentId' in order && order.parentId === parentId)
  }

  protected fill({ symbol, side, qty }: { symbol: string; side: Side; qty: number }): void {
    const execution = { id: `x${this.fills.length + 1}`, symbol, side, qty, price: this.price, time: this.clock.now() }
    this.fills.push(execution)
    this.host.executionUpdate(execution)
  }

  protected opened(order: Order, brackets: BracketOrder[]): void {
    const { takeProfit, stopLoss } = order
    const filled = { ...order, status: OrderStatus.Filled, filledQty: order.qty, avgPrice: this.price }
    const kept = { ...(takeProfit === undefined ? {} : { takeProfit }), ...(stopLoss === undefined ? {} : { stopLoss }) }
    const position = { id: SYMBOL, symbol: SYMBOL, side: order.side, qty: order.qty, avgPrice: this.price, ...kept }
    this.fill(order)
    if (brackets.length > 0) this.show(position)
    this.tell(filled)
    for (const bracket of brackets)
      this.tell({ ...bracket, status: OrderStatus.Working, parentId: SYMBOL, parentType: ParentType.Position })
    if (brackets.length === 0) this.show(position)
  }

  protected closedBy(bracket: BracketOrder): void {
    const position = this.held.get(bracket.parentId) as Position
    this.fill(bracket)
    this.tell({ ...bracket, status: OrderStatus.Filled, filledQty: bracket.qty, avgPrice: this.price })
    for (const other of this.children(position.id)) this.tell({ ...other, status: OrderStatus.Canceled })
    this.show({ ...position, qty: 0 })
  }

  protected reduce(position: Position, amount: number): void {
    const qty = position.qty - amount
    this.fill({ symbol: SYMBOL, side: -position.side as Side, qty: amount })
    for (const bracket of this.children(position.id)) {
      if (qty === 0) this.cancel(bracket.id)
      else this.tell({ ...bracket, qty })
    }
    this.show({ ...position, qty })
  }

  private match(): void {
    for (const order of [...this.live.values()]) {
      if (order.status !== OrderStatus.Working || !reached(order, this.price)) continue
      if ('parentId' in order) this.closedBy(order)
      else this.opened(order, this.children(order.id))
    }
  }
}

function reached({ type, side, limitPrice = 0, stopPrice = 0 }: Order, price: number): boolean {
  if (type === OrderType.Market) return true
  if (type === OrderType.Limit) return side === Side.Buy ? price <= limitPrice : price >= limitPrice
  return side === Side.Buy ? price >= stopPrice : price <= stopPrice
}

function bracketsOf(
  parentId: string,
  order: Pick<PreOrder, 'symbol' | 'side' | 'qty' | 'takeProfit' | 'stopLoss'>,
  parentType: ParentType,
  newId: () => string,
): BracketOrder[] {
  const status = parentType === ParentType.Order ? OrderStatus.Inactive : OrderStatus.Working
  const common = { symbol: order.symbol, side: -order.side as Side, qty: order.qty, status, parentId, parentType }
  return [
    ...(order.takeProfit === undefined
      ? []
      : [{ ...common, id: newId(), type: OrderType.Limit, limitPrice: order.takeProfit }]),
    ...(order.stopLoss === undefined ? [] : [{ ...common, id: newId(), type: OrderType.Stop, stopPrice: order.stopLoss }]),
  ]
}
