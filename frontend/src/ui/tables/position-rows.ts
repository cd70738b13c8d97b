import type { InstrumentInfo } from '../../generated/rest.js'
import type { IndividualPosition, PlacedOrder, Position } from '../../generated/topics.js'
import { nameOf, priceText, profitText, UNKNOWN } from '../../state/format.js'
import type { Quote } from '../../state/quotes.js'
import { distanceText } from '../ticket/brackets.js'
import { floorTo } from '../ticket/exact.js'
import { sizeWords } from '../ticket/sentence.js'
import { profit, type Terms } from '../ticket/terms.js'
import type { Column, Painted } from './grid.js'

/** A net position, or one of those it is made of. */
export interface PositionRow {
  id: string
  symbol: string
  side: 1 | -1
  qty: number
  price: number
  takeProfit: number | undefined
  stopLoss: number | undefined
  trailing: number | undefined
  /** Unrealised, as the server told it last. */
  pl: number | undefined
  parent: string | undefined
}

export function netRow(one: Position, pl: number | undefined): PositionRow {
  return { ...common(one), price: one.avgPrice, pl, parent: undefined }
}

export function individualRow(one: IndividualPosition, pl: number | undefined, parent: string | undefined): PositionRow {
  return { ...common(one), price: one.price, pl, parent }
}

function common({ id, symbol, side, qty, takeProfit, stopLoss, trailingStopPips }: Position | IndividualPosition) {
  return {
    ...{ id, symbol, side, qty },
    takeProfit: takeProfit ?? undefined,
    stopLoss: stopLoss ?? undefined,
    trailing: trailingStopPips ?? undefined,
  }
}

/** Half of it on the instrument's grid, rounded down; nothing when there is no smaller part. */
export function half(qty: number, { qty: range }: InstrumentInfo): number | undefined {
  const part = floorTo(qty / 2, range.step)
  return part >= range.min && part < qty ? part : undefined
}

/** What is lost, or still won, when the stop fills at its price. */
export function atStop(row: PositionRow, terms: Terms): number | undefined {
  return row.stopLoss === undefined ? undefined : profit(row.side, row.qty, row.price, row.stopLoss, terms)
}

/** Everything lost when every stop fills, and how many positions have none. */
export function allStops(rows: readonly PositionRow[], termsOf: (symbol: string) => Terms | undefined) {
  let money = 0
  let without = 0
  for (const row of rows) {
    const terms = termsOf(row.symbol)
    const lost = terms === undefined ? undefined : atStop(row, terms)
    if (lost === undefined) without += 1
    else money += lost
  }
  return { money, without }
}

/** The entry orders of a symbol, which closing its position leaves alone unless asked. */
export function entryOrders(orders: Iterable<PlacedOrder>, symbol: string): PlacedOrder[] {
  return [...orders].filter((one) => one.symbol === symbol && one.parentId == null)
}

const closing = (row: PositionRow, { bid, ask, lp }: Quote) => (row.side === 1 ? bid : ask) ?? lp
const tone = (value: number | undefined): NonNullable<Painted['tone']> =>
  value === undefined || value === 0 ? '' : value > 0 ? 'up' : 'down'

export function positionColumns(termsOf: (symbol: string) => Terms | undefined, currency: string): Column<PositionRow>[] {
  const tick = ({ symbol }: PositionRow) => termsOf(symbol)?.instrument.minTick ?? 0.01
  const live = (
    paint: (row: PositionRow, price: number, terms: Terms) => Painted,
  ): NonNullable<Column<PositionRow>['live']> => ({
    symbol: (row) => row.symbol,
    paint: (row, quote) => {
      const [price, terms] = [closing(row, quote), termsOf(row.symbol)]
      return price === undefined || terms === undefined ? { text: UNKNOWN } : paint(row, price, terms)
    },
  })
  const money = (row: PositionRow, price: number, terms: Terms) => profit(row.side, row.qty, row.price, price, terms)
  return [
    { id: 'symbol', title: 'Symbol', value: (row) => nameOf(row.symbol), hint: (row) => row.id },
    {
      ...{ id: 'side', title: 'Side', value: (row) => (row.side === 1 ? 'Long' : 'Short') },
      text: (row) => (row.side === 1 ? '▲ Long' : '▼ Short'),
      tone: (row) => (row.side === 1 ? 'buy' : 'sell'),
    },
    {
      ...{ id: 'qty', title: 'Size', number: true, value: (row) => row.qty },
      text: (row) => sizeText(row, termsOf(row.symbol)),
      hint: (row) => `${row.qty} units`,
    },
    { id: 'entry', title: 'Entry', number: true, value: (row) => row.price, text: (row) => priceText(row.price, tick(row)) },
    {
      id: 'now',
      title: 'Now',
      number: true,
      value: () => undefined,
      live: live((row, price) => ({ text: priceText(price, tick(row)) })),
    },
    { id: 'stopLoss', title: 'Stop loss', number: true, value: (row) => row.stopLoss },
    { id: 'takeProfit', title: 'Take profit', number: true, value: (row) => row.takeProfit },
    {
      ...{ id: 'pips', title: 'Pips', number: true, value: () => undefined },
      live: live((row, price, terms) => {
        const won = row.side * (price - row.price)
        const text = distanceText(row.side === 1 ? row.price : price, row.side === 1 ? price : row.price, terms, true)
        return { text, tone: tone(won) }
      }),
    },
    {
      ...{ id: 'profit', title: `Profit, ${currency}`, number: true, value: (row) => row.pl },
      tone: () => 'strong',
      live: live((row, price, terms) => {
        const won = money(row, price, terms)
        return { text: profitText(won, terms.currency), tone: tone(won) }
      }),
    },
    {
      ...{ id: 'atStop', title: 'At stop', number: true },
      value: (row) => lostAt(row, termsOf(row.symbol)),
      text: (row) => (row.stopLoss === undefined ? 'no stop' : profitText(lostAt(row, termsOf(row.symbol)), currency)),
      tone: (row) => (row.stopLoss === undefined ? 'warn' : ''),
    },
    { id: 'acts', title: '', value: () => undefined, acts: true },
  ]
}

function sizeText(row: PositionRow, terms: Terms | undefined): string {
  return terms === undefined ? String(row.qty) : sizeWords(row.qty, terms)
}

function lostAt(row: PositionRow, terms: Terms | undefined): number | undefined {
  return terms === undefined ? undefined : atStop(row, terms)
}
