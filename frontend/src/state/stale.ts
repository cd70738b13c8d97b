import { ref } from 'vue'
import { instruments } from './account.js'
import { quotedAt } from './quotes.js'
import { replays } from './replay.js'

/** In an open market a price older than this is shown with its age. */
const STALE_MS = 10_000
/** The server trades on no older one: `core.books.STALE_MS`. */
const TRADED_MS = 60_000
const LOOK_MS = 1_000

const now = ref(Date.now())
setInterval(() => {
  now.value = Date.now()
}, LOOK_MS)

/** Seconds since the symbol's last price, once they are worth a word; of a replay, whose time stands still, never. */
export function staleSeconds(symbol: string): number {
  const age = now.value - (quotedAt(symbol) ?? now.value)
  const past = replays.value.some(({ symbols }) => symbols.includes(symbol))
  return age > STALE_MS && !past && instruments.get(symbol)?.isOpen ? Math.round(age / 1000) : 0
}

/** Why nothing can fill at once, where the server would refuse it. */
export function staleWords(name: string, seconds: number): string | undefined {
  if (seconds * 1_000 <= TRADED_MS) return undefined
  return `The last price of ${name} is ${seconds} s old. What fills at once needs a newer one; a limit order would wait.`
}
