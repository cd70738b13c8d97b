import type { IndividualPosition, PlacedOrder, Position } from '../../generated/topics.js'
import { nameOf, priceText, profitText, UNKNOWN } from '../../state/format.js'
import { distanceNumber } from '../../state/pips.js'
import type { Quote } from '../../state/quotes.js'
import { sizeText } from '../../state/sizes.js'
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
  /** Of a hedging account's net position: what it is the sum of, each protected and closed on its own. */
  parts: readonly PositionRow[]
}

export function netRow(one: Position, pl: number | undefined, parts: readonly PositionRow[] = []): PositionRow {
  return { ...common(one), price: one.avgPrice, pl: sumOf(parts, pl), parent: undefined, parts }
}

export function individualRow(one: IndividualPosition, pl: number | undefined, parent: string | undefined): PositionRow {
  return { ...common(one), price: one.price, pl, parent, parts: [] }
}

function sumOf(parts: readonly PositionRow[], own: number | undefined): number | undefined {
  if (parts.length === 0) return own
  return parts.reduce<number | undefined>((sum, { pl }) => (sum === undefined || pl === undefined ? undefined : sum + pl), 0)
}

function common({ id, symbol, side, qty, takeProfit, stopLoss, trailingStopPips }: Position | IndividualPosition) {
  return {
    ...{ id, symbol, side, qty },
    takeProfit: takeProfit ?? undefined,
    stopLoss: stopLoss ?? undefined,
    trailing: trailingStopPips ?? undefined,
  }
}

/** What is lost, or still won, when the stop fills at its price. */
export function atStop(row: PositionRow, terms: Terms): number | undefined {
  return row.stopLoss === undefined ? undefined : profit(row.side, row.qty, row.price, row.stopLoss, terms)
}

