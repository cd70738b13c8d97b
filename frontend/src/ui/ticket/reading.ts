import type { Draft } from '../../state/desk.js'
import { floorTo, isOnStep, snapTo, typed } from '../../state/exact.js'
import { digitsOf } from '../../state/format.js'
import type { PreOrder } from '../../tradingview/broker.js'
import { type BracketKind, bracketPrice, direction, type Entry } from './brackets.js'
import { sizeOf } from './sizing.js'
import type { Terms } from './terms.js'
import { type Field, marketPrice, type Prices, sizeSaid, type Ticket } from './ticket.js'

/** Beyond them a quotient of doubles is noise. */
const SIZE_DIGITS = 12

/** Something that stands in the way of an order, at the field it is about. */
export interface Complaint {
  /** Absent: it is about the order as a whole. */
  field?: Field
  message: string
  /** The nearest value that is legal. */
  nearest?: number
  code?: string
}

/** A ticket understood: as much of the order as is clear, and what is not. */
export interface Reading {
  entry?: number
  qty?: number
  takeProfit?: number
  stopLoss?: number
  complaints: readonly Complaint[]
}

export function read(ticket: Ticket, terms: Terms, prices: Prices, now: number): Reading {
  const complaints: Complaint[] = []
  const entry = entryOf(ticket, terms, prices, complaints)
  const reading: Reading = { complaints }
  if (ticket.validity === 'GTD' && !(endOf(ticket, terms) > now)) {
    complaints.push({
      field: 'duration',
      message: `Expected an end after now, found ${ticket.until.replace('T', ' ') || 'none'}`,
    })
  }
  if (entry !== undefined) reading.entry = entry
  // The stop first: a size by risk is reckoned from it, unless it is itself reckoned from the size.
  const early = entry === undefined ? undefined : readBracket('stopLoss', ticket, { ...ticket, price: entry, qty: 0 }, terms)
  const qty = quantityOf(ticket, terms, entry, early, complaints)
  if (qty !== undefined) reading.qty = qty
  if (entry === undefined) return reading
  for (const kind of ['takeProfit', 'stopLoss'] as const) {
    if (!ticket[kind].on) continue
    const price = readBracket(kind, ticket, { side: ticket.side, price: entry, qty: qty ?? 0 }, terms)
    if (price === undefined) complaints.push({ field: kind, message: missingBracket(kind, ticket) })
    else {
      reading[kind] = price
      complaints.push(...bracketComplaints(kind, price, ticket, entry, terms, prices))
    }
  }
  return reading
}

/** When an order until a date ends; not a number while no date is typed. */
export function endOf({ until }: Ticket, { zone }: Terms): number {
  return Date.parse(zone === 'UTC' && until !== '' ? `${until}Z` : until)
}

export function orderOf(ticket: Ticket, { entry, qty, takeProfit, stopLoss }: Reading, terms: Terms): PreOrder | undefined {
  if (qty === undefined) return undefined
  const [limit, stop] = [typed(ticket.limit), typed(ticket.stop)]
  const order: PreOrder = { symbol: terms.instrument.symbol, type: ticket.type, side: ticket.side, qty }
  if (ticket.type === 1 || ticket.type === 4) {
    if (limit === undefined) return undefined
    order.limitPrice = limit
  }
  if (ticket.type === 3 || ticket.type === 4) {
    if (stop === undefined) return undefined
    order.stopPrice = stop
  }
  order.duration = { type: ticket.validity, ...(ticket.validity === 'GTD' ? { datetime: endOf(ticket, terms) } : {}) }
  if (takeProfit !== undefined) order.takeProfit = takeProfit
  if (stopLoss === undefined) return order
  if (!ticket.trailing) return { ...order, stopLoss }
  const pips = Math.abs((entry ?? stopLoss) - stopLoss) / terms.instrument.pipSize
  return { ...order, stopType: 1, trailingStopPips: Number(pips.toFixed(8)) }
}

/** The same for chart and ladder. */
export function draftOf(ticket: Ticket, reading: Reading): Draft | undefined {
  if (reading.qty === undefined) return undefined
  const [limit, stop] = [typed(ticket.limit), typed(ticket.stop)]
  return {
    side: ticket.side,
    type: ticket.type,
    qty: reading.qty,
    ...((ticket.type === 1 || ticket.type === 4) && limit !== undefined ? { limitPrice: limit } : {}),
    ...((ticket.type === 3 || ticket.type === 4) && stop !== undefined ? { stopPrice: stop } : {}),
    ...(reading.takeProfit === undefined ? {} : { takeProfit: reading.takeProfit }),
    ...(reading.stopLoss === undefined ? {} : { stopLoss: reading.stopLoss }),
  }
}

function entryOf(ticket: Ticket, terms: Terms, prices: Prices, complaints: Complaint[]): number | undefined {
  const market = marketPrice(ticket.side, prices)
  if (ticket.type === 2) return market
  const limit = ticket.type === 3 ? undefined : priceAt('limitPrice', ticket.limit, terms, complaints)
  const stop = ticket.type === 1 ? undefined : priceAt('stopPrice', ticket.stop, terms, complaints)
  if (stop !== undefined && market !== undefined && ticket.side * (stop - market) <= 0) {
    const { minTick } = terms.instrument
    const [word, quote] = ticket.side === 1 ? ['buy above', 'ask'] : ['sell below', 'bid']
    const nearest = snapTo(market + ticket.side * minTick, minTick)
    const message = `Expected the stop of a ${word} the ${quote} (${market.toFixed(digitsOf(minTick))}), found ${ticket.stop}`
    complaints.push({ field: 'stopPrice', message, nearest })
  }
  return limit ?? stop
}

