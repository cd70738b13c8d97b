import type { TicketWish } from '../../state/desk.js'
import { fieldText, floorTo, isOnStep, snapTo, typed } from '../../state/exact.js'
import { digitsOf, moneyDigits, onGrid } from '../../state/format.js'
import { distanceStep } from '../../state/pips.js'
import type { NewOrder } from '../../state/settings.js'
import { lotDigits } from '../../state/sizes.js'
import type { OrderType } from '../../tradingview/numbers.js'
import {
  type BracketKind,
  type BracketUnit,
  bracketAmount,
  bracketPrice,
  direction,
  type Entry,
  PERCENT_DIGITS,
} from './brackets.js'
import { firstDistance, followed } from './prefill.js'
import { type At, amountOf, leastDigits, SIZE_UNITS, type SizeUnit, sizeOf } from './sizing.js'
import type { Terms } from './terms.js'

export type Field = 'qty' | 'limitPrice' | 'stopPrice' | 'duration' | BracketKind

export const PRICE_FIELDS = ['limit', 'stop'] as const
export type PriceField = (typeof PRICE_FIELDS)[number]

export interface BracketField {
  on: boolean
  unit: BracketUnit
  text: string
  /** The distance that was meant when the unit was changed, for this size: cents and percents are coarser than ticks. */
  meant?: { distance: number; qty: number }
}

/** What stands in the ticket, as it was typed. */
export interface Ticket {
  side: 1 | -1
  type: OrderType
  limit: string
  stop: string
  /** Prices that nobody has typed: they go with the market. */
  following: readonly PriceField[]
  validity: string
  /** As an input of date and time has it, in the person's zone. */
  until: string
  sizeUnit: SizeUnit
  size: string
  /** The quantity that was meant when the unit was changed, for as long as what says it stands: cents and percents are coarser than steps. */
  meant?: { qty: number; of: string }
  takeProfit: BracketField
  stopLoss: BracketField
  trailing: boolean
  /** Whose instrument the size was last held against. */
  account?: string
}

/** What is kept of a ticket for its instrument. */
export type Remembered = Pick<Ticket, 'sizeUnit' | 'size'> & Partial<Record<BracketKind, Pick<BracketField, 'unit' | 'text'>>>

/** Best prices, as far as they are known. */
export interface Prices {
  bid?: number
  ask?: number
}

/** What was kept of a ticket, as far as it can still be used. */
export function rememberedOf(kept: unknown): Partial<Remembered> {
  const { sizeUnit, size, takeProfit, stopLoss } = (kept ?? {}) as Record<string, unknown>
  const bracket = (one: unknown) => {
    const { unit, text } = (one ?? {}) as Record<string, unknown>
    return unit === 'distance' && typeof text === 'string' && typed(text) ? ({ unit, text } as const) : undefined
  }
  const [profit, loss] = [bracket(takeProfit), bracket(stopLoss)]
  return {
    ...(SIZE_UNITS.includes(sizeUnit as SizeUnit) && typeof size === 'string' ? { sizeUnit: sizeUnit as SizeUnit, size } : {}),
    ...(profit ? { takeProfit: profit } : {}),
    ...(loss ? { stopLoss: loss } : {}),
  }
}

/** The same from the settings for all instruments of a kind. */
export function chosenFor({ sizeUnit, size, takeProfit, stopLoss }: NewOrder): Partial<Remembered> {
  const bracket = (text: string) => (typed(text) ? { unit: 'distance' as const, text } : undefined)
  return rememberedOf({ sizeUnit, size, takeProfit: bracket(takeProfit), stopLoss: bracket(stopLoss) })
}

export function emptyTicket(terms: Terms, prices: Prices, remembered: Partial<Remembered> = {}): Ticket {
  const { lotSize } = terms.instrument
  const sizeUnit = remembered.sizeUnit ?? (lotSize > 1 ? 'lots' : 'units')
  // A risk is reckoned from the stop loss, so it comes with one.
  const stops = sizeUnit === 'risk'
  return {
    side: 1,
    type: 2,
    limit: '',
    stop: '',
    following: PRICE_FIELDS,
    validity: 'GTC',
    until: '',
    sizeUnit,
    size: remembered.size || smallest(sizeUnit, terms, { price: prices.ask ?? prices.bid ?? 0 }),
    takeProfit: { on: false, unit: 'distance', text: firstDistance(2, terms, prices), ...remembered.takeProfit },
    stopLoss: { on: stops, unit: 'distance', text: firstDistance(1, terms, prices), ...remembered.stopLoss },
    trailing: false,
  }
}

/**
 * A size that another symbol or account left, and that this one's instrument does not take, gives way to the smallest it
 * does. A risk is reckoned anew for every order, so it stays; as does what is typed here afterwards.
 */
