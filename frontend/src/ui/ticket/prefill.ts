import { fieldText, snapTo, typed } from '../../state/exact.js'
import { distanceSize, distanceStep } from '../../state/pips.js'
import type { Terms } from './terms.js'
import { marketPrice, type PriceField, type Prices, type Ticket } from './ticket.js'

/** A bracket's first distance, as a share of the price, for the stop; the profit is twice as far. */
const FIRST_DISTANCE = 0.002
/** A limit begins nearer to the market than a stop, by this share of a stop's distance. */
const LIMIT_SHARE = 0.25
/** Where the spread is wide, a price begins so many of it away. */
const SPREADS_MIN = 3
/** A price that follows stays where it is while its distance is within half of and twice what it was meant to be. */
const STRAY = 2

/** As a distance is written, round. */
export function firstDistance(times: number, terms: Terms, { bid, ask }: Prices): string {
  const price = bid ?? ask
  if (price === undefined) return ''
  const step = distanceStep(terms.instrument)
  const distance = (price * FIRST_DISTANCE * times) / distanceSize(terms.instrument)
  const round = 10 ** Math.floor(Math.log10(distance))
  return fieldText(snapTo(distance, Math.max(round / 2, step)), Math.max(round / 2, step))
}

/**
 * Prices that nobody has typed go with the market: a stop stands beyond it by a stop loss's first distance, a limit waits
 * on the better side of it, and the limit behind a stop a little beyond that stop. Anew: from where the market is now.
 */
export function followed(ticket: Ticket, terms: Terms, prices: Prices, anew = false): Ticket {
  const { side, type, following } = ticket
  const market = marketPrice(side, prices)
  if (type === 2 || following.length === 0 || market === undefined) return ticket
  const spread = Math.abs((prices.ask ?? market) - (prices.bid ?? market))
  const far = (typed(firstDistance(1, terms, prices)) ?? 0) * distanceSize(terms.instrument)
  const stopGap = Math.max(far, SPREADS_MIN * spread)
  const limitGap = Math.max(far * LIMIT_SHARE, SPREADS_MIN * spread)
  let next = ticket
  const put = (field: PriceField, from: number, gap: number) => {
    if (!following.includes(field)) return
    const found = typed(ticket[field])
    const now = found === undefined ? 0 : (found - from) / gap
    if (!anew && now >= 1 / STRAY && now <= STRAY) return
    next = { ...next, [field]: priceFor(from + gap, terms) }
  }
  if (type !== 1) put('stop', market, side * stopGap)
  if (type === 1) put('limit', marketPrice(side === 1 ? -1 : 1, prices) ?? market, -side * limitGap)
  if (type === 4) put('limit', typed(next.stop) ?? market + side * stopGap, side * limitGap)
  return next
}

function priceFor(price: number, { instrument: { minTick } }: Terms): string {
  return fieldText(Math.max(minTick, snapTo(price, minTick)), minTick)
}
