import type { IndividualPosition, PlacedOrder, Position } from '../../generated/topics.js'
import { type Exact, exact, floorTo, less, manySteps, minus, plus, snapTo, stepsIn, times } from '../../state/exact.js'
import { digitsOf, moneyDigits } from '../../state/format.js'
import { lotDigits } from '../../state/sizes.js'
import { FINAL } from '../../tradingview/numbers.js'
import { commission, profit, type Terms, unitValue, worth } from './terms.js'

export const SIZE_UNITS = ['lots', 'units', 'money', 'equity', 'risk'] as const
export type SizeUnit = (typeof SIZE_UNITS)[number]

/** What a size is reckoned from: the price at which the order is expected to fill, and its stop loss if it has one. */
export interface At {
  price: number
  stop?: number
}

/** A size in units, or why there is none. */
export type Size = { qty: number } | { missing: string }

/** From what stands in the size field to units on the instrument's grid. Money and risk are always rounded down. */
export function sizeOf(unit: SizeUnit, amount: number, at: At, terms: Terms): Size {
  const { step } = terms.instrument.qty
  switch (unit) {
    case 'units':
      return { qty: amount }
    case 'lots':
      return { qty: Number((amount * terms.instrument.lotSize).toFixed(digitsOf(step) + 4)) }
    case 'money':
      return byWorth(exact(amount), at, terms)
    case 'equity':
      return byWorth(times(exact(terms.equity), times(exact(amount), exact(0.01))), at, terms)
    case 'risk':
      return byRisk(amount, at, terms)
  }
}

/** The other way: units as the size field would show them. */
export function amountOf(unit: SizeUnit, qty: number, at: At, terms: Terms): number | undefined {
  switch (unit) {
    case 'units':
      return qty
    case 'lots':
      return Number((qty / terms.instrument.lotSize).toFixed(lotDigits(terms.instrument)))
    case 'money':
      return carrying(unit, worth(qty, at.price, terms), qty, at, terms)
    case 'equity':
      return carrying(unit, percentOf(worth(qty, at.price, terms), terms.equity), qty, at, terms)
    case 'risk':
      return carrying(unit, percentOf(riskOf(qty, at, terms), terms.equity), qty, at, terms)
  }
}

const SHARE_DIGITS = 2
const DIGITS_MAX = 6

/** Digits in which money or a percentage is written at least. */
export function leastDigits(unit: SizeUnit, { currency }: Terms): number {
  return unit === 'money' ? moneyDigits(currency) : SHARE_DIGITS
}

/** In as few digits as say the quantity: it is rounded down on the way back, so what falls short of a step is written a little larger. */
function carrying(unit: SizeUnit, value: number | undefined, qty: number, at: At, terms: Terms): number | undefined {
  if (value === undefined || !Number.isFinite(value)) return undefined
  const least = leastDigits(unit, terms)
  for (let digits = least; digits <= DIGITS_MAX; digits += 1) {
    const near = Number(value.toFixed(digits))
    for (const amount of [near, Number((near + 10 ** -digits).toFixed(digits))]) {
      const back = sizeOf(unit, amount, at, terms)
      if ('qty' in back && back.qty === qty) return amount
    }
  }
  return Number(value.toFixed(least))
}

/** What is lost at the stop, commission of both sides included. */
export function riskOf(qty: number, { price, stop }: At, terms: Terms): number | undefined {
  if (stop === undefined || unitValue(terms) === undefined) return undefined
  const loss = Math.abs(profit(1, qty, price, stop, terms) ?? 0)
  return loss + (commission(qty, price, terms) ?? 0) + (commission(qty, stop, terms) ?? 0)
}

/** Of the margin: how far a price may go between this page and the fill, slippage included, before the largest size is refused. */
export const MOVE_RESERVE = 0.001

/** What an account has of one symbol. */
export interface Holdings {
  hedging: boolean
  positions: readonly Pick<Position, 'side' | 'qty' | 'avgPrice'>[]
  individual: readonly Pick<IndividualPosition, 'side' | 'qty' | 'price'>[]
  orders: readonly PlacedOrder[]
}

/** An order whose size is sought: its own prices, and those of the market. */
export interface Sought {
  side: 1 | -1
  limit?: number
  stop?: number
  bid?: number
  ask?: number
}

/** The price an order's margin is reckoned at: the highest at which it can fill. */
function marginPrice({ side, limit, stop, bid, ask }: Sought): number | undefined {
  if (side === 1 && limit !== undefined) return limit
  const level = stop ?? (side === 1 ? ask : bid)
  return limit === undefined ? level : Math.max(limit, level ?? limit)
}

/**
 * The largest quantity the free margin carries beside what is held and works already, with the spread and the commission that
 * are lost at once; undefined where there is no price or no rate. What closes an opposite net position needs no margin and sets
 * its own free; of a hedging account's longs and shorts only the larger side is held as margin.
 */
