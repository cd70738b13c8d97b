/** Subscriptions to bars, quotes or depth that a chart may hold at a time, each kind apart. */
export const SUBSCRIPTIONS_MAX = 1000

/** Rows a search answers with. */
export const SEARCH_ROWS = 30

/** Symbols asked for in one request for quotes; more are asked for in several. */
export const QUOTES_MAX = 100

/** How often the bars of a symbol in another currency are asked for: the wire tells prices in the symbol's own. */
export const POLL_EVERY_MS = 3_000
