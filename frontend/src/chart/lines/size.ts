import type { InstrumentInfo } from '../../generated/rest.js'
import { digitsOf, quantityText } from '../../state/format.js'

const DIGITS = { min: 2, max: 8 }

/** A size as the tables write it: in lots where a lot is more than one unit. */
export function sizeText(qty: number, instrument: Pick<InstrumentInfo, 'lotSize' | 'qty' | 'type'>): string {
  const { lotSize, qty: range, type } = instrument
  if (lotSize > 1) {
    const digits = Math.max(DIGITS.min, Math.min(DIGITS.max, digitsOf(range.step / lotSize)))
    return `${(qty / lotSize).toFixed(digits)} lots`
  }
  const unit = type === 'stock' ? (qty === 1 ? ' share' : ' shares') : ''
  return `${quantityText(qty, range.step)}${unit}`
}
