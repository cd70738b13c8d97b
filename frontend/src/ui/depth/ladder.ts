import type { DepthLevel, PlacedOrder } from '../../generated/topics.js'
import { digitsOf } from '../../state/format.js'
import { legalAt, type Prices } from '../ticket/ticket.js'

/** Prices as whole numbers of the ladder's step: what is compared is never a fraction. */
export interface Ladder {
  step: number
  /** The price in the middle of the rows, in steps. */
  centre: number
}

export interface Rung {
  price: number
  bid: number
  ask: number
  /** Quantities of one's own orders that wait here. */
  buys: number
  sells: number
  /** Their ids, those of buys first. */
  orders: readonly string[]
  best: 'bid' | 'ask' | 'between' | ''
}

/** Own orders as the ladder needs them: entry and bracket alike stand at their price. */
export interface OwnOrder {
  id: string
  side: 1 | -1
  qty: number
  price: number
  /** The side of the book it waits on: a stop on the other one. */
  among: 'bids' | 'asks'
}

export function ownOrders(orders: Iterable<PlacedOrder>, symbol: string): OwnOrder[] {
  return [...orders].flatMap((one) => {
    const price = one.type === 1 ? one.limitPrice : one.stopPrice
    if (one.symbol !== symbol || price === undefined || price === null) return []
    const among = (one.type === 1) === (one.side === 1) ? 'bids' : 'asks'
    return [{ id: one.id, side: one.side, qty: one.qty - (one.filledQty ?? 0), price, among }]
  })
}

const NICE = [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000]

/** The finest step at which the whole book fits into so many rows around the middle. */
export function stepFor(tick: number, bids: readonly DepthLevel[], asks: readonly DepthLevel[], rows: number): number {
  const steps = NICE.map((times) => Number((tick * times).toFixed(digitsOf(tick))))
  const [low, high] = [Math.min(...bids.map(({ price }) => price)), Math.max(...asks.map(({ price }) => price))]
  const best = bestOf(bids, asks, {})
  if (bids.length === 0 || asks.length === 0) return tick
  return (
    steps.find((step) => shows({ step, centre: middle(best, step) ?? 0 }, rows, { bid: low, ask: high })) ??
    steps.at(-1) ??
    tick
  )
}

/** A step that would suit better has to do so for this long: rows that regroup cannot be read. */
const HOLD_MS = 3 * 60_000
/** Of the rows, how many a book may fill at first: it will be wider soon. */
const FILLED = 2 / 3

/** The step of a ladder that fits: it stays while the best prices have rows, whatever the book does behind them. */
export class Fit {
  private step: number | undefined
  /** Since when another one would suit, and which of them is the nearest to the one that is held. */
  private other: { since: number; step: number } | undefined

  choose(
    tick: number,
    { bids, asks }: { bids: readonly DepthLevel[]; asks: readonly DepthLevel[] },
    rows: number,
    now: number,
  ) {
    const wanted = stepFor(tick, bids, asks, Math.max(3, Math.floor(rows * FILLED)))
    const held = this.step
    const empty = bids.length === 0 || asks.length === 0
    if (held === undefined || empty) {
      if (!empty) this.step = wanted
      return held ?? wanted
    }
    const best = bestOf(bids, asks, {})
    if (!shows({ step: held, centre: middle(best, held) ?? 0 }, rows, best)) return this.take(wanted)
    if (wanted === held) this.other = undefined
    else {
      const same = this.other !== undefined && this.other.step > held === wanted > held ? this.other : undefined
      const nearest = wanted > held ? Math.min : Math.max
      this.other = { since: same?.since ?? now, step: nearest(wanted, same?.step ?? wanted) }
      if (now - this.other.since >= HOLD_MS) return this.take(this.other.step)
    }
    return held
  }

  forget(): void {
    this.step = this.other = undefined
  }

  private take(step: number): number {
    this.other = undefined
    this.step = step
    return step
  }
}

/** Whether both prices stand on rows of the ladder. */
export function shows({ step, centre }: Ladder, rows: number, { bid, ask }: Prices): boolean {
  const top = centre + Math.floor(rows / 2)
  return (ask === undefined || askStep(ask, step) <= top) && (bid === undefined || bidStep(bid, step) > top - rows)
}

/** Bids count towards the step below them, asks towards the one above: nobody is promised a better price. */
export function bidStep(price: number, step: number): number {
  return Math.floor(price / step + 1e-7)
}
export function askStep(price: number, step: number): number {
  return Math.ceil(price / step - 1e-7)
}

export function priceAt(steps: number, step: number): number {
  return Number((steps * step).toFixed(digitsOf(step)))
}

/** The best prices of a book; of a quote where the book has none. */
export function bestOf(bids: readonly DepthLevel[], asks: readonly DepthLevel[], { bid, ask }: Prices): Prices {
  const low = bids.length > 0 ? Math.max(...bids.map(({ price }) => price)) : bid
  const high = asks.length > 0 ? Math.min(...asks.map(({ price }) => price)) : ask
  return { ...(low === undefined ? {} : { bid: low }), ...(high === undefined ? {} : { ask: high }) }
}

/** The step in the middle of best bid and best ask. */
export function middle({ bid, ask }: Prices, step: number): number | undefined {
  const low = bid ?? ask
  const high = ask ?? bid
  return low === undefined || high === undefined ? undefined : Math.round((bidStep(low, step) + askStep(high, step)) / 2)
}

/** The rows from the highest price down. */
export function rungs(
  { step, centre }: Ladder,
  rows: number,
  bids: readonly DepthLevel[],
  asks: readonly DepthLevel[],
  own: readonly OwnOrder[],
): Rung[] {
  const [bid, ask] = [new Map<number, number>(), new Map<number, number>()]
  for (const one of bids) add(bid, bidStep(one.price, step), one.volume)
  for (const one of asks) add(ask, askStep(one.price, step), one.volume)
  const [best, worst] = [highest(bid), lowest(ask)]
  const top = centre + Math.floor(rows / 2)
  return Array.from({ length: rows }, (_, row) => {
    const at = top - row
    const here = own.filter(({ among, price }) => (among === 'bids' ? bidStep : askStep)(price, step) === at)
    const sum = (side: 1 | -1) => here.reduce((qty, one) => (one.side === side ? qty + one.qty : qty), 0)
    return {
      price: priceAt(at, step),
      bid: bid.get(at) ?? 0,
      ask: ask.get(at) ?? 0,
      buys: sum(1),
      sells: sum(-1),
      orders: [...here].sort((one, other) => other.side - one.side).map(({ id }) => id),
      best:
        at === best
          ? 'bid'
          : at === worst
            ? 'ask'
            : best !== undefined && worst !== undefined && at > best && at < worst
              ? 'between'
              : '',
    }
  })
}

/** What a click means: on the bid side a buy limit, on the ask side a sell limit, with Shift a stop; only where it is legal. */
export function clicked(
  side: 1 | -1,
  price: number,
  shift: boolean,
  prices: Prices,
): { side: 1 | -1; type: 1 | 3; price: number } | undefined {
  const type = shift ? 3 : 1
  return legalAt(side, price, prices) === type ? { side, type, price } : undefined
}

function add(book: Map<number, number>, at: number, volume: number): void {
  book.set(at, (book.get(at) ?? 0) + volume)
}
const highest = (book: Map<number, number>) => (book.size === 0 ? undefined : Math.max(...book.keys()))
const lowest = (book: Map<number, number>) => (book.size === 0 ? undefined : Math.min(...book.keys()))
