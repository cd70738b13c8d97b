import { isOnStep, typed } from '../../../state/exact.js'
import { nameOf, onGrid, priceText } from '../../../state/format.js'
import { distanceSize, distanceWords, type Measured } from '../../../state/pips.js'
import { type Sized, sizeText } from '../../../state/sizes.js'
import type { At, Size } from '../../ticket/sizing.js'

/** An order in words, such as "buy 0.5 eurusd 1.0844 sl 15 tp 37.5". A size is in lots or in % at risk, a distance in pips or points. */
export interface SpokenOrder {
  side: 1 | -1
  /** Absent: as the ticket has it. */
  lots?: number
  units?: number
  /** Percent of the equity. */
  risk?: number
  symbol?: string
  price?: number
  stopLoss?: Spoken
  takeProfit?: Spoken
}

/** `1.083` or `@1.083` near the price is a price; `15` or `15p` is so many pips or points from it. */
interface Spoken {
  amount: number
  as: 'price' | 'pips' | 'either'
}

const SIDES: Readonly<Record<string, 1 | -1>> = { buy: 1, b: 1, long: 1, sell: -1, s: -1, short: -1 }
const NUMBER = /^@?([\d.,]*\d)(p|pips|u|units|lots?|%)?$/
/** Thousands to some, a fraction to others. */
const TWO_WAYS = /^[1-9]\d{0,2},\d{3}$/
const PERCENT_MAX = 100
/** A bracket's number this near to the price means a price. */
const NEAR = 0.2

/** Undefined when the words are no order; a sentence when they begin like one and go wrong. */
export function parseOrder(text: string): SpokenOrder | string | undefined {
  const words = text
    .trim()
    .toLowerCase()
    .replaceAll(/\s+@\s+|\s+at\s+/g, ' @')
    .replaceAll(/(?<=\d)\s+%/g, '%')
    .split(/\s+/)
  const side = SIDES[words.shift() ?? '']
  if (side === undefined) return undefined
  if (words.length === 0) return undefined
  const unclear = words.map(unclearNumber).find((said) => said !== undefined)
  if (unclear !== undefined) return unclear
  const order: SpokenOrder = { side }
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === 'sl' || word === 'tp') {
      const spoken = spokenOf(words.shift())
      if (spoken === undefined) return `Expected a number after "${word}", such as ${word} 15`
      if (word === 'sl') order.stopLoss = spoken
      else order.takeProfit = spoken
      continue
    }
    const found = numberOf(word)
    if (found === undefined) {
      if (order.symbol !== undefined) return `Expected sl, tp or a price after ${order.symbol.toUpperCase()}, found "${word}"`
      order.symbol = word
    } else if (found.unit === '%') {
      if (sized(order)) return `Expected one size, found "${word}" as well`
      if (found.amount <= 0 || found.amount > PERCENT_MAX)
        return `Expected a risk of up to ${PERCENT_MAX}% of the equity, found "${word}"`
      order.risk = found.amount
    } else if (order.symbol === undefined && !sized(order) && !word.startsWith('@')) {
      if (/^u/.test(found.unit)) order.units = found.amount
      else order.lots = found.amount
    } else if (order.price === undefined) order.price = found.amount
    else return `Expected one price, found ${order.price} and "${word}"`
  }
  if (order.risk !== undefined && order.stopLoss === undefined)
    return `Expected a stop loss to size by risk, such as ${text.trim()} sl 15`
  return order
}

const sized = ({ lots, units, risk }: SpokenOrder) => (lots ?? units ?? risk) !== undefined

function numberOf(word: string): { amount: number; unit: string } | undefined {
  const [, digits = '', unit = ''] = NUMBER.exec(word) ?? []
  const amount = typed(digits)
  return amount === undefined ? undefined : { amount, unit }
}

function unclearNumber(word: string): string | undefined {
  const digits = NUMBER.exec(word)?.[1] ?? ''
  if (digits !== '' && typed(digits) === undefined) return `Expected a number, found "${digits}"`
  if (!TWO_WAYS.test(digits)) return undefined
  return `${digits} can be read in two ways: write ${digits.replace(',', '')} or ${digits.replace(',', '.')}`
}

function spokenOf(word: string | undefined): Spoken | undefined {
  const found = numberOf(word ?? '')
  if (found === undefined || found.unit === '%') return undefined
  const as = word?.startsWith('@') ? 'price' : /^p/.test(found.unit) ? 'pips' : 'either'
  return { amount: found.amount, as }
}

