import type { QuoteValues } from '../generated/topics.js'
import { wire } from './house.js'

export type Quote = Readonly<QuoteValues>
type Painter = (quote: Quote) => void

/** How often a page that nobody sees is brought up to date. */
const HIDDEN_MS = 1_000

interface Watched {
  painters: Set<Painter>
  quote: Quote | undefined
  /** When it came in; told once more, it is no newer. */
  at: number | undefined
  stop: () => void
}

/** Live quotes outside Vue: of each symbol the newest counts, and painters hear of it at most once a frame. */
const watched = new Map<string, Watched>()
const moved = new Set<string>()
let waiting = false
let heard = 0

/** How many quotes have come in since the page was opened. */
export function quotesHeard(): number {
  return heard
}

/** Hear a symbol's newest quote, at once when it is known; the answer stops it. */
export function watchQuote(symbol: string, painter: Painter): () => void {
  const one = watched.get(symbol) ?? begin(symbol)
  one.painters.add(painter)
  if (one.quote !== undefined) painter(one.quote)
  return () => {
    one.painters.delete(painter)
    if (one.painters.size > 0 || watched.get(symbol) !== one) return
    watched.delete(symbol)
    one.stop()
  }
}

export function quoteOf(symbol: string): Quote | undefined {
  return watched.get(symbol)?.quote
}

/** When the symbol's newest quote came in. */
export function quotedAt(symbol: string): number | undefined {
  return watched.get(symbol)?.at
}

function begin(symbol: string): Watched {
  const one: Watched = { painters: new Set(), quote: undefined, at: undefined, stop: () => {} }
  watched.set(symbol, one)
  one.stop = wire.listen('quotes', { symbol }, (frame) => {
    const told = frame.kind === 'update' ? frame.value : frame.kind === 'state' ? frame.state : undefined
    if (told === undefined || told.s !== 'ok') return
    if (told.v.time === undefined || told.v.time !== one.quote?.time) one.at = Date.now()
    one.quote = told.v
    heard += 1
    moved.add(symbol)
    soon()
  })
  return one
}

function soon(): void {
  if (waiting) return
  waiting = true
  if (document.hidden) setTimeout(paint, HIDDEN_MS)
  else requestAnimationFrame(paint)
}

function paint(): void {
  waiting = false
  for (const symbol of moved) {
    const one = watched.get(symbol)
    if (one?.quote !== undefined) for (const painter of [...one.painters]) painter(one.quote)
  }
  moved.clear()
}
