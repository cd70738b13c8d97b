import type { PlacedOrder } from '../../generated/topics.js'
import { nameOf, priceText, timeText, UNKNOWN } from '../../state/format.js'
import { distanceWords } from '../../state/pips.js'
import type { Quote } from '../../state/quotes.js'
import { sizeText } from '../../state/sizes.js'
import { traderWords } from '../../state/words.js'
import { DURATION_WORDS, TYPE_WORDS } from '../ticket/sentence.js'
import type { Terms } from '../ticket/terms.js'
import { type Column, type Nesting, timeColumn } from './grid.js'

export const STATUS_WORDS: Readonly<Record<PlacedOrder['status'], string>> = {
  1: 'Cancelled',
  2: 'Filled',
  3: 'Inactive',
  4: 'Placing',
  5: 'Refused',
  6: 'Working',
}

/** Which one it is, among others of its symbol. */
export function orderName(order: PlacedOrder): string {
  const kind = kindWords(order).toLowerCase()
  return `${nameOf(order.symbol)} order, ${kind} to ${order.side === 1 ? 'buy' : 'sell'} ${order.qty}`
}

type TermsOf = (symbol: string) => Terms | undefined

/** Brackets stand behind the order that brought them. */
export const orderNesting: Nesting<PlacedOrder> = { key: ({ id }) => id, parent: ({ parentId }) => parentId ?? undefined }

/** An order's own price: a bracket's too. */
export function priceField({ type }: PlacedOrder): 'limitPrice' | 'stopPrice' | undefined {
  return type === 1 ? 'limitPrice' : type === 3 || type === 4 ? 'stopPrice' : undefined
}

export function ownPrice(order: PlacedOrder): number | undefined {
  const field = priceField(order)
  return field === undefined ? undefined : (order[field] ?? undefined)
}

export function kindWords(order: PlacedOrder): string {
  if (order.bracket === 1) return 'Take profit'
  if (order.bracket === 2) return order.stopType === 1 ? 'Trailing stop' : 'Stop loss'
  return order.reverses
    ? 'Reverse'
    : order.closes || order.isClose
      ? `Close, ${TYPE_WORDS[order.type].toLowerCase()}`
      : TYPE_WORDS[order.type]
}

export function validWords({ duration }: PlacedOrder, zone: 'UTC' | 'local'): string {
  if (duration?.type === 'GTD' && duration.datetime) return timeText(duration.datetime, zone)
  return duration === undefined ? UNKNOWN : (DURATION_WORDS[duration.type ?? 'GTC'] ?? String(duration.type))
}

/** Pips from where the order would fill now to its price. */
export function distanceColumn(termsOf: TermsOf, quoteOf: (symbol: string) => Quote | undefined): Column<PlacedOrder> {
  const ends = (order: PlacedOrder, { bid, ask, lp }: Quote) => {
    const [terms, price, now] = [termsOf(order.symbol), ownPrice(order), (order.side === 1 ? ask : bid) ?? lp]
    return terms === undefined || price === undefined || now === undefined ? undefined : { terms, price, now }
  }
  const text = (order: PlacedOrder, quote: Quote | undefined): string => {
    const found = quote === undefined ? undefined : ends(order, quote)
    if (found === undefined) return UNKNOWN
    const { terms, price, now } = found
    return distanceWords(now, price, terms.instrument)
  }
  return {
    ...{ id: 'distance', title: 'Distance', number: true },
    value: (order) => {
      const quote = quoteOf(order.symbol)
      const found = quote === undefined ? undefined : ends(order, quote)
      return found === undefined ? undefined : Math.abs(found.price - found.now)
    },
    text: (order) => text(order, quoteOf(order.symbol)),
    live: { symbol: (order) => order.symbol, paint: (order, quote) => ({ text: text(order, quote) }) },
  }
}

/** The columns that open and ended orders share. */
export function orderColumns(
  termsOf: TermsOf,
  zone: 'UTC' | 'local',
): Record<
  | 'symbol'
  | 'time'
  | 'ended'
  | 'side'
  | 'type'
  | 'qty'
  | 'price'
  | 'takeProfit'
  | 'stopLoss'
  | 'valid'
  | 'status'
  | 'average'
  | 'reason',
  Column<PlacedOrder>
> {
  const price = (order: PlacedOrder, value: number | null | undefined) =>
    priceText(value ?? undefined, termsOf(order.symbol)?.instrument.minTick ?? 0.01)
  const size = (order: PlacedOrder, qty: number) => sizeText(qty, termsOf(order.symbol)?.instrument)
  const number = (id: 'takeProfit' | 'stopLoss', title: string): Column<PlacedOrder> => ({
    ...{ id, title, number: true, value: (order) => order[id] ?? undefined, text: (order) => price(order, order[id]) },
  })
  return {
    symbol: { id: 'symbol', title: 'Symbol', lead: true, value: ({ symbol }) => nameOf(symbol), hint: ({ id }) => id },
    time: timeColumn('time', 'Time', ({ placeTime }) => placeTime, zone),
    ended: timeColumn('time', 'Ended', ({ updateTime }) => updateTime, zone),
    side: {
      ...{ id: 'side', title: 'Side', lead: true, value: ({ side }) => (side === 1 ? 'Buy' : 'Sell') },
      text: ({ side }) => (side === 1 ? '▲ Buy' : '▼ Sell'),
      tone: ({ side }) => (side === 1 ? 'buy' : 'sell'),
    },
    type: { id: 'type', title: 'Type', lead: true, value: kindWords },
    qty: {
      ...{ id: 'qty', title: 'Filled / size', number: true, value: ({ qty }) => qty },
      text: (order) =>
        order.filledQty ? `${size(order, order.filledQty)} / ${size(order, order.qty)}` : size(order, order.qty),
      hint: ({ qty, filledQty }) => `${filledQty ?? 0} of ${qty} units`,
    },
    price: {
      id: 'price',
      title: 'Price',
      lead: true,
      number: true,
      value: ownPrice,
      // What waits for a stop and then for a limit has two.
      text: (order) =>
        order.type === 4
          ? `${price(order, order.stopPrice)}, limit ${price(order, order.limitPrice)}`
          : price(order, ownPrice(order)),
    },
    takeProfit: number('takeProfit', 'Take profit'),
    stopLoss: number('stopLoss', 'Stop loss'),
    valid: { id: 'valid', title: 'Valid', value: (order) => validWords(order, zone) },
    status: {
      ...{ id: 'status', title: 'State', value: ({ status }) => STATUS_WORDS[status] },
      tone: ({ status }) => (status === 5 ? 'danger' : status === 4 || status === 3 ? 'quiet' : ''),
      hint: ({ message }) => traderWords(message?.text ?? ''),
    },
    average: {
      id: 'average',
      title: 'Average',
      number: true,
      value: ({ avgPrice }) => avgPrice ?? undefined,
      text: (order) => price(order, order.avgPrice),
    },
    reason: { id: 'reason', title: 'Reason', value: ({ message }) => traderWords(message?.text ?? '') },
  }
}
