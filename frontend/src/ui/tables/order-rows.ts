import type { PlacedOrder } from '../../generated/topics.js'
import { nameOf, priceText, timeText, UNKNOWN } from '../../state/format.js'
import { distanceText, hasPips } from '../ticket/brackets.js'
import { DURATION_WORDS, sizeWords, TYPE_WORDS } from '../ticket/sentence.js'
import type { Terms } from '../ticket/terms.js'
import type { Column, Nesting } from './grid.js'

export const STATUS_WORDS: Readonly<Record<PlacedOrder['status'], string>> = {
  1: 'Cancelled',
  2: 'Filled',
  3: 'Inactive',
  4: 'Placing',
  5: 'Refused',
  6: 'Working',
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
export function distanceColumn(termsOf: TermsOf): Column<PlacedOrder> {
  return {
    ...{ id: 'distance', title: 'Distance', number: true, value: () => undefined },
    live: {
      symbol: (order) => order.symbol,
      paint: (order, { bid, ask, lp }) => {
        const [terms, price] = [termsOf(order.symbol), ownPrice(order)]
        const now = (order.side === 1 ? ask : bid) ?? lp
        if (terms === undefined || price === undefined || now === undefined) return { text: UNKNOWN }
        return { text: `${distanceText(now, price, terms)}${hasPips(terms) ? ' pips' : ''}` }
      },
    },
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
  const size = (order: PlacedOrder, qty: number) => {
    const terms = termsOf(order.symbol)
    return terms === undefined ? String(qty) : sizeWords(qty, terms)
  }
  const when = (id: string, title: string, of: (order: PlacedOrder) => number | undefined): Column<PlacedOrder> => ({
    ...{ id, title, value: of },
    text: (order) => timeText(of(order) ?? 0, zone),
    hint: (order) => new Date(of(order) ?? 0).toISOString(),
  })
  const number = (id: 'takeProfit' | 'stopLoss', title: string): Column<PlacedOrder> => ({
    ...{ id, title, number: true, value: (order) => order[id] ?? undefined, text: (order) => price(order, order[id]) },
  })
  return {
    symbol: { id: 'symbol', title: 'Symbol', value: ({ symbol }) => nameOf(symbol), hint: ({ id }) => id },
    time: when('time', 'Time', ({ placeTime }) => placeTime),
    ended: when('time', 'Ended', ({ updateTime }) => updateTime),
    side: {
      ...{ id: 'side', title: 'Side', value: ({ side }) => (side === 1 ? 'Buy' : 'Sell') },
      text: ({ side }) => (side === 1 ? '▲ Buy' : '▼ Sell'),
      tone: ({ side }) => (side === 1 ? 'buy' : 'sell'),
    },
    type: { id: 'type', title: 'Type', value: kindWords },
    qty: {
      ...{ id: 'qty', title: 'Filled / size', number: true, value: ({ qty }) => qty },
      text: (order) =>
        order.filledQty ? `${size(order, order.filledQty)} / ${size(order, order.qty)}` : size(order, order.qty),
      hint: ({ qty, filledQty }) => `${filledQty ?? 0} of ${qty} units`,
    },
    price: { id: 'price', title: 'Price', number: true, value: ownPrice, text: (order) => price(order, ownPrice(order)) },
    takeProfit: number('takeProfit', 'Take profit'),
    stopLoss: number('stopLoss', 'Stop loss'),
    valid: { id: 'valid', title: 'Valid', value: (order) => validWords(order, zone) },
    status: {
      ...{ id: 'status', title: 'State', value: ({ status }) => STATUS_WORDS[status] },
      tone: ({ status }) => (status === 5 ? 'danger' : status === 4 || status === 3 ? 'quiet' : ''),
      hint: ({ message }) => message?.text ?? '',
    },
    average: {
      id: 'average',
      title: 'Average',
      number: true,
      value: ({ avgPrice }) => avgPrice ?? undefined,
      text: (order) => price(order, order.avgPrice),
    },
    reason: { id: 'reason', title: 'Reason', value: ({ message }) => message?.text ?? '' },
  }
}
