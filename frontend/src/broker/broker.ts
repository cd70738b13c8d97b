import type { AccountMetainfo as Account, ManagerTable } from '../generated/rest.js'
import type { EquityData } from '../generated/topics.js'
import { clientId, type Rest } from '../rest/client.js'
import type {
  AccountManagerInfo,
  AccountMetainfo,
  ActionMetaInfo,
  Brackets,
  Broker,
  Execution,
  IndividualPosition,
  InstrumentInfo,
  IsTradableResult,
  LeverageInfo,
  LeverageInfoParams,
  LeveragePreviewResult,
  LeverageSetParams,
  LeverageSetResult,
  Order,
  OrderPreviewResult,
  Position,
  PreOrder,
  Row,
  SymbolSpecificTradingOptions,
  TradeContext,
} from '../tradingview/broker.js'
import type { BrokerHost } from '../tradingview/host.js'
import { type ConnectionStatus, NotificationType, type Side } from '../tradingview/numbers.js'
import type { Clock } from '../wire/clock.js'
import type { Wire } from '../wire/wire.js'
import { Manager, row } from './account-manager.js'
import { AccountView } from './account-view.js'
import { type Announced, announcedOf, metaInfoOf } from './announced.js'
import type { Call } from './book.js'
import { Commands } from './commands.js'
import { ConnectionLight } from './connection-light.js'
import { PAGE_ROWS } from './limits.js'
import { PipWatch } from './pip-watch.js'

export interface BrokerParts {
  host: BrokerHost
  rest: Rest
  wire: Wire
  clock: Clock
  accounts: readonly Account[]
  /** The account to begin with, and what was announced of it. */
  accountId: string
  announced: Announced
}

/** The broker a Trading Terminal talks to: commands go over REST, what comes of them comes over the wire. */
export class HouseBroker implements Broker {
  private readonly light: ConnectionLight
  private readonly pips: PipWatch
  private view: AccountView
  private commands: Commands
  private manager: Manager
  private equityWanted = false
  private marginWanted = new Set<string>()
  private disposed = false

  constructor(private readonly parts: BrokerParts) {
    this.light = new ConnectionLight(parts.wire, parts.host)
    this.pips = new PipWatch(parts.wire, parts.host)
    this.manager = this.managerOf(parts.announced)
    this.commands = new Commands(parts.rest, parts.accountId)
    this.view = this.viewOf(parts.accountId)
    this.light.watch(parts.accountId)
  }

  /** Ends the adapter: nothing is called on the host afterwards. */
  dispose(): void {
    this.disposed = true
    this.view.stop()
    this.light.stop()
    this.pips.clear()
  }

  // Accounts

  async accountsMetainfo(): Promise<AccountMetainfo[]> {
    return this.parts.accounts.map(({ id, name, currency, currencySign }) => ({
      id,
      name: name || id,
      currency,
      ...(currencySign === undefined ? {} : { currencySign }),
    }))
  }

  currentAccount(): string {
    return this.view.id
  }

  setCurrentAccount(id: string): void {
    if (!this.parts.accounts.some((account) => account.id === id)) throw new Error(`Expected one of your accounts, found ${id}`)
    if (id === this.view.id) return
    this.view.stop()
    this.pips.clear()
    this.commands = new Commands(this.parts.rest, id)
    this.view = this.viewOf(id)
    this.light.watch(id)
    this.switched(this.view).catch((reason: unknown) => {
      if (!this.disposed) this.parts.host.showNotification('Account', sentence(reason), NotificationType.Error)
    })
  }

  connectionStatus(): ConnectionStatus {
    return this.light.status
  }

  accountManagerInfo(): AccountManagerInfo {
    return this.manager.info
  }

  // What is so now

  async orders(): Promise<Order[]> {
    const view = await this.ready()
    return [...view.book.orders.values()].map((order) => ({ ...order }) as Order)
  }

  async ordersHistory(): Promise<Order[]> {
    const view = await this.ready()
    const params = { path: { accountId: view.id }, query: { limit: PAGE_ROWS } }
    const found = await this.parts.rest.ask((signal) =>
      this.parts.rest.calls.GET('/api/v1/broker/accounts/{accountId}/orders/history', { params, signal }),
    )
    return found as Order[]
  }

