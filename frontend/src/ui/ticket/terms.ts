import type { InstrumentInfo } from '../../generated/rest.js'

/** What an order's money depends on: the instrument as the account sees it, and the account's money. */
export interface Terms {
  instrument: InstrumentInfo
  equity: number
  free: number
  currency: string
  /** In which a date is typed. */
  zone?: 'UTC' | 'local'
}

/** One unit moving by one price unit, in the account's currency; absent without a rate. */
export function unitValue({ instrument: { pipValue, pipSize } }: Terms): number | undefined {
  return pipValue === undefined || pipValue === null ? undefined : pipValue / pipSize
}

/** A position's worth in the account's currency. */
export function worth(qty: number, price: number, terms: Terms): number | undefined {
  const rate = unitValue(terms)
  return rate === undefined ? undefined : qty * price * rate
}

export function profit(side: 1 | -1, qty: number, from: number, to: number, terms: Terms): number | undefined {
  const rate = unitValue(terms)
  return rate === undefined ? undefined : side * (to - from) * qty * rate
}

/** Of one fill, in the account's currency. */
export function commission(qty: number, price: number, terms: Terms): number | undefined {
  const rate = unitValue(terms)
  if (rate === undefined || qty === 0) return rate === undefined ? undefined : 0
  const { rate: share = 0, perUnit = 0, minimum = 0 } = terms.instrument.commission
  return Math.max(share * qty * price + perUnit * qty, minimum) * rate
}

export function margin(qty: number, price: number, terms: Terms): number | undefined {
  const value = worth(qty, price, terms)
  return value === undefined ? undefined : value * terms.instrument.marginRate
}
