import type { InstrumentInfo } from '../generated/rest.js'
import { digitsOf, quantityText } from './format.js'

const LOT_DIGITS_MIN = 2
const DIGITS_MAX = 8
/** Beyond these a sum of sizes is no longer what was meant. */
const MEANT_DIGITS = 12

/** What a size is written with. */
export type Sized = Pick<InstrumentInfo, 'lotSize' | 'qty' | 'type'>

/** By symbol, of any account since the page was opened: a lot is the same in all of them. */
export const sizesMet = new Map<string, Sized>()

/** Digits a lot needs so that every step of units can be written. */
export function lotDigits({ lotSize, qty }: Pick<Sized, 'lotSize' | 'qty'>): number {
  return Math.min(DIGITS_MAX, digitsOf(qty.step / lotSize))
}

/** A size with its unit: lots where a lot is more than one unit; of an instrument that is not known, units. */
export function sizeText(size: number, instrument: Sized | undefined): string {
  if (instrument === undefined) return String(size)
  const { lotSize, qty, type } = instrument
  if (lotSize > 1)
    return `${(size / lotSize).toFixed(Math.max(LOT_DIGITS_MIN, lotDigits({ lotSize, qty }), ownDigits(size / lotSize)))} lots`
  const unit = type === 'stock' ? (size === 1 ? ' share' : ' shares') : ''
  return `${quantityText(size, Math.min(qty.step, 10 ** -ownDigits(size)))}${unit}`
}

/** A size off the steps is not shown as one on them. */
function ownDigits(size: number): number {
  return Math.min(DIGITS_MAX, digitsOf(Number(size.toPrecision(MEANT_DIGITS))))
}

/** The same by symbol. */
export function sizeOfSymbol(size: number, symbol: string): string {
  return sizeText(size, sizesMet.get(symbol))
}
