import { onScopeDispose, type Ref, ref, watch } from 'vue'
import type { DepthLevel } from '../../generated/topics.js'
import { wire } from '../../state/house.js'
import { type Quote, watchQuote } from '../../state/quotes.js'
import { traderWords } from '../../state/words.js'

/** The newest book, outside Vue; whoever paints is told at most once a frame. */
export interface Book {
  bids: readonly DepthLevel[]
  asks: readonly DepthLevel[]
  quote: Quote
}

/** Without a book by then, the best prices are shown, and it is said. */
const BOOK_MS_MAX = 3_000

/** Listens to a symbol's book, and to its best prices where there is none. */
export function useDepth(symbol: Ref<string>, whole: Ref<boolean>, paint: (book: Book) => void) {
  const topOnly = ref(false)
  const trouble = ref('')
  const heardAny = ref(false)
  let book: Book = { bids: [], asks: [], quote: {} }
  let stops: (() => void)[] = []
  let frame = 0
  let late: ReturnType<typeof setTimeout> | undefined

  function soon(): void {
    heardAny.value = true
    if (frame === 0) {
      frame = requestAnimationFrame(() => {
        frame = 0
        paint(book)
      })
    }
  }

  function topOf(quote: Quote): void {
    const { bid, ask, bid_size: bids = 0, ask_size: asks = 0 } = quote
    book = {
      bids: bid === undefined ? [] : [{ price: bid, volume: bids }],
      asks: ask === undefined ? [] : [{ price: ask, volume: asks }],
      quote,
    }
  }

  function begin(): void {
    end()
    book = { bids: [], asks: [], quote: {} }
    heardAny.value = false
    trouble.value = ''
    topOnly.value = !whole.value
    const id = symbol.value
    stops.push(
      watchQuote(id, (quote) => {
        if (topOnly.value) topOf(quote)
        else book = { ...book, quote }
        soon()
      }),
    )
    if (!whole.value) return
    late = setTimeout(() => {
      topOnly.value = book.bids.length === 0 && book.asks.length === 0
      if (topOnly.value) topOf(book.quote)
      soon()
    }, BOOK_MS_MAX)
    stops.push(
      wire.listen('depth', { symbol: id }, (heard) => {
        if (heard.kind === 'refused') {
          trouble.value = traderWords(heard.message)
          topOnly.value = true
          topOf(book.quote)
        } else if (heard.kind === 'update' || (heard.kind === 'state' && heard.state !== undefined)) {
          const { bids, asks } = heard.kind === 'update' ? heard.value : heard.state
          topOnly.value = false
          book = { ...book, bids, asks }
        } else return
        soon()
      }),
    )
  }

  function end(): void {
    for (const stop of stops) stop()
    stops = []
    clearTimeout(late)
    cancelAnimationFrame(frame)
    frame = 0
  }

  watch([symbol, whole], begin, { immediate: true })
  onScopeDispose(end)
  return { topOnly, trouble, heardAny, book: () => book, soon }
}
