import type {
  ActionMetaInfo,
  Broker,
  DurationMetaInfo,
  Execution,
  IndividualPosition,
  Order,
  Position,
  PreOrder,
  TradeContext,
} from '../tradingview/broker.js'
import type { BrokerHost } from '../tradingview/host.js'
import { ConnectionStatus, OrderStatus } from '../tradingview/numbers.js'
import type { Clock } from '../wire/clock.js'
import { Complaints } from './complaints.js'
import { CATCH_UP_MS_MAX, GHOST_MS_MAX } from './limits.js'
import { alive, bracketFlawOf, flawOf, isBracket, mayMove, nameOf, positive } from './order-rules.js'
import { Sequence } from './sequence.js'
import { delegate, watchedValue } from './values.js'
import { Waiting } from './waiting.js'

export interface Notification {
  title: string
  text: string
  type: number
}

/** Something the broker told, in short. */
export interface Told {
  what: 'order' | 'position' | 'individual' | 'execution' | 'connection' | 'account'
  id: string
  at: number
}

/**
 * The terminal's side of a broker connection: takes every update as the Trading Terminal does, remembers what it shows, and complains.
 *
 * It checks what is told, each thing by itself and against what was told before. Whether something is told at all, and in time,
 * whoever gave the command waits for (`SimulatedTerminal`).
 */
export class SimulatedHost implements BrokerHost {
  readonly complaints: Complaints
  readonly waiting: Waiting
  readonly orders = new Map<string, Order>()
  readonly positions = new Map<string, Position>()
  readonly individual = new Map<string, IndividualPosition>()
  readonly executions: (Execution & { id?: string })[] = []
  readonly pl = new Map<string, number>()
  readonly notifications: Notification[] = []
  readonly told: Told[] = []
  readonly equity: number[] = []
  readonly margin: number[] = []
  readonly pipValues = new Map<string, { buyPipValue: number; sellPipValue: number }>()
  readonly flags: Record<string, boolean> = {}
  durations: DurationMetaInfo[] = []
  status: ConnectionStatus | undefined
  /** Placements whose answer is awaited. */
  readonly placing: PreOrder[] = []
  /** Set while the factory runs: nothing may be told yet. */
  beginning = false
  over = false
  broker: Broker | undefined
  accountUpdates = 0
  private readonly sequence: Sequence
  private lenientUntil = 0

  constructor(private readonly clock: Clock) {
    this.complaints = new Complaints(clock)
    this.waiting = new Waiting(clock)
    this.sequence = new Sequence(this.complaints, this.orders)
  }

  readonly factory = {
    createDelegate: delegate,
    createWatchedValue: watchedValue,
    createPriceFormatter: (priceScale = 100) => decimalFormatter(Math.round(Math.log10(priceScale))),
  }

  // Orders

  orderUpdate(order: Order): void {
    this.called('orderUpdate', () => {
      if (!this.complain(flawOf(order), 'bad-order', `order ${order.id}`)) return
      const known = this.orders.get(order.id)
      const parent = isBracket(order) ? this.orders.get(order.parentId) : undefined
      this.complain(bracketFlawOf(order, parent), 'bad-bracket', `order ${order.id}`)
      this.checkMove(order, known)
      this.checkAnswered(order, known)
      if (this.strict) this.sequence.order(order, known)
      this.orders.set(order.id, { ...order })
      this.note('order', order.id)
    })
  }

  orderPartialUpdate(id: string, changes: Partial<Order>): void {
    this.called('orderPartialUpdate', () => {
      const own = ['status', 'qty', 'limitPrice', 'stopPrice', 'side', 'type'].filter((field) => field in changes)
      this.complaints.expect(own.length === 0, 'bad-order', `order ${id}: a partial update may not change ${own.join(', ')}`)
      const known = this.orders.get(id)
      if (known !== undefined) this.orders.set(id, { ...known, ...changes } as Order)
    })
  }

  ordersFullUpdate(): void {
    this.called('ordersFullUpdate', () => this.orders.clear())
  }

  // Positions

  positionUpdate(position: Position): void {
    this.called('positionUpdate', () => {
      if (!this.complain(positionFlawOf(position, position.avgPrice), 'bad-position', `position ${position.id}`)) return
      if (this.strict) this.sequence.position(position)
      this.hold(this.positions, position)
      this.note('position', position.id)
    })
  }