export function sizedFor(account: string, ticket: Ticket, terms: Terms, prices: Prices): Ticket {
  const { min, max, step } = terms.instrument.qty
  const price = marketPrice(ticket.side, prices)
  if (ticket.account === account || price === undefined || terms.equity <= 0) return ticket
  const held = {
    ...ticket,
    account,
    sizeUnit: terms.instrument.lotSize === 1 && ticket.sizeUnit === 'lots' ? 'units' : ticket.sizeUnit,
  }
  const { sizeUnit, meant } = held
  const amount = typed(held.size)
  if (amount === undefined || sizeUnit === 'risk') return held
  const size = meant?.of === sizeSaid(held) ? { qty: meant.qty } : sizeOf(sizeUnit, amount, { price }, terms)
  const legal = 'missing' in size || (size.qty >= min && size.qty <= max && isOnStep(size.qty, step))
  return legal ? held : withQuantity(held, min, { price }, terms)
}

/** What a size is said with: as typed, and for a risk the stop loss that it is reckoned from. */
export function sizeSaid({ sizeUnit, size, stopLoss }: Pick<Ticket, 'sizeUnit' | 'size' | 'stopLoss'>): string {
  return JSON.stringify([sizeUnit, size, ...(sizeUnit === 'risk' ? [stopLoss.on, stopLoss.unit, stopLoss.text] : [])])
}

/** The smallest order, where there are lots a hundredth of one or more; at risk, one percent of the equity. */
function smallest(unit: SizeUnit, terms: Terms, at: At): string {
  const { lotSize, qty } = terms.instrument
  if (unit === 'risk') return '1'
  const least = lotSize > 1 ? Math.max(qty.min, Math.min(lotSize / 100, qty.max)) : qty.min
  const amount = amountOf(unit, least, at, terms) ?? least
  return String(unit === 'money' || unit === 'equity' ? Math.ceil(amount) : amount)
}

/** The side of the book at which an order of this side fills now. */
export function marketPrice(side: 1 | -1, { bid, ask }: Prices): number | undefined {
  return side === 1 ? ask : bid
}

/** Which of Limit and Stop may stand at this price now. */
export function legalAt(side: 1 | -1, price: number, prices: Prices): 1 | 3 {
  const market = marketPrice(side, prices) ?? price
  return side * (market - price) >= 0 ? 1 : 3
}

/** A price as it was typed, or put there by a hand: it follows the market no longer. */
export function priced(ticket: Ticket, field: PriceField, text: string): Pick<Ticket, 'following'> & Partial<Ticket> {
  return { [field]: text, following: ticket.following.filter((one) => one !== field) }
}

/** The prices of an order that was sent have done their work: for another one they begin anew. */
export function unpriced(ticket: Ticket): Ticket {
  return { ...ticket, following: PRICE_FIELDS }
}

/** Another type or side; prices that nobody has typed begin anew from the market. */
export function turned(ticket: Ticket, to: Partial<Pick<Ticket, 'side' | 'type'>>, terms: Terms, prices: Prices): Ticket {
  const { side = ticket.side, type = ticket.type } = to
  const next = followed({ ...ticket, side, type }, terms, prices, side !== ticket.side || type !== ticket.type)
  const legal = legalDurations(type, terms.instrument.allowedDurations)
  return legal.includes(next.validity) ? next : { ...next, validity: legal[0] ?? 'GTC' }
}

/** Durations this order may have: what ends at once is for orders that can fill at once, a date is not for the market. */
export function legalDurations(type: OrderType, allowed: readonly string[]): readonly string[] {
  if (type === 2) return allowed.filter((one) => one !== 'GTD' && one !== 'DAY')
  return type === 1 ? allowed : allowed.filter((one) => one !== 'IOC' && one !== 'FOK')
}

/** Another unit of size: what was meant is converted, not forgotten; what meant no quantity begins anew with the smallest. */
export function resized(ticket: Ticket, unit: SizeUnit, qty: number | undefined, at: At, terms: Terms): Ticket {
  const { meant: _, ...rest } = ticket
  if (qty === undefined) return { ...rest, sizeUnit: unit, size: smallest(unit, terms, at) }
  const amount = amountOf(unit, qty, at, terms)
  const next = { ...rest, sizeUnit: unit, size: amount === undefined ? '' : amountText(unit, amount, terms) }
  if (amount === undefined || unit === 'units' || unit === 'lots') return next
  return { ...next, meant: { qty, of: sizeSaid(next) } }
}

/** A size in units, as the field shows it. */
export function withQuantity(ticket: Ticket, qty: number, at: At, terms: Terms): Ticket {
  const amount = amountOf(ticket.sizeUnit, qty, at, terms)
  const kept = ticket.sizeUnit === 'units' || ticket.sizeUnit === 'lots'
  if (kept && amount !== undefined) return { ...ticket, size: amountText(ticket.sizeUnit, amount, terms) }
  // Money and risk are rounded down to steps, so a size that is meant exactly is shown in lots or units.
  return resized(ticket, terms.instrument.lotSize > 1 ? 'lots' : 'units', qty, at, terms)
}

