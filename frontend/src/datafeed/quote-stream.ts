import type { QuoteData } from '../tradingview/datafeed.js'
import type { Heard } from '../wire/topics.js'
import type { Wire } from '../wire/wire.js'

/** Live quotes of a list of symbols: each is told as it comes, those that cannot be had once, as an error. */
export class QuoteStream {
  private readonly stops: (() => void)[]

  constructor(
    wire: Wire,
    symbols: readonly string[],
    private readonly told: (quotes: QuoteData[]) => void,
  ) {
    this.stops = symbols.map((symbol) => wire.listen('quotes', { symbol }, (heard) => this.heard(symbol, heard)))
  }

  stop(): void {
    for (const stop of this.stops) stop()
  }

  private heard(symbol: string, heard: Heard<'quotes'>): void {
    if (heard.kind === 'refused') this.told([{ s: 'error', n: symbol, v: {} }])
    else if (heard.kind === 'update') this.told([knownToCharts({ ...heard.value, n: symbol })])
    else if (heard.kind === 'state' && heard.state !== undefined) this.told([knownToCharts({ ...heard.state, n: symbol })])
  }
}

/** Charts may drop a quote with a field they do not know; these are this server's additions. */
const ADDITIONS: ReadonlySet<string> = new Set(['bid_size', 'ask_size', 'time'])

export function knownToCharts({ s, n, v }: { s: 'ok' | 'error'; n: string; v: object }): QuoteData {
  return { s, n, v: Object.fromEntries(Object.entries(v).filter(([name]) => !ADDITIONS.has(name))) }
}
