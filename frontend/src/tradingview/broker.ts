// What the Trading Terminal asks of a broker, as far as this project uses it. Written from the published behaviour.
import type { ConnectionStatus, OrderStatus, OrderType, ParentType, Side, StopType } from './numbers.js'

export interface OrderDuration {
  type: string
  /** UTC milliseconds. */
  datetime?: number
}

export type CustomFieldValue = string | boolean | { text: string; checked: boolean }

export interface PreOrder {
  symbol: string
  type: OrderType
  side: Side
  /** Always positive. */
  qty: number
  limitPrice?: number
  stopPrice?: number
  stopType?: StopType
  takeProfit?: number
  stopLoss?: number
  guaranteedStop?: number
  trailingStopPips?: number
  duration?: OrderDuration
  currentQuotes?: { ask: number; bid: number }
  isClose?: boolean
  customFields?: Record<string, CustomFieldValue>
  seenPrice?: number | null
}

export interface OrderOrPositionMessage {
  type: 'information' | 'warning' | 'error'
  text: string
}

export interface PlacedOrder {
  id: string
  symbol: string
  type: OrderType
  side: Side
  qty: number
  status: OrderStatus
  limitPrice?: number
  stopPrice?: number
  stopType?: StopType
  takeProfit?: number
  stopLoss?: number
  guaranteedStop?: number
  trailingStopPips?: number
  filledQty?: number
  avgPrice?: number
  /** UTC milliseconds. */
  updateTime?: number
  duration?: OrderDuration
  customFields?: Record<string, CustomFieldValue>
  message?: OrderOrPositionMessage
}

export interface BracketOrder extends PlacedOrder {
  parentId: string
  parentType: ParentType
}

export type Order = PlacedOrder | BracketOrder

export interface Brackets {
  takeProfit?: number
  stopLoss?: number
  guaranteedStop?: number
  trailingStopPips?: number
}

export interface Position extends Brackets {
  id: string
  symbol: string
  /** 0: closed. */
  qty: number
  side: Side
  avgPrice: number
  longQty?: number
  shortQty?: number
  message?: OrderOrPositionMessage
}

export interface IndividualPosition extends Brackets {
  id: string
  /** UTC milliseconds. */
  date: number
  symbol: string
  /** 0: closed. */
  qty: number
  side: Side
  price: number
}

export interface Execution {
  symbol: string
  price: number
  qty: number
  side: Side
  /** UTC milliseconds. */
  time: number
  commission?: number
  netAmount?: number
}

export interface AccountMetainfo {
  id: string
  name: string
  currency?: string
  currencySign?: string
}

export interface QuantityMetainfo {
  min: number
  max: number
  step: number
  uiStep?: number
  default?: number
}

export interface InstrumentInfo {
  qty: QuantityMetainfo
  /** Of one unit, in the account's currency. */
  pipValue: number
  pipSize: number
  minTick: number
  description: string
  lotSize?: number
  type?: string
  brokerSymbol?: string
  currency?: string
  baseCurrency?: string
  quoteCurrency?: string
  leverage?: string
  /** 0.03 is 3 %. */
  marginRate?: number
  allowedDurations?: string[]
  allowedOrderTypes?: OrderType[]
}

export interface SymbolSpecificTradingOptions {
  allowedDurations?: string[]
  allowedOrderTypes?: OrderType[]
  supportOrderBrackets?: boolean
  supportPositionBrackets?: boolean
  supportIndividualPositionBrackets?: boolean
  supportReversePosition?: boolean
  warningMessage?: string
}

export interface IsTradableResult {
  tradable: boolean
  reason?: string
  shortReason?: string
  solutions?: { changeAccount?: string } | { changeSymbol?: string } | { openUrl?: { url: string; text: string } }
}

export interface OrderPreviewResult {
  sections: { header?: string; rows: { title: string; value: string }[] }[]
  confirmId?: string
  warnings?: string[]
  errors?: string[]
}

export interface LeverageInfoParams {
  symbol: string
  orderType: OrderType
  side: Side
  customFields?: Record<string, CustomFieldValue>
}
export interface LeverageSetParams extends LeverageInfoParams {
  leverage: number
}
export interface LeverageInfo {
  title: string
  leverage: number
  min: number
  max: number
  step: number
}
export interface LeverageSetResult {
  leverage: number
}
export interface LeveragePreviewResult {
  infos?: string[]
  warnings?: string[]
  errors?: string[]
}

export interface ActionMetaInfo {
  text?: string
  action?: (item: ActionMetaInfo) => void
  enabled?: boolean
  separator?: true
}