export function amountText(unit: SizeUnit, amount: number, terms: Terms): string {
  if (unit === 'lots') return fieldText(amount, 10 ** -lotDigits(terms.instrument))
  if (unit === 'units') return fieldText(amount, terms.instrument.qty.step)
  return fieldText(amount, 10 ** -Math.max(leastDigits(unit, terms), digitsOf(amount)))
}

/** Another unit of a bracket, at the same price; where its money says none, because no size is known, at the distance that was meant. */
export function reunited(
  kind: BracketKind,
  field: BracketField,
  unit: BracketUnit,
  known: number | undefined,
  at: Entry,
  terms: Terms,
): BracketField {
  const { meant: before } = field
  const kept = known === undefined ? before : undefined
  const entry = kept !== undefined && at.qty <= 0 ? { ...at, qty: kept.qty } : at
  const price =
    kept === undefined
      ? (known ?? typedPrice(kind, field, entry, terms))
      : snapTo(entry.price + direction(kind, entry.side) * kept.distance, terms.instrument.minTick)
  const money = unit === 'money' || unit === 'percent'
  const amount = price === undefined || (money && entry.qty <= 0) ? undefined : bracketAmount(kind, unit, price, entry, terms)
  const text = amount === undefined ? '' : bracketText(unit, amount, terms)
  const coarse = price !== undefined && money
  const meant = coarse ? { distance: direction(kind, entry.side) * (price - entry.price), qty: entry.qty } : undefined
  return { on: field.on, unit, text, ...(meant === undefined ? {} : { meant }) }
}

/** Where it would stand if it were on. */
function typedPrice(kind: BracketKind, { unit, text }: BracketField, entry: Entry, terms: Terms): number | undefined {
  const amount = typed(text)
  return amount === undefined ? undefined : bracketPrice(kind, unit, amount, entry, terms)
}

export function bracketText(unit: BracketUnit, amount: number, terms: Terms): string {
  if (unit === 'price') return fieldText(amount, terms.instrument.minTick)
  return unit === 'distance'
    ? fieldText(amount, distanceStep(terms.instrument))
    : unit === 'percent'
      ? String(Number(amount.toFixed(PERCENT_DIGITS)))
      : fieldText(amount, 10 ** -moneyDigits(terms.currency))
}

/** What another panel asked for. A price makes the order whichever of Limit and Stop is legal there. */
export function wished(ticket: Ticket, wish: TicketWish, terms: Terms, prices: Prices): Ticket {
  const { minTick, qty } = terms.instrument
  const side = wish.side ?? ticket.side
  let next: Ticket = wish.clear ? cleared(ticket) : ticket
  const type = wish.type ?? (wish.price === undefined ? next.type : legalAt(side, wish.price, prices))
  if (wish.price !== undefined) {
    const text = fieldText(onGrid(wish.price, minTick), minTick)
    next = { ...next, ...priced(next, type === 1 ? 'limit' : 'stop', text) }
    if (type === 4) next = { ...next, following: ['limit'] }
  }
  next = turned(next, { side, type }, terms, prices)
  for (const kind of ['takeProfit', 'stopLoss'] as const) {
    const price = wish[kind]
    if (price !== undefined) next = { ...next, [kind]: { on: true, unit: 'price', text: fieldText(price, minTick) } }
  }
  if (wish.risk !== undefined) {
    const { meant: _, ...rest } = next
    return { ...rest, sizeUnit: 'risk', size: String(wish.risk), stopLoss: { ...next.stopLoss, on: true } }
  }
  const at = { price: wish.price ?? marketPrice(side, prices) ?? 0 }
  return wish.qty === undefined ? next : withQuantity(next, Math.max(qty.min, floorTo(wish.qty, qty.step)), at, terms)
}

export function cleared(ticket: Ticket): Ticket {
  const off = (field: BracketField): BracketField => ({ ...field, on: false })
  const { takeProfit, stopLoss } = ticket
  const plain = { type: 2, limit: '', stop: '', following: PRICE_FIELDS, validity: 'GTC', trailing: false } as const
  return { ...ticket, ...plain, takeProfit: off(takeProfit), stopLoss: off(stopLoss) }
}

export function remember({ sizeUnit, size, takeProfit, stopLoss }: Ticket): Remembered {
  const kept = ({ unit, text }: BracketField) => ({ unit, text })
  // A price or an amount of money says nothing about the next trade; a distance does.
  return {
    sizeUnit,
    size,
    ...(takeProfit.unit === 'distance' && typed(takeProfit.text) ? { takeProfit: kept(takeProfit) } : {}),
    ...(stopLoss.unit === 'distance' && typed(stopLoss.text) ? { stopLoss: kept(stopLoss) } : {}),
  }
}
