import { snapTo } from '../../state/exact.js'
import { moneyDigits } from '../../state/format.js'
import { distanceSize, distanceStep } from '../../state/pips.js'
import { profit, type Terms, unitValue } from './terms.js'

export const BRACKET_UNITS = ['distance', 'price', 'money', 'percent'] as const
export type BracketUnit = (typeof BRACKET_UNITS)[number]
/** A tick of a large position is a small part of the equity. */
export const PERCENT_DIGITS = 4
export type BracketKind = 'takeProfit' | 'stopLoss'

/** The order a bracket belongs to. */
export interface Entry {
  side: 1 | -1
  price: number
  qty: number
}

/** Where a bracket's price lies as seen from the entry: 1 above, −1 below. */
export function direction(kind: BracketKind, side: 1 | -1): 1 | -1 {
  return (kind === 'takeProfit' ? side : -side) as 1 | -1
}

/** The bracket's price on the grid. Money and percent (of the equity) need a size; without one there is no price. */
export function bracketPrice(
  kind: BracketKind,
  unit: BracketUnit,
  amount: number,
  entry: Entry,
  terms: Terms,
): number | undefined {
  const { minTick } = terms.instrument
  if (unit === 'price') return amount
  const distance = unit === 'distance' ? amount * distanceSize(terms.instrument) : moneyDistance(unit, amount, entry.qty, terms)
  return distance === undefined ? undefined : snapTo(entry.price + direction(kind, entry.side) * distance, minTick)
}

/** The other way: a price as the bracket's field would show it. */
export function bracketAmount(
  kind: BracketKind,
  unit: BracketUnit,
  price: number,
  entry: Entry,
  terms: Terms,
): number | undefined {
  if (unit === 'price') return price
  const signed = direction(kind, entry.side) * (price - entry.price)
  if (unit === 'distance') return snapTo(signed / distanceSize(terms.instrument), distanceStep(terms.instrument))
  const money = bracketMoney(price, entry, terms)
  if (money === undefined) return undefined
  const amount = kind === 'takeProfit' ? money : -money
  return unit === 'money'
    ? Number(amount.toFixed(moneyDigits(terms.currency)))
    : Number(((amount / terms.equity) * 100).toFixed(PERCENT_DIGITS))
}

/** Won or lost when the bracket fills, before commission. */
export function bracketMoney(price: number, { side, price: from, qty }: Entry, terms: Terms): number | undefined {
  return profit(side, qty, from, price, terms)
}

function moneyDistance(unit: 'money' | 'percent', amount: number, qty: number, terms: Terms): number | undefined {
  const rate = unitValue(terms)
  if (rate === undefined || qty <= 0) return undefined
  return (unit === 'money' ? amount : (terms.equity * amount) / 100) / (qty * rate)
}
