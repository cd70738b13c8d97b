import { onScopeDispose, shallowRef } from 'vue'
import { type Quote, quoteOf, watchQuote } from '../../state/quotes.js'
import type { Prices } from './ticket.js'

/** Figures follow the price at this pace; the quote itself is painted with every frame. */
const PRICES_MS = 250

/** The best prices of one symbol: the first of a burst at once, its last when the pace allows. */
export function usePrices() {
  const prices = shallowRef<Prices>({})
  let symbol = ''
  let stop = () => {}
  let due = 0
  let late: ReturnType<typeof setTimeout> | undefined

  function take({ bid, ask }: Quote): void {
    clearTimeout(late)
    late = undefined
    due = Date.now() + PRICES_MS
    prices.value = { ...(bid === undefined ? {} : { bid }), ...(ask === undefined ? {} : { ask }) }
  }

  /** The newest, for what is sent now. */
  function catchUp(): void {
    const quote = quoteOf(symbol)
    if (quote !== undefined) take(quote)
  }

  function end(): void {
    stop()
    clearTimeout(late)
    late = undefined
  }

  function watchPrices(id: string): void {
    end()
    symbol = id
    prices.value = {}
    due = 0
    stop = watchQuote(id, (quote) => {
      if (Date.now() >= due) take(quote)
      else late ??= setTimeout(catchUp, due - Date.now())
    })
  }

  onScopeDispose(end)
  return { prices, watchPrices, catchUp }
}