/** What has to be known of an instrument to read an order back. */
export interface Known extends Measured, Sized {
  symbol: string
  bid: number | undefined
  ask: number | undefined
  /** What so many percent of the equity at risk come to. */
  byRisk?: (percent: number, at: At) => Size
}

/** The order as the ticket takes it, and the sentence that says it. */
export interface ReadOrder {
  wish: { side: 1 | -1; type: 1 | 2 | 3; price?: number; qty?: number; risk?: number; takeProfit?: number; stopLoss?: number }
  sentence: string
}

export function readBack(order: SpokenOrder, known: Known): ReadOrder | string {
  const market = order.side === 1 ? known.ask : known.bid
  const entry = order.price === undefined ? market : onGrid(order.price, known.minTick)
  if (entry === undefined) return `${nameOf(known.symbol)} has no price now, so a distance cannot be reckoned`
  const type =
    order.price === undefined || market === undefined ? (order.price === undefined ? 2 : 1) : typeAt(order.side, entry, market)
  const qty = order.units ?? (order.lots === undefined ? undefined : Number((order.lots * known.lotSize).toPrecision(12)))
  const wrong = qty === undefined ? undefined : wrongSize(qty, order, known)
  if (wrong !== undefined) return wrong
  const stopLoss = levelOf(order.stopLoss, entry, -order.side, known)
  const takeProfit = levelOf(order.takeProfit, entry, order.side, known)
  const risked = riskedOf(order, entry, stopLoss, known)
  if (typeof risked === 'string') return risked
  const wish: ReadOrder['wish'] = {
    side: order.side,
    type,
    ...(type === 2 ? {} : { price: entry }),
    ...(qty === undefined ? {} : { qty }),
    ...(order.risk === undefined ? {} : { risk: order.risk }),
    ...(takeProfit === undefined ? {} : { takeProfit }),
    ...(stopLoss === undefined ? {} : { stopLoss }),
  }
  return { wish, sentence: sentenceOf(wish, known, risked) }
}

/** A size that would have to become another one is not an order for the other one. */
function wrongSize(qty: number, { lots, units }: SpokenOrder, known: Known): string | undefined {
  const { min, step } = known.qty
  if (qty < min) return `Expected a size of at least ${sizeText(min, known)}, found ${lots ?? units}`
  return isOnStep(qty, step) ? undefined : `Expected a size in steps of ${sizeText(step, known)}, found ${lots ?? units}`
}

/** The size that is risked; a sentence where there is none. */
function riskedOf({ risk }: SpokenOrder, price: number, stop: number | undefined, known: Known): number | string | undefined {
  if (risk === undefined || stop === undefined) return undefined
  const size = known.byRisk?.(risk, { price, stop }) ?? { missing: 'The account’s equity is not known yet' }
  if ('missing' in size) return size.missing.replace(/\.$/, '')
  return size.qty >= known.qty.min
    ? size.qty
    : `${risk}% of the equity at risk is less than the smallest ${nameOf(known.symbol)} loses at this stop`
}

/** Limit on the better side of the market, stop on the worse. */
function typeAt(side: 1 | -1, price: number, market: number): 1 | 3 {
  return (market - price) * side > 0 ? 1 : 3
}

function levelOf(spoken: Spoken | undefined, entry: number, direction: number, known: Known): number | undefined {
  if (spoken === undefined) return undefined
  const near = Math.abs(spoken.amount / entry - 1) < NEAR
  const isPrice = spoken.as === 'price' || (spoken.as === 'either' && near)
  return onGrid(isPrice ? spoken.amount : entry + direction * spoken.amount * distanceSize(known), known.minTick)
}

function sentenceOf(wish: ReadOrder['wish'], known: Known, risked: number | undefined): string {
  const { side, type, price, takeProfit, stopLoss, qty = risked } = wish
  const size = qty === undefined ? '' : `${sizeText(qty, known)} `
  const kind = type === 1 ? 'limit ' : type === 3 ? 'stop ' : ''
  const where = price === undefined ? 'at market' : `at ${priceText(price, known.minTick)}`
  const entry = price ?? (side === 1 ? known.ask : known.bid) ?? 0
  const away = (level: number) => distanceWords(entry, level, known)
  const part = (word: string, level: number | undefined) =>
    level === undefined ? '' : `, ${word} ${priceText(level, known.minTick)} (${away(level)})`
  const verb = side === 1 ? 'Buy' : 'Sell'
  return `${verb} ${kind}${size}${nameOf(known.symbol)} ${where}${part('stop loss', stopLoss)}${part('take profit', takeProfit)}${wish.risk === undefined ? '' : `, ${wish.risk}% of the equity at risk`}`
}