export interface TradeContext {
  symbol: string
  displaySymbol: string
  value: number | null
  formattedValue: string
  last: number
}

export interface WatchedValue<T> {
  value(): T
  setValue(value: T, force?: boolean): void
  subscribe(act: (value: T) => void, options?: { once?: boolean; callWithLast?: boolean }): void
  unsubscribe(act?: (value: T) => void): void
  when(act: (value: T) => void): void
}

export interface Delegate<A extends unknown[]> {
  subscribe(owner: object | null, act: (...given: A) => void, single?: boolean): void
  unsubscribe(owner: object | null, act: (...given: A) => void): void
  unsubscribeAll(owner: object | null): void
  fire(...given: A): void
}

export interface Column {
  label: string
  id: string
  /** Keys of a row; a change of any of them draws the cell anew. */
  dataFields: string[]
  formatter?: string
  alignment?: 'left' | 'right'
  sortProp?: string
  notSortable?: boolean
  help?: string
  highlightDiff?: boolean
  notHideable?: boolean
  hideByDefault?: boolean
  supportedStatusFilters?: number[]
}

export interface Row {
  id: string
  [field: string]: unknown
}

export interface Table {
  id: string
  title?: string
  columns: Column[]
  getData(lastId?: number | string): Promise<Row[]>
  changeDelegate: Delegate<[Partial<Row>]>
  deleteDelegate?: Delegate<[string]>
  initialSorting?: { property: string; asc: boolean }
  flags?: { supportPagination?: boolean }
}

export interface SummaryRow {
  text: string
  wValue: WatchedValue<number>
  formatter?: string
  isDefault?: boolean
}

export interface AccountManagerInfo {
  accountTitle: string
  summary: SummaryRow[]
  orderColumns: Column[]
  positionColumns?: Column[]
  individualPositionColumns?: Column[]
  historyColumns?: Column[]
  pages: { id: string; title: string; tables: Table[]; displayCounterInTab?: boolean }[]
}

/** The object a broker factory returns. Optional methods are those that a flag asks for. */
export interface Broker {
  accountsMetainfo(): Promise<AccountMetainfo[]>
  currentAccount(): string
  setCurrentAccount?(id: string): void
  connectionStatus(): ConnectionStatus
  orders(): Promise<Order[]>
  ordersHistory?(): Promise<Order[]>
  positions?(): Promise<Position[]>
  individualPositions?(): Promise<IndividualPosition[]>
  executions(symbol: string): Promise<Execution[]>
  symbolInfo(symbol: string): Promise<InstrumentInfo>
  isTradable(symbol: string): Promise<boolean | IsTradableResult>
  accountManagerInfo(): AccountManagerInfo
  chartContextMenuActions(context: TradeContext, options?: object): Promise<ActionMetaInfo[]>
  placeOrder(order: PreOrder, confirmId?: string): Promise<{ orderId?: string }>
  previewOrder?(order: PreOrder): Promise<OrderPreviewResult>
  modifyOrder(order: Order, confirmId?: string): Promise<void>
  cancelOrder(orderId: string): Promise<void>
  cancelOrders?(symbol: string, side: Side | undefined, orderIds: string[]): Promise<void>
  closePosition?(positionId: string, amount?: number): Promise<void>
  closeIndividualPosition?(positionId: string, amount?: number): Promise<void>
  reversePosition?(positionId: string): Promise<void>
  editPositionBrackets?(positionId: string, brackets: Brackets): Promise<void>
  editIndividualPositionBrackets?(positionId: string, brackets: Brackets): Promise<void>
  leverageInfo?(asked: LeverageInfoParams): Promise<LeverageInfo>
  setLeverage?(asked: LeverageSetParams): Promise<LeverageSetResult>
  previewLeverage?(asked: LeverageSetParams): Promise<LeveragePreviewResult>
  getSymbolSpecificTradingOptions?(symbol: string): Promise<SymbolSpecificTradingOptions | undefined>
  subscribeEquity?(): void
  unsubscribeEquity?(): void
  subscribeMarginAvailable?(symbol: string): void
  unsubscribeMarginAvailable?(symbol: string): void
  subscribePipValue?(symbol: string): void
  unsubscribePipValue?(symbol: string): void
}

/** `broker_config`. */
export interface BrokerMetaInfo {
  configFlags: Record<string, boolean>
  durations?: DurationMetaInfo[]
  customNotificationFields?: string[]
}

export interface DurationMetaInfo {
  name: string
  value: string
  hasDatePicker?: boolean
  hasTimePicker?: boolean
  default?: boolean
  supportedOrderTypes?: OrderType[]
}
