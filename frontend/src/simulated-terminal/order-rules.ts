import type { BracketOrder, Order, PlacedOrder } from '../tradingview/broker.js'
import { FINAL, OrderStatus, OrderType, ParentType, StopType } from '../tradingview/numbers.js'

/** What is wrong with an order as it stands alone, in words. */
export function flawOf(order: Order): string | undefined {
  if (typeof order.id !== 'string' || order.id === '') return 'has no id'
  if (typeof order.symbol !== 'string' || order.symbol === '') return 'has no symbol'
  if (!among(OrderType, order.type)) return `has the type ${order.type}`
  if (order.side !== 1 && order.side !== -1) return `has the side ${order.side}`
  if (!positive(order.qty)) return `has the quantity ${order.qty}`
  if (!among(OrderStatus, order.status)) return `has the status ${order.status}`
  const limited = order.type === OrderType.Limit || order.type === OrderType.StopLimit
  if (limited && !positive(order.limitPrice)) return 'has no limit price'
  const stopped = order.type === OrderType.Stop || order.type === OrderType.StopLimit
  const trails = order.stopType === StopType.TrailingStop && positive(order.trailingStopPips)
  if (stopped && !positive(order.stopPrice) && !trails) return 'has no stop price'
  if (order.filledQty !== undefined && order.filledQty > order.qty) return `has filled ${order.filledQty} of ${order.qty}`
  return undefined
}

export function isBracket(order: Order): order is BracketOrder {
  return 'parentId' in order && order.parentId !== undefined
}

/** What is wrong with a bracket beside its parent order, in words. */
export function bracketFlawOf(order: Order, parent: PlacedOrder | undefined): string | undefined {
  const parentType = 'parentType' in order ? order.parentType : undefined
  if (!isBracket(order)) return parentType === undefined ? undefined : 'has a parent type and no parent'
  if (!among(ParentType, parentType)) return `has the parent type ${parentType}`
  if (order.type !== OrderType.Limit && order.type !== OrderType.Stop) return `protects with an order of type ${order.type}`
  if (parentType !== ParentType.Order)
    return order.status === OrderStatus.Inactive ? 'waits although its position is open' : undefined
  if (parent === undefined) return 'was told before its parent'
  if (parent.symbol !== order.symbol) return `has the symbol ${order.symbol}, its parent ${parent.symbol}`
  if (parent.side === order.side) return 'is on the side of its parent'
  if (parent.status === OrderStatus.Working && order.status === OrderStatus.Working)
    return 'works although its parent has not filled'
  return undefined
}

const MOVES: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
  [OrderStatus.Placing]: [
    OrderStatus.Working,
    OrderStatus.Inactive,
    OrderStatus.Canceled,
    OrderStatus.Rejected,
    OrderStatus.Filled,
  ],
  [OrderStatus.Inactive]: [OrderStatus.Working, OrderStatus.Canceled, OrderStatus.Rejected, OrderStatus.Filled],
  [OrderStatus.Working]: [OrderStatus.Filled, OrderStatus.Canceled, OrderStatus.Rejected],
  [OrderStatus.Filled]: [],
  [OrderStatus.Canceled]: [],
  [OrderStatus.Rejected]: [],
}

export function mayMove(from: OrderStatus | undefined, to: OrderStatus): boolean {
  return from === undefined || from === to || MOVES[from].includes(to)
}

export function nameOf(status: OrderStatus): string {
  return Object.entries(OrderStatus).find(([, value]) => value === status)?.[0] ?? String(status)
}

export function alive(order: Order): boolean {
  return !FINAL.has(order.status)
}

export function positive(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0
}

function among(values: Record<string, number>, value: unknown): boolean {
  return Object.values(values).includes(value as number)
}