  positionPartialUpdate(id: string, changes: Partial<Position>): void {
    this.called('positionPartialUpdate', () => {
      const own = ['qty', 'side', 'avgPrice'].filter((field) => field in changes)
      this.complaints.expect(
        own.length === 0,
        'bad-position',
        `position ${id}: a partial update may not change ${own.join(', ')}`,
      )
    })
  }

  positionsFullUpdate(): void {
    this.called('positionsFullUpdate', () => this.positions.clear())
  }

  individualPositionUpdate(position: IndividualPosition): void {
    this.called('individualPositionUpdate', () => {
      if (!this.complain(positionFlawOf(position, position.price), 'bad-position', `position ${position.id}`)) return
      this.hold(this.individual, position)
      this.note('individual', position.id)
    })
  }

  individualPositionPartialUpdate(): void {
    this.called('individualPositionPartialUpdate', () => {})
  }

  individualPositionsFullUpdate(): void {
    this.called('individualPositionsFullUpdate', () => this.individual.clear())
  }

  plUpdate(positionId: string, pl: number): void {
    this.called('plUpdate', () => this.profit(this.positions, positionId, pl))
  }

  individualPositionPLUpdate(positionId: string, pl: number): void {
    this.called('individualPositionPLUpdate', () => this.profit(this.individual, positionId, pl))
  }

  // Executions and money

  executionUpdate(execution: Execution & { id?: string }): void {
    this.called('executionUpdate', () => {
      const { id, symbol, price, qty, side, time } = execution
      const fine = symbol !== '' && positive(price) && positive(qty) && (side === 1 || side === -1) && positive(time)
      this.complaints.expect(fine, 'bad-execution', `execution ${id}: ${JSON.stringify(execution)}`)
      const again = id !== undefined && this.executions.some((one) => one.id === id)
      this.complaints.expect(!again, 'duplicate-execution', `execution ${id} was told twice`)
      this.executions.push({ ...execution })
      this.sequence.execution(execution)
      this.note('execution', id ?? '')
    })
  }

  equityUpdate(equity: number): void {
    this.called('equityUpdate', () => this.equity.push(equity))
  }

  marginAvailableUpdate(margin: number): void {
    this.called('marginAvailableUpdate', () => this.margin.push(margin))
  }

  pipValueUpdate(symbol: string, values: { buyPipValue: number; sellPipValue: number }): void {
    this.called('pipValueUpdate', () => this.pipValues.set(symbol, values))
  }

  cryptoBalanceUpdate(): void {
    this.called('cryptoBalanceUpdate', () => {})
  }

  // The connection and the account

  connectionStatusUpdate(status: ConnectionStatus): void {
    this.called('connectionStatusUpdate', () => {
      this.status = status
      // The terminal asks again while it is being told.
      const found = this.broker?.connectionStatus()
      const text = `connectionStatusUpdate told ${status}, connectionStatus answered ${found}`
      this.complaints.expect(this.broker === undefined || found === status, 'connection-status', text)
      if (status === ConnectionStatus.Connected) this.lenientUntil = this.clock.now() + CATCH_UP_MS_MAX
      this.note('connection', String(status))
    })
  }

  currentAccountUpdate(): void {
    this.called('currentAccountUpdate', () => {
      this.forget()
      this.accountUpdates += 1
      this.note('account', this.broker?.currentAccount() ?? '')
    })
  }

  patchConfig(flags: Record<string, boolean>): void {
    this.called('patchConfig', () => Object.assign(this.flags, flags))
  }

  setDurations(durations: DurationMetaInfo[]): void {
    this.called('setDurations', () => {
      this.durations = durations
    })
  }

  // What the rest of the terminal offers; nothing here has to be checked.

  async defaultContextMenuActions(_context: TradeContext): Promise<ActionMetaInfo[]> {
    return [{ text: 'Trade' }]
  }

  defaultDropdownMenuActions(): ActionMetaInfo[] {
    return []
  }

  showNotification(title: string, text: string, type = 0): void {
    this.called('showNotification', () => this.notifications.push({ title, text, type }))
  }

