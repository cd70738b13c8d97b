import type { Marks } from '../generated/rest.js'
import type { Rest } from '../rest/client.js'
import type {
  Bar,
  Datafeed,
  DOMData,
  HistoryMetadata,
  Mark,
  PeriodParams,
  QuoteData,
  SearchResult,
  SymbolInfo,
  TimescaleMark,
} from '../tradingview/datafeed.js'
import { type Clock, wallClock } from '../wire/clock.js'
import type { Heard } from '../wire/topics.js'
import type { Wire } from '../wire/wire.js'
import { BarStream } from './bar-stream.js'
import { QUOTES_MAX, SEARCH_ROWS, SUBSCRIPTIONS_MAX } from './limits.js'
import { PolledBars } from './polled-bars.js'
import { knownToCharts, QuoteStream } from './quote-stream.js'

export interface DatafeedOptions {
  rest: Rest
  wire: Wire
  clock?: Clock
  /** After a chart was told to forget its bars, as after a cut: its widget's `activeChart().resetData()` makes it ask again. */
  onReset?: () => void
}

/** Charts' data from this server: history and searches over REST, everything live over the wire. */
export function createDatafeed(options: DatafeedOptions): HouseDatafeed {
  return new HouseDatafeed(options)
}

export class HouseDatafeed implements Datafeed {
  private readonly rest: Rest
  private readonly wire: Wire
  private readonly clock: Clock
  private readonly onReset: () => void
  private readonly bars = new Map<string, { stop(): void }>()
  private readonly quotes = new Map<string, QuoteStream>()
  private readonly depths = new Map<string, { stop(): void }>()
  private depthsBegun = 0

  constructor({ rest, wire, clock = wallClock, onReset = () => {} }: DatafeedOptions) {
    this.rest = rest
    this.wire = wire
    this.clock = clock
    this.onReset = onReset
  }

  onReady(done: (configuration: Awaited<ReturnType<HouseDatafeed['configuration']>>) => void): void {
    this.hand(this.configuration(), done, (reason) => {
      throw new Error(reason)
    })
  }

  searchSymbols(text: string, exchange: string, type: string, done: (found: SearchResult[]) => void): void {
    const query = { query: text, exchange, type, limit: SEARCH_ROWS }
    const found = this.rest.ask((signal) => this.rest.calls.GET('/api/v1/datafeed/search', { params: { query }, signal }))
    this.hand(found as Promise<SearchResult[]>, done, () => done([]))
  }

  resolveSymbol(
    name: string,
    done: (symbol: SymbolInfo) => void,
    failed: (reason: string) => void,
    extension: Extension = {},
  ): void {
    const query = { symbol: name, ...conversion(extension.currencyCode) }
    const found = this.rest.ask((signal) => this.rest.calls.GET('/api/v1/datafeed/symbols', { params: { query }, signal }))
    this.hand(found as Promise<unknown> as Promise<SymbolInfo>, done, failed)
  }

  getBars(
    symbol: SymbolInfo,
    resolution: string,
    period: PeriodParams,
    done: (bars: Bar[], meta: HistoryMetadata) => void,
    failed: (reason: string) => void,
  ): void {
    this.hand(this.history(symbol, resolution, period), (bars) => done(bars, { noData: bars.length === 0 }), failed)
  }

  subscribeBars(
    symbol: SymbolInfo,
    resolution: string,
    tick: (bar: Bar) => void,
    listenerGuid: string,
    resetCache: () => void,
  ): void {
    const later = this.later
    const reset = () => {
      resetCache()
      this.onReset()
    }
    const ears = { tick: (bar: Bar) => later(() => tick(bar)), resetCache: () => later(reset) }
    this.keep(this.bars, listenerGuid, () =>
      converted(symbol) === undefined
        ? new BarStream(this.wire, symbol.ticker, resolution, ears)
        : new PolledBars(this.clock, (period) => this.history(symbol, resolution, period), ears.tick),
    )
  }

  unsubscribeBars(listenerGuid: string): void {
    this.bars.get(listenerGuid)?.stop()
    this.bars.delete(listenerGuid)
  }

  getServerTime(done: (seconds: number) => void): void {
    const time = this.rest.ask((signal) => this.rest.calls.GET('/api/v1/datafeed/time', { signal }))
    this.hand(time, done, () => {})
  }

  getMarks(symbol: SymbolInfo, from: number, to: number, done: (marks: Mark[]) => void, resolution: string): void {
    const query = { symbol: symbol.ticker, from, to, resolution }
    const found = this.rest.ask((signal) => this.rest.calls.GET('/api/v1/datafeed/marks', { params: { query }, signal }))
    this.hand(
      found as Promise<Marks>,
      (marks) => done(inMarks(marks)),
      () => done([]),
    )
  }

  getTimescaleMarks(
    symbol: SymbolInfo,
    from: number,
    to: number,
    done: (marks: TimescaleMark[]) => void,
    resolution: string,
  ): void {
    const query = { symbol: symbol.ticker, from, to, resolution }
    const found = this.rest.ask((signal) =>
      this.rest.calls.GET('/api/v1/datafeed/timescale_marks', { params: { query }, signal }),
    )
    this.hand(found as Promise<TimescaleMark[]>, done, () => done([]))
  }