  async positions(): Promise<Position[]> {
    const view = await this.ready()
    return view.show(view.book.positions)
  }

  async individualPositions(): Promise<IndividualPosition[]> {
    const view = await this.ready()
    return view.show(view.book.individual)
  }

  async executions(symbol: string): Promise<Execution[]> {
    const { id } = this.view
    const params = { path: { accountId: id }, query: { symbol, limit: PAGE_ROWS } }
    return this.parts.rest.ask((signal) =>
      this.parts.rest.calls.GET('/api/v1/broker/accounts/{accountId}/executions', { params, signal }),
    )
  }

  async symbolInfo(symbol: string): Promise<InstrumentInfo> {
    const params = { path: { accountId: this.view.id, symbol } }
    const { qty, pipValue, ...info } = await this.parts.rest.ask((signal) =>
      this.parts.rest.calls.GET('/api/v1/broker/accounts/{accountId}/instruments/{symbol}', { params, signal }),
    )
    // Without a rate a pip's worth is not known, and a terminal takes no absent one: nothing is worth nothing.
    return { ...info, qty: { ...qty }, pipValue: pipValue ?? 0 } as InstrumentInfo
  }

  async isTradable(symbol: string): Promise<IsTradableResult> {
    const { tradable } = await this.trading(symbol)
    return { ...tradable } as IsTradableResult
  }

  async getSymbolSpecificTradingOptions(symbol: string): Promise<SymbolSpecificTradingOptions | undefined> {
    const { options } = await this.trading(symbol)
    return { ...options } as SymbolSpecificTradingOptions
  }

  chartContextMenuActions(context: TradeContext, options?: object): Promise<ActionMetaInfo[]> {
    return this.parts.host.defaultContextMenuActions(context, options)
  }

  // Orders

  async placeOrder(order: PreOrder, confirmId?: string): Promise<{ orderId: string }> {
    const view = await this.ready()
    const id = clientId()
    const answered = view.hold.begin(id)
    try {
      const orderId = await this.commands.place(order, id, confirmId)
      view.placed(orderId)
      return { orderId }
    } finally {
      answered()
    }
  }

  async previewOrder(order: PreOrder | Order): Promise<OrderPreviewResult> {
    const known = 'id' in order ? this.view.book.orders.get(order.id) : undefined
    return known === undefined ? this.commands.preview(order) : this.commands.previewChange(order as Order, known)
  }

  async modifyOrder(order: Order, confirmId?: string): Promise<void> {
    const view = await this.ready()
    const known = view.book.orders.get(order.id)
    if (known === undefined) throw new Error(`Expected a working order, found none with the id ${order.id}: it may have ended`)
    // A terminal waits for an update also where nothing was changed.
    if (!(await this.commands.modify(order, known, confirmId))) this.parts.host.orderUpdate({ ...known } as Order)
  }

  async cancelOrder(orderId: string): Promise<void> {
    await this.commands.cancel(orderId)
  }

  async cancelOrders(_symbol: string, _side: Side | undefined, orderIds: string[]): Promise<void> {
    await Promise.all(orderIds.map((id) => this.commands.cancel(id)))
  }

  // Positions

  async closePosition(positionId: string, amount?: number): Promise<void> {
    await this.commands.close(positionId, amount)
  }

  async closeIndividualPosition(positionId: string, amount?: number): Promise<void> {
    await this.commands.close(positionId, amount)
  }

  async reversePosition(positionId: string): Promise<void> {
    await this.commands.reverse(positionId)
  }

  async editPositionBrackets(positionId: string, brackets: Brackets): Promise<void> {
    await this.commands.protect(positionId, brackets)
  }

  async editIndividualPositionBrackets(positionId: string, brackets: Brackets): Promise<void> {
    await this.commands.protect(positionId, brackets)
  }

  // Leverage

  async leverageInfo(_asked: LeverageInfoParams): Promise<LeverageInfo> {
    const params = { path: { accountId: this.view.id } }
    return this.parts.rest.ask((signal) =>
      this.parts.rest.calls.GET('/api/v1/broker/accounts/{accountId}/leverage', { params, signal }),
    )
  }

