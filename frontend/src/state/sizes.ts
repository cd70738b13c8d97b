import type { InstrumentInfo } from '../generated/rest.js'
import { digitsOf, quantityText } from './format.js'

const LOT_DIGITS_MIN = 2
const LOT_DIGITS_MAX = 8

/** What a size is written with. */
export type Sized = Pick<InstrumentInfo, 'lotSize' | 'qty' | 'type'>

/** By symbol, of any account since the page was opened: a lot is the same in all of them. */
export const sizesMet = new Map<string, Sized>()

/** Digits a lot needs so that every step of units can be written. */
export function lotDigits({ lotSize, qty }: Pick<Sized, 'lotSize' | 'qty'>): number {
  return Math.min(LOT_DIGITS_MAX, digitsOf(qty.step / lotSize))
}

/** A size with its unit: lots where a lot is more than one unit; of an instrument that is not known, units. */
export function sizeText(size: number, instrument: Sized | undefined): string {
  if (instrument === undefined) return String(size)
  const { lotSize, qty, type } = instrument
  if (lotSize > 1) return `${(size / lotSize).toFixed(Math.max(LOT_DIGITS_MIN, lotDigits({ lotSize, qty })))} lots`
  const unit = type === 'stock' ? (size === 1 ? ' share' : ' shares') : ''
  return `${quantityText(size, qty.step)}${unit}`
}

/** The same by symbol. */
export function sizeOfSymbol(size: number, symbol: string): string {
  return sizeText(size, sizesMet.get(symbol))
}