  getQuotes(symbols: string[], done: (quotes: QuoteData[]) => void, failed: (reason: string) => void): void {
    this.hand(this.quotesOf(symbols), done, failed)
  }

  subscribeQuotes(symbols: string[], fastSymbols: string[], done: (quotes: QuoteData[]) => void, listenerGuid: string): void {
    const wanted = [...new Set([...symbols, ...fastSymbols])]
    this.keep(this.quotes, listenerGuid, () => new QuoteStream(this.wire, wanted, (quotes) => this.later(() => done(quotes))))
  }

  unsubscribeQuotes(listenerGuid: string): void {
    this.quotes.get(listenerGuid)?.stop()
    this.quotes.delete(listenerGuid)
  }

  subscribeDepth(symbol: string, done: (depth: DOMData) => void): string {
    const id = `depth-${++this.depthsBegun}`
    this.keep(this.depths, id, () => ({ stop: this.wire.listen('depth', { symbol }, (heard) => this.book(heard, done)) }))
    return id
  }

  unsubscribeDepth(subscriberId: string): void {
    this.depths.get(subscriberId)?.stop()
    this.depths.delete(subscriberId)
  }

  /** Ends every subscription; nothing is called afterwards. */
  dispose(): void {
    for (const id of [...this.bars.keys()]) this.unsubscribeBars(id)
    for (const id of [...this.quotes.keys()]) this.unsubscribeQuotes(id)
    for (const id of [...this.depths.keys()]) this.unsubscribeDepth(id)
  }

  private book(heard: Heard<'depth'>, done: (depth: DOMData) => void): void {
    const depth = heard.kind === 'state' ? heard.state : heard.kind === 'update' ? heard.value : undefined
    if (depth === undefined) return
    const { asks, bids } = depth
    this.later(() => done({ snapshot: true, asks: [...asks], bids: [...bids] }))
  }

  private configuration() {
    return this.rest.ask((signal) => this.rest.calls.GET('/api/v1/datafeed/config', { signal }))
  }

  private async history(symbol: SymbolInfo, resolution: string, { from, to, countBack }: PeriodParams): Promise<Bar[]> {
    const query = { symbol: symbol.ticker, resolution, from, to, countback: countBack, ...conversion(converted(symbol)) }
    const found = await this.rest.ask((signal) =>
      this.rest.calls.GET('/api/v1/datafeed/history', { params: { query }, signal }),
    )
    return found.s === 'ok' ? inRows(found) : []
  }

  private async quotesOf(symbols: readonly string[]): Promise<QuoteData[]> {
    const parts = Array.from({ length: Math.ceil(symbols.length / QUOTES_MAX) }, (_, index) =>
      symbols.slice(index * QUOTES_MAX, (index + 1) * QUOTES_MAX),
    )
    const found = await Promise.all(
      parts.map((part) =>
        this.rest.ask((signal) => this.rest.calls.POST('/api/v1/datafeed/quotes', { body: { symbols: part }, signal })),
      ),
    )
    return (found as QuoteData[][]).flat().map(knownToCharts)
  }

  private keep<S extends { stop(): void }>(streams: Map<string, S>, id: string, begin: () => S): void {
    streams.get(id)?.stop()
    if (!streams.has(id) && streams.size >= SUBSCRIPTIONS_MAX) {
      throw new RangeError(`Expected at most ${SUBSCRIPTIONS_MAX} subscriptions of one kind, found one more: ${id}`)
    }
    streams.set(id, begin())
  }

  // A chart must never be called from inside its own call, and an answer that came at once would be.
  private readonly later = (act: () => void): void => {
    this.clock.after(0, act)
  }

  private hand<T>(promised: Promise<T>, done: (value: T) => void, failed: (reason: string) => void): void {
    promised.then(
      (value) => this.later(() => done(value)),
      (reason) => this.later(() => failed(reason instanceof Error ? reason.message : String(reason))),
    )
  }
}

interface Extension {
  currencyCode?: string
}

/** The currency a symbol's prices are told in, where that is not its own. */
function converted({ currency_code: told, original_currency_code: own }: SymbolInfo): string | undefined {
  return typeof told === 'string' && typeof own === 'string' && told !== own ? told : undefined
}

function conversion(currencyCode: string | undefined): { currencyCode?: string } {
  return currencyCode === undefined ? {} : { currencyCode }
}

function inMarks({ id, time, color, text, label, labelFontColor, minSize }: Marks): Mark[] {
  return id.map((one, index) => ({
    id: one,
    time: time[index] as number,
    color: color[index] as string,
    text: text[index] as string,
    label: label[index] as string,
    labelFontColor: labelFontColor[index] as string,
    minSize: minSize[index] as number,
  }))
}

interface Columns {
  t: number[]
  o: number[]
  h: number[]
  l: number[]
  c: number[]
  v?: number[]
}

function inRows({ t, o, h, l, c, v }: Columns): Bar[] {
  return t.map((seconds, index) => {
    const close = c[index] as number
    const bar = { time: seconds * 1000, open: o[index] ?? close, high: h[index] ?? close, low: l[index] ?? close, close }
    return v === undefined ? bar : { ...bar, volume: v[index] ?? 0 }
  })
}
