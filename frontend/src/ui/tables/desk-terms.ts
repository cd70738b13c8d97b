import { account, equity, instruments } from '../../state/account.js'
import type { Terms } from '../ticket/terms.js'

/** The current account's terms of a symbol, as tables reckon with them. */
export function termsOf(symbol: string): Terms | undefined {
  const instrument = instruments.get(symbol)
  if (instrument === undefined) return undefined
  const { equity: own = 0, marginAvailable: free = 0 } = equity.value ?? {}
  return { instrument, equity: own, free, currency: currency() }
}

export function currency(): string {
  return account.value?.currency ?? 'USD'
}

/** Words for fingers where there is neither a key nor a right button. */
export const byTouch = matchMedia('(pointer: coarse)').matches