/** Everything lost when every stop fills, and how many of those that can have one have none. */
export function allStops(rows: readonly PositionRow[], termsOf: (symbol: string) => Terms | undefined) {
  let money = 0
  let without = 0
  for (const row of rows.flatMap((one) => (one.parts.length > 0 ? one.parts : [one]))) {
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

/** Long and short of a symbol at once: no single entry has won what they have won together. */
export function isMixed({ parts }: PositionRow): boolean {
  return new Set(parts.map(({ side }) => side)).size > 1
}

const closing = (row: PositionRow, { bid, ask, lp }: Quote) => (row.side === 1 ? bid : ask) ?? lp
const unmixed = (row: PositionRow, quote: Quote) => (isMixed(row) ? undefined : closing(row, quote))
const tone = (value: number | undefined): NonNullable<Painted['tone']> =>
  value === undefined || value === 0 ? '' : value > 0 ? 'up' : 'down'

/** What a table of positions reckons with. */
export interface PositionDesk {
  termsOf: (symbol: string) => Terms | undefined
  quoteOf: (symbol: string) => Quote | undefined
  currency: string
}

export function positionColumns({ termsOf, quoteOf, currency }: PositionDesk): Column<PositionRow>[] {
  const tick = ({ symbol }: PositionRow) => termsOf(symbol)?.instrument.minTick ?? 0.01
  const live = (
    reckon: (row: PositionRow, quote: Quote, terms: Terms) => number | undefined,
    paint: (value: number, row: PositionRow, terms: Terms) => Painted,
  ): Pick<Column<PositionRow>, 'live' | 'value' | 'text'> => {
    const found = (row: PositionRow, quote: Quote | undefined) => {
      const terms = termsOf(row.symbol)
      const value = terms === undefined || quote === undefined ? undefined : reckon(row, quote, terms)
      return terms === undefined || value === undefined ? undefined : { value, terms }
    }
    const painted = (row: PositionRow, quote: Quote | undefined): Painted => {
      const one = found(row, quote)
      return one === undefined ? { text: UNKNOWN } : paint(one.value, row, one.terms)
    }
    return {
      value: (row) => found(row, quoteOf(row.symbol))?.value,
      text: (row) => painted(row, quoteOf(row.symbol)).text,
      live: { symbol: (row) => row.symbol, paint: painted },
    }
  }
  const won = (row: PositionRow, quote: Quote, terms: Terms): number | undefined => {
    const price = closing(row, quote)
    return price === undefined ? undefined : profit(row.side, row.qty, row.price, price, terms)
  }
  const inAll = (row: PositionRow, quote: Quote, terms: Terms): number | undefined => {
    const each = (row.parts.length > 0 ? row.parts : [row]).map((one) => won(one, quote, terms))
    return each.reduce((sum, one) => (sum === undefined || one === undefined ? undefined : sum + one), 0)
  }
  const stops = (rows: readonly PositionRow[]) => allStops(top(rows), termsOf)
  return [
    { id: 'symbol', title: 'Symbol', lead: true, value: (row) => nameOf(row.symbol), hint: (row) => row.id },
    {
      ...{ id: 'side', title: 'Side', lead: true, value: (row) => (row.side === 1 ? 'Long' : 'Short') },
      text: (row) => (row.side === 1 ? '▲ Long' : '▼ Short'),
      tone: (row) => (row.side === 1 ? 'buy' : 'sell'),
    },
    {
      ...{ id: 'qty', title: 'Size', lead: true, number: true, value: (row) => row.qty },
      text: (row) => sizeText(row.qty, termsOf(row.symbol)?.instrument),
      hint: (row) => `${row.qty} units`,
    },
    {
      ...{ id: 'entry', title: 'Entry', number: true, value: (row) => row.price },
      text: (row) => priceText(row.price, tick(row)),
      hint: (row) => (isMixed(row) ? `Average of what is held ${SIDES[row.side]}` : ''),
    },
    {
      ...{ id: 'now', title: 'Now', number: true },
      ...live(closing, (price, row) => ({ text: priceText(price, tick(row)) })),
    },
    { id: 'stopLoss', title: 'Stop loss', number: true, value: (row) => row.stopLoss },
    { id: 'takeProfit', title: 'Take profit', number: true, value: (row) => row.takeProfit },
    {
      ...{ id: 'pips', title: 'Pips, points', number: true },
      ...live(unmixed, (price, row, terms) => {
        const [from, to] = row.side === 1 ? [row.price, price] : [price, row.price]
        return { text: distanceNumber(from, to, terms.instrument, true), tone: tone(row.side * (price - row.price)) }
      }),
    },
    {
      ...{ id: 'profit', title: `Profit, ${currency}`, lead: true, number: true },
      ...live(inAll, (money, _, terms) => ({ text: profitText(money, terms.currency), tone: tone(money) })),
      // What the server has told changes with every mark; what is reckoned here from quotes does not ask for a render.
      total: (rows) => {
        const money = sumOf(top(rows), 0)
        return { text: profitText(money, currency), tone: `strong ${tone(money)}` }
      },
    },
    {
      ...{ id: 'atStop', title: 'At stop', number: true },
      value: (row) => lostAt(row, termsOf(row.symbol)),
      text: (row) => stopText(row, lostAt(row, termsOf(row.symbol)), currency),
      tone: (row) => (row.parts.length === 0 && row.stopLoss === undefined ? 'warn' : ''),
      total: (rows) => ({ text: profitText(stops(rows).money, currency), hint: 'If every stop fills at its price' }),
    },
    {
      ...{ id: 'acts', title: '', value: () => undefined, acts: true },
      total: (rows) => {
        const { without } = stops(rows)
        return { text: without > 0 ? `${without} without a stop` : '', tone: 'warn' }
      },
    },
  ]
}

const SIDES = { 1: 'long', [-1]: 'short' } as const

/** Which one it is, among others of its symbol. */
export function rowName(row: PositionRow, terms: Terms | undefined): string {
  return `${nameOf(row.symbol)}, ${SIDES[row.side]} ${sizeText(row.qty, terms?.instrument)}`
}

export function reverseWords(row: PositionRow, terms: Terms | undefined): string {
  const size = sizeText(row.qty, terms?.instrument)
  const [now, then] = row.side === 1 ? ['long', 'short'] : ['short', 'long']
  const both = sizeText(Number((2 * row.qty).toPrecision(12)), terms?.instrument)
  const does = `${row.side === 1 ? 'Sell' : 'Buy'} ${both} ${nameOf(row.symbol)} at the market`
  return [`${does}: closes ${now} ${size}, opens ${then} ${size}?`, fallenWords(row)].filter(Boolean).join(' ')
}

/** What goes with the side that is left: a position that is turned round begins without protection. */
export function fallenWords({
  takeProfit,
  stopLoss,
  trailing,
}: Partial<Record<'takeProfit' | 'stopLoss' | 'trailing', unknown>>) {
  const stop = trailing == null ? 'stop loss' : 'trailing stop'
  const fallen = [...(takeProfit == null ? [] : ['take profit']), ...(stopLoss == null && trailing == null ? [] : [stop])]
  if (fallen.length === 0) return ''
  return `Its ${fallen.join(' and ')} ${fallen.length > 1 ? 'go' : 'goes'} with it: the new one has none.`
}

/** How many are held: a net position of several counts as those. */
export function heldOf(rows: readonly PositionRow[]): number {
  return top(rows).reduce((count, { parts }) => count + Math.max(1, parts.length), 0)
}

/** Without those that are told within another. */
function top(rows: readonly PositionRow[]): PositionRow[] {
  const known = new Set(rows.map(({ id }) => id))
  return rows.filter(({ parent }) => parent === undefined || !known.has(parent))
}

function stopText({ stopLoss, parts }: PositionRow, lost: number | undefined, currency: string): string {
  if (parts.length > 0) return UNKNOWN
  return stopLoss === undefined ? 'no stop' : profitText(lost, currency)
}

function lostAt(row: PositionRow, terms: Terms | undefined): number | undefined {
  return terms === undefined ? undefined : atStop(row, terms)
}