function priceAt(field: 'limitPrice' | 'stopPrice', text: string, { instrument: { minTick } }: Terms, complaints: Complaint[]) {
  const price = typed(text)
  if (price === undefined || price <= 0) {
    complaints.push({ field, message: `Expected a price, found ${text === '' ? 'none' : `“${text}”`}` })
    return undefined
  }
  if (!isOnStep(price, minTick)) {
    const nearest = snapTo(price, minTick)
    complaints.push({
      field,
      message: `Expected a price in ticks of ${minTick.toFixed(digitsOf(minTick))}, found ${text}`,
      nearest,
    })
  }
  return price
}

function quantityOf(
  ticket: Ticket,
  terms: Terms,
  entry: number | undefined,
  stop: number | undefined,
  complaints: Complaint[],
): number | undefined {
  const complain = (message: string, nearest?: number) =>
    complaints.push({ field: 'qty', message, ...(nearest === undefined ? {} : { nearest }) })
  const amount = typed(ticket.size)
  if (amount === undefined || amount <= 0) {
    complain(`Expected a size above 0, found ${ticket.size === '' ? 'none' : `“${ticket.size}”`}`)
    return undefined
  }
  if (entry === undefined && ticket.sizeUnit !== 'units' && ticket.sizeUnit !== 'lots') return undefined
  if (ticket.sizeUnit === 'risk' && ticket.stopLoss.on && /money|percent/.test(ticket.stopLoss.unit)) {
    complain('To size by risk, give the stop loss as a distance or a price.')
    return undefined
  }
  const at = { price: entry ?? 0, ...(stop === undefined ? {} : { stop }) }
  const { meant } = ticket
  const size = meant?.of === sizeSaid(ticket) ? { qty: meant.qty } : sizeOf(ticket.sizeUnit, amount, at, terms)
  if ('missing' in size) {
    complain(size.missing)
    return undefined
  }
  const { lotSize, qty: range } = terms.instrument
  const { min, max, step } = range
  const inLots = lotSize > 1 && ticket.sizeUnit !== 'units'
  // Digit for digit: what is wrong with a size may be its last one.
  const say = (qty: number) => (inLots ? `${Number((qty / lotSize).toPrecision(SIZE_DIGITS))} lots` : String(qty))
  if (size.qty < min) complain(`Expected a size of at least ${say(min)}, found ${say(size.qty)}`, min)
  else if (size.qty > max) complain(`Expected a size of at most ${say(max)}, found ${say(size.qty)}`, max)
  else if (!isOnStep(size.qty, step)) {
    complain(`Expected a size in steps of ${say(step)}, found ${say(size.qty)}`, Math.max(min, floorTo(size.qty, step)))
  }
  return size.qty
}

function readBracket(kind: BracketKind, ticket: Ticket, entry: Entry, terms: Terms): number | undefined {
  const { on, unit, text, meant } = ticket[kind]
  const amount = typed(text)
  if (on && meant?.qty === entry.qty) {
    return snapTo(entry.price + direction(kind, entry.side) * meant.distance, terms.instrument.minTick)
  }
  return !on || amount === undefined ? undefined : bracketPrice(kind, unit, amount, entry, terms)
}

function missingBracket(kind: BracketKind, ticket: Ticket): string {
  const name = kind === 'takeProfit' ? 'take profit' : 'stop loss'
  if (typed(ticket[kind].text) !== undefined) return `A ${name} in money needs the order’s size first`
  return `Expected a ${ticket[kind].unit === 'price' ? 'price' : 'distance'} for the ${name}, found ${ticket[kind].text || 'none'}`
}

function bracketComplaints(
  kind: BracketKind,
  price: number,
  ticket: Ticket,
  entry: number,
  terms: Terms,
  prices: Prices,
): Complaint[] {
  const { minTick } = terms.instrument
  const write = (value: number) => value.toFixed(digitsOf(minTick))
  if (!isOnStep(price, minTick)) {
    const message = `Expected a price in ticks of ${minTick.toFixed(digitsOf(minTick))}, found ${price}`
    return [{ field: kind, message, nearest: snapTo(price, minTick) }]
  }
  const towards = direction(kind, ticket.side)
  // A bracket of a market order is held against the price at which the position would close.
  const against = ticket.type === 2 ? ((ticket.side === 1 ? prices.bid : prices.ask) ?? entry) : entry
  if (towards * (price - against) > 0 && price > 0) return []
  const place = `${towards === 1 ? 'above' : 'below'} ${ticket.type === 2 ? 'the market' : "the order's price"} (${write(against)})`
  return [
    {
      field: kind,
      message: `Expected a ${kind === 'takeProfit' ? 'take profit' : 'stop loss'} ${place}, found ${write(price)}`,
      nearest: snapTo(against + towards * minTick, minTick),
    },
  ]
}
