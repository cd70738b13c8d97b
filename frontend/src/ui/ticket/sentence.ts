import type { OrderPreview } from '../../generated/rest.js'
import { moneyText, nameOf, priceText, quantityText } from '../../state/format.js'
import { sizeText } from '../../state/sizes.js'
import { sentence, traderWords } from '../../state/words.js'
import type { PreOrder } from '../../tradingview/broker.js'
import { CLOSED } from './placing.js'
import type { Terms } from './terms.js'

export function unitWords(qty: number, { instrument: { qty: range, baseCurrency, type } }: Terms): string {
  return `${quantityText(qty, Math.max(range.step, 0.00000001))} ${type === 'stock' ? 'shares' : (baseCurrency ?? 'units')}`
}

/** The order as its button says it. */
export function orderWords(order: PreOrder, terms: Terms): string {
  const { minTick } = terms.instrument
  const side = order.side === 1 ? 'Buy' : 'Sell'
  const what = `${side} ${sizeText(order.qty, terms.instrument)} ${nameOf(order.symbol)}`
  const price = (value: number | undefined) => priceText(value, minTick)
  switch (order.type) {
    case 2:
      return `${what} at market`
    case 1:
      return `${what} at ${price(order.limitPrice)}`
    case 3:
      return `${what} stop ${price(order.stopPrice)}`
    case 4:
      return `${what} stop ${price(order.stopPrice)} limit ${price(order.limitPrice)}`
  }
}

export const DURATION_WORDS: Readonly<Record<string, string>> = {
  GTC: 'Until cancelled',
  DAY: 'Today',
  GTD: 'Until date',
  IOC: 'Immediate (IOC)',
  FOK: 'All or nothing (FOK)',
}

export const TYPE_WORDS = { 1: 'Limit', 2: 'Market', 3: 'Stop', 4: 'Stop limit' } as const

/** What a press on a refusal's repair does. */
export function repairWords(field: string | undefined, nearest: number, terms: Terms): string {
  if (field === 'qty') return `Use ${sizeText(nearest, terms.instrument)}`
  if (field === 'amount') return `Use ${moneyText(nearest, terms.currency)}`
  return `Use ${priceText(nearest, terms.instrument.minTick)}`
}

const SHARE_MAX = 999

/** What an order binds of the free margin; one that reduces sets some free. */
export function marginWords(needed: number | undefined, free: number, currency: string): { word: string; said: string } {
  if (needed === undefined) return { word: 'Margin', said: moneyText(undefined) }
  if (needed < 0) return { word: 'Margin set free', said: moneyText(-needed, currency) }
  const percent = (needed / free) * 100
  const share = free <= 0 ? '–' : percent > SHARE_MAX ? `over ${SHARE_MAX} %` : `${percent.toFixed(1)} %`
  return { word: 'Margin', said: `${moneyText(needed || 0, currency)} · ${share} of free` }
}

/** What the server says beside its figures. That a market is closed is said once. */
export function previewNotes(preview: Pick<OrderPreview, 'warnings' | 'errors' | 'refusals'> | undefined) {
  const { warnings = [], errors = [], refusals = [] } = preview ?? {}
  const closed = refusals.some(({ code }) => code === CLOSED)
  const words = (text: string) => sentence(traderWords(text))
  return {
    warnings: warnings.filter((text) => !closed || !/ is closed until .*: nothing fills before$/.test(text)).map(words),
    errors: errors.map(words),
  }
}
