import type { OrderChange, PlacedOrder } from '../generated/rest.js'
import type { Order } from '../tradingview/broker.js'

const PRICES = ['limitPrice', 'stopPrice'] as const
const BRACKETS = ['takeProfit', 'stopLoss', 'trailingStopPips'] as const

/** What differs between an order as it is known and as the terminal wants it: a bracket that is missing is to be removed. */
export function changeOf(wanted: Order, known: PlacedOrder, confirmId?: string): OrderChange {
  const change: OrderChange = {}
  if (wanted.qty !== known.qty) change.qty = wanted.qty
  for (const field of PRICES) {
    const price = wanted[field]
    if (price !== undefined && price !== known[field]) change[field] = price
  }
  for (const field of BRACKETS) {
    if (wanted[field] !== known[field] && !(known.parentId !== undefined && wanted[field] === undefined)) {
      change[field] = wanted[field] ?? null
    }
  }
  if (wanted.duration !== undefined && !sameDuration(wanted.duration, known.duration)) {
    change.duration = wanted.duration as NonNullable<OrderChange['duration']>
  }
  if (confirmId !== undefined) change.confirmId = confirmId
  return change
}

/** The end of a day order is told by the house, not asked for. */
function sameDuration(one: { type: string; datetime?: number }, other: { type?: string; datetime?: number | null }): boolean {
  return one.type === other.type && (one.type !== 'GTD' || one.datetime === other.datetime)
}
