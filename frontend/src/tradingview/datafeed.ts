// What a chart asks of a datafeed, as far as this project uses it. Written from the published behaviour.

export interface DatafeedConfiguration {
  supported_resolutions?: string[]
  supports_marks?: boolean
  supports_timescale_marks?: boolean
  supports_time?: boolean
  exchanges?: { value: string; name: string; desc: string }[]
  symbols_types?: { name: string; value: string }[]
}

/** A resolved symbol. The chart hands it back unchanged; `ticker` names it. */
export interface SymbolInfo {
  name: string
  ticker: string
  description: string
  type: string
  session: string
  timezone: string
  exchange: string
  listed_exchange: string
  format: string
  pricescale: number
  minmov: number
  [field: string]: unknown
}

export interface SearchResult {
  symbol: string
  ticker?: string
  description: string
  exchange: string
  type: string
}

export interface Bar {
  /** UTC milliseconds of the bar's start. */
  time: number
  open: number
  high: number
  low: number
  close: number
  volume?: number
}

export interface PeriodParams {
  /** UTC seconds, inclusive; `countBack` goes before it. */
  from: number
  /** UTC seconds, exclusive. */
  to: number
  countBack: number
  firstDataRequest: boolean
}

export interface HistoryMetadata {
  noData?: boolean
  nextTime?: number | null
}

export interface QuoteData {
  s: 'ok' | 'error'
  n: string
  v: Record<string, unknown>
}

/** Both sides ascend by price. */
export interface DOMData {
  snapshot: boolean
  asks: { price: number; volume: number }[]
  bids: { price: number; volume: number }[]
}

export interface Mark {
  id: string | number
  time: number
  color: unknown
  text: string
  label: string
  labelFontColor: string
  minSize: number
}

export interface TimescaleMark {
  id: string | number
  time: number
  color: string
  label: string
  tooltip: string[]
}

export interface Datafeed {
  onReady(done: (configuration: DatafeedConfiguration) => void): void
  searchSymbols(text: string, exchange: string, type: string, done: (found: SearchResult[]) => void): void
  resolveSymbol(name: string, done: (symbol: SymbolInfo) => void, failed: (reason: string) => void, extension?: object): void
  getBars(
    symbol: SymbolInfo,
    resolution: string,
    period: PeriodParams,
    done: (bars: Bar[], meta: HistoryMetadata) => void,
    failed: (reason: string) => void,
  ): void
  subscribeBars(
    symbol: SymbolInfo,
    resolution: string,
    tick: (bar: Bar) => void,
    listenerGuid: string,
    resetCache: () => void,
  ): void
  unsubscribeBars(listenerGuid: string): void
  getServerTime?(done: (seconds: number) => void): void
  getMarks?(symbol: SymbolInfo, from: number, to: number, done: (marks: Mark[]) => void, resolution: string): void
  getTimescaleMarks?(
    symbol: SymbolInfo,
    from: number,
    to: number,
    done: (marks: TimescaleMark[]) => void,
    resolution: string,
  ): void
  getQuotes(symbols: string[], done: (quotes: QuoteData[]) => void, failed: (reason: string) => void): void
  subscribeQuotes(symbols: string[], fastSymbols: string[], done: (quotes: QuoteData[]) => void, listenerGuid: string): void
  unsubscribeQuotes(listenerGuid: string): void
  subscribeDepth?(symbol: string, done: (depth: DOMData) => void): string
  unsubscribeDepth?(subscriberId: string): void
}