  async setLeverage({ leverage }: LeverageSetParams): Promise<LeverageSetResult> {
    const path = { accountId: this.view.id }
    const answer = await this.parts.rest.command((header, signal) =>
      this.parts.rest.calls.PUT('/api/v1/broker/accounts/{accountId}/leverage', {
        params: { path, header },
        body: { leverage },
        signal,
      }),
    )
    return { leverage: answer.leverage }
  }

  async previewLeverage({ symbol, orderType, side, leverage }: LeverageSetParams): Promise<LeveragePreviewResult> {
    const params = { path: { accountId: this.view.id } }
    const body = { symbol, orderType, side, leverage }
    const { infos, warnings, errors } = await this.parts.rest.ask((signal) =>
      this.parts.rest.calls.POST('/api/v1/broker/accounts/{accountId}/leverage/preview', { params, body, signal }),
    )
    return { infos: [...infos], warnings: [...warnings], errors: [...errors] }
  }

  // What a ticket listens to

  subscribeEquity(): void {
    this.equityWanted = true
    this.soon(() => this.view.equity && this.equityWanted && this.parts.host.equityUpdate(this.view.equity.equity))
  }

  unsubscribeEquity(): void {
    this.equityWanted = false
  }

  subscribeMarginAvailable(symbol: string): void {
    this.marginWanted.add(symbol)
    this.soon(
      () =>
        this.view.equity &&
        this.marginWanted.size > 0 &&
        this.parts.host.marginAvailableUpdate(this.view.equity.marginAvailable),
    )
  }

  unsubscribeMarginAvailable(symbol: string): void {
    this.marginWanted.delete(symbol)
  }

  subscribePipValue(symbol: string): void {
    this.pips.watch(this.view.id, symbol)
  }

  unsubscribePipValue(symbol: string): void {
    this.pips.unwatch(symbol)
  }

  // Inside

  private viewOf(accountId: string): AccountView {
    const { wire, rest, clock, host } = this.parts
    return new AccountView(accountId, {
      wire,
      rest,
      clock,
      host,
      onEquity: (equity) => this.money(equity),
      onNotice: () => this.manager.changed('notices'),
      onTold: (calls) => this.told(calls),
    })
  }

  private managerOf(announced: Announced): Manager {
    return new Manager(announced.manager, this.parts.host, (table, lastId) => this.rows(table, lastId))
  }

  private async ready(): Promise<AccountView> {
    const { view } = this
    await view.loaded
    return view
  }

  private async switched(view: AccountView): Promise<void> {
    const [announced] = await Promise.all([announcedOf(this.parts.rest, view.id), view.loaded])
    if (this.disposed || view !== this.view) return
    this.manager = this.managerOf(announced)
    if (view.equity !== undefined) this.manager.money(view.equity)
    const { configFlags, durations = [] } = metaInfoOf(announced.config)
    this.parts.host.patchConfig(configFlags)
    this.parts.host.setDurations(durations)
    this.parts.host.currentAccountUpdate()
  }

  private money(equity: EquityData): void {
    this.manager.money(equity)
    if (this.equityWanted) this.parts.host.equityUpdate(equity.equity)
    if (this.marginWanted.size > 0) this.parts.host.marginAvailableUpdate(equity.marginAvailable)
  }

  private told(calls: readonly Call[]): void {
    if (calls.some(({ kind }) => kind === 'execution')) this.manager.changed('executions')
  }

  private async trading(symbol: string) {
    const params = { path: { accountId: this.view.id, symbol } }
    return this.parts.rest.ask((signal) =>
      this.parts.rest.calls.GET('/api/v1/broker/accounts/{accountId}/instruments/{symbol}/trading', { params, signal }),
    )
  }

  private async rows({ source }: ManagerTable, lastId?: string): Promise<Row[]> {
    const path = source.path as '/api/v1/broker/accounts/{accountId}/trades'
    const params = { path: { accountId: this.view.id }, query: { ...(lastId === undefined ? {} : { before: lastId }) } }
    const found: unknown = await this.parts.rest.ask((signal) => this.parts.rest.calls.GET(path, { params, signal }))
    const rows = Array.isArray(found) ? found : [found]
    return rows.map((values: Record<string, unknown>) => row(values, source.rowId))
  }

  // The host is not ready for calls from inside its own.
  private soon(act: () => void): void {
    this.parts.clock.after(0, () => {
      if (!this.disposed) act()
    })
  }
}

function sentence(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason)
}