export function mostOf(order: Sought, held: Holdings, terms: Terms): number | undefined {
  const [price, rate] = [marginPrice(order), unitValue(terms)]
  if (price === undefined || price <= 0 || rate === undefined || rate <= 0) return undefined
  const { marginRate, commission: fees } = terms.instrument
  const { closes, freed } = against(order, held, price)
  const free = terms.free / rate
  const budget = (held.hedging ? Math.max(0, free) : free) + freed * marginRate
  const spread = order.bid === undefined || order.ask === undefined ? 0 : Math.max(0, order.ask - order.bid)
  const carried = price * marginRate * (1 + MOVE_RESERVE) + spread
  const { rate: share = 0, perUnit = 0, minimum = 0 } = fees
  const fee = share * price + perUnit
  const opens = Math.min((budget - fee * closes) / (carried + fee), (budget - minimum) / carried)
  return closes + Math.max(0, opens)
}

/** How much an order would close, and the value that is held as margin now and does not count once it has filled. */
function against({ side }: Sought, { hedging, positions, individual, orders }: Holdings, price: number) {
  // Those before it take their turn first. Each counts at the most it can be worth, so that the size is rather too small.
  const before = orders.filter(
    (one) => one.side === side && !FINAL.has(one.status) && one.bracket === undefined && !one.isClose,
  )
  const left = (one: PlacedOrder) => one.qty - one.filledQty
  if (!hedging) {
    const opposite = positions.find((one) => one.side !== side && one.qty > 0)
    if (opposite === undefined) return { closes: 0, freed: 0 }
    const closes = Math.max(0, opposite.qty - before.reduce((sum, one) => sum + left(one), 0))
    return { closes, freed: closes * opposite.avgPrice }
  }
  const value = (of: 1 | -1) => individual.reduce((sum, one) => (one.side === of ? sum + one.qty * one.price : sum), 0)
  const worked = before.reduce(
    (sum, one) => sum + left(one) * Math.max(one.limitPrice ?? 0, one.stopPrice ?? 0, price),
    value(side),
  )
  return { closes: 0, freed: Math.max(0, value(side === 1 ? -1 : 1) - worked) }
}

/** The field's next value when an arrow is pressed: a step of the instrument, or of the unit. */
export function nudged(unit: SizeUnit, amount: number, steps: number, terms: Terms): number {
  const { step, min } = terms.instrument.qty
  const by = { units: step, lots: step / terms.instrument.lotSize, money: 100, equity: 1, risk: 0.05 }[unit]
  const least = { units: min, lots: min / terms.instrument.lotSize, money: 0, equity: 0, risk: 0.05 }[unit]
  const [grid, floor] = [Number(by.toFixed(10)), Number(least.toFixed(10))]
  return Math.max(floor, snapTo(Math.max(0, amount + steps * grid), grid))
}

function byWorth(money: ReturnType<typeof exact>, at: At, terms: Terms): Size {
  const rate = unitValue(terms)
  if (rate === undefined) return { missing: `There is no rate to ${terms.currency} now, so the size must be given in units.` }
  const perUnit = times(exact(at.price), exact(rate))
  return { qty: manySteps(stepsIn(money, perUnit, terms.instrument.qty.step), terms.instrument.qty.step) }
}

function byRisk(percent: number, { price, stop }: At, terms: Terms): Size {
  const rate = unitValue(terms)
  if (rate === undefined) return { missing: `There is no rate to ${terms.currency} now, so the size must be given in units.` }
  if (stop === undefined) return { missing: 'Set a stop loss to size by risk.' }
  const { step } = terms.instrument.qty
  const { rate: share = 0, perUnit = 0, minimum = 0 } = terms.instrument.commission
  const budget = times(exact(terms.equity), times(exact(percent), exact(0.01)))
  const distance = exact(Math.abs(Number((price - stop).toFixed(digitsOf(terms.instrument.minTick)))))
  if (distance.whole === 0n) return { missing: 'The stop loss stands at the entry, so it does not say how much is at risk.' }
  // A commission is the larger of a share and a minimum, so the size must be carried with either of them.
  const shares = plus(times(exact(share), plus(exact(price), exact(stop))), times(exact(2), exact(perUnit)))
  const byShare = stepsIn(budget, times(exact(rate), plus(distance, shares)), step)
  const fixed = times(exact(rate), times(exact(2), exact(minimum)))
  const byMinimum = stepsIn(minus(budget, fixed), times(exact(rate), distance), step)
  const qty = Math.min(manySteps(byShare, step), manySteps(byMinimum, step))
  return { qty: carried(qty, budget, exact(rate), { price, stop }, terms) }
}

/** One fill may be below the minimum and the other above it; then the exact risk of the size decides. */
function carried(qty: number, budget: Exact, rate: Exact, { price, stop }: Required<At>, terms: Terms): number {
  const { rate: share = 0, perUnit = 0, minimum = 0 } = terms.instrument.commission
  const fee = (at: number) => {
    const told = times(exact(qty), plus(times(exact(share), exact(at)), exact(perUnit)))
    return less(told, exact(minimum)) ? exact(minimum) : told
  }
  const distance = minus(exact(Math.max(price, stop)), exact(Math.min(price, stop)))
  const risk = times(rate, plus(times(exact(qty), distance), plus(fee(price), fee(stop))))
  const { step } = terms.instrument.qty
  return qty > 0 && less(budget, risk) ? floorTo(Math.max(0, qty - step), step) : qty
}

function percentOf(part: number | undefined, whole: number): number | undefined {
  return part === undefined || whole <= 0 ? undefined : (part / whole) * 100
}