  readonly silentOrdersPlacement = () => watchedValue(false)
  readonly sellBuyButtonsVisibility = () => watchedValue(true)
  readonly domPanelVisibility = () => watchedValue(false)
  readonly orderPanelVisibility = () => watchedValue(false)
  readonly numericFormatter = async (decimals: number) => decimalFormatter(decimals)
  readonly quantityFormatter = async (decimals = 0) => decimalFormatter(decimals)
  readonly defaultFormatter = async () => decimalFormatter(2)
  readonly getSymbolMinTick = async () => 0.01

  /** Everything is asked for anew: nothing of before is known any more. */
  forget(): void {
    this.orders.clear()
    this.positions.clear()
    this.individual.clear()
    this.executions.length = 0
    this.pl.clear()
  }

  private get strict(): boolean {
    return this.clock.now() >= this.lenientUntil
  }

  private called(method: string, act: () => void): void {
    this.complaints.expect(!this.beginning, 'too-early', `${method} was called from inside the factory`)
    this.complaints.expect(!this.over, 'call-after-dispose', `${method} was called after dispose`)
    act()
    this.waiting.happened()
  }

  private complain(flaw: string | undefined, code: 'bad-order' | 'bad-bracket' | 'bad-position', what: string): boolean {
    return this.complaints.expect(flaw === undefined, code, `${what} ${flaw}`)
  }

  private checkMove(order: Order, known: Order | undefined): void {
    const fine = mayMove(known?.status, order.status)
    const from = known === undefined ? 'nothing' : nameOf(known.status)
    this.complaints.expect(fine, 'illegal-status-move', `order ${order.id} went from ${from} to ${nameOf(order.status)}`)
    const skipped =
      order.status === OrderStatus.Filled && known?.status !== OrderStatus.Working && known?.status !== OrderStatus.Filled
    if (fine) this.complaints.expect(!skipped, 'filled-without-working', `order ${order.id} filled and was never told to work`)
    const reason = order.status !== OrderStatus.Rejected || (order.message?.text ?? '') !== ''
    this.complaints.expect(reason, 'rejected-without-reason', `order ${order.id} was rejected without a message`)
  }

  private checkAnswered(order: Order, known: Order | undefined): void {
    if (known !== undefined || isBracket(order)) return
    const early = this.placing.some(
      ({ symbol, side, qty, type }) =>
        symbol === order.symbol && side === order.side && qty === order.qty && type === order.type,
    )
    this.complaints.expect(!early, 'update-before-answer', `order ${order.id} was told before placeOrder had answered`)
  }

  private hold<P extends { id: string; qty: number }>(positions: Map<string, P>, position: P): void {
    if (position.qty > 0) {
      positions.set(position.id, { ...position })
      return
    }
    this.complaints.expect(
      positions.delete(position.id),
      'unknown-position',
      `position ${position.id} was closed and never told to be open`,
    )
    this.pl.delete(position.id)
    this.clock.after(GHOST_MS_MAX, () => this.lookForGhosts(position.id))
  }

  private lookForGhosts(positionId: string): void {
    if (this.over || this.positions.has(positionId) || this.individual.has(positionId)) return
    for (const order of this.orders.values()) {
      const ghost = isBracket(order) && order.parentId === positionId && alive(order)
      this.complaints.expect(
        !ghost,
        'ghost-bracket',
        `order ${order.id} still protects position ${positionId}, which is closed`,
      )
    }
  }

  private profit(positions: ReadonlyMap<string, unknown>, positionId: string, pl: number): void {
    this.complaints.expect(
      positions.has(positionId),
      'unknown-position-pl',
      `a profit was told of position ${positionId}, which is not open`,
    )
    this.pl.set(positionId, pl)
  }

  private note(what: Told['what'], id: string): void {
    this.told.push({ what, id, at: this.clock.now() })
  }
}

function positionFlawOf({ id, symbol, qty, side }: Position | IndividualPosition, price: number): string | undefined {
  if (typeof id !== 'string' || id === '') return 'has no id'
  if (typeof symbol !== 'string' || symbol === '') return 'has no symbol'
  if (typeof qty !== 'number' || qty < 0) return `has the quantity ${qty}`
  if (side !== 1 && side !== -1) return `has the side ${side}`
  // Of a closed one the price only has to be there.
  return positive(price) || (qty === 0 && price === 0) ? undefined : `has the price ${price}`
}

function decimalFormatter(decimals: number) {
  return { format: (value: number) => value.toFixed(decimals), parse: (text: string) => Number(text) }
}
