import type {
  Bar,
  Datafeed,
  DOMData,
  HistoryMetadata,
  PeriodParams,
  QuoteData,
  SymbolInfo,
} from '../../src/tradingview/datafeed.js'
import type { Clock } from '../../src/wire/clock.js'

export const SYMBOL = 'PAPER:ONE'
const MINUTE_MS = 60_000
const BARS = 50

/** A small datafeed that does everything right, of minutes that end now. Made to be broken on purpose. */
export class PaperDatafeed implements Datafeed {
  protected readonly bars: Bar[]

  constructor(protected readonly clock: Clock) {
    const last = Math.floor(clock.now() / MINUTE_MS) * MINUTE_MS
    this.bars = Array.from({ length: BARS }, (_, index) => this.bar(last - (BARS - 1 - index) * MINUTE_MS))
  }

  onReady(done: (configuration: { supported_resolutions?: string[] }) => void): void {
    this.later(() => done({ supported_resolutions: ['1'] }))
  }

  searchSymbols(_text: string, _exchange: string, _type: string, done: (found: never[]) => void): void {
    this.later(() => done([]))
  }

  resolveSymbol(name: string, done: (symbol: SymbolInfo) => void, failed: (reason: string) => void): void {
    this.later(() => (name === SYMBOL ? done(this.symbol()) : failed('unknown_symbol')))
  }

  getBars(
    _symbol: SymbolInfo,
    _resolution: string,
    period: PeriodParams,
    done: (bars: Bar[], meta: HistoryMetadata) => void,
    _failed: (reason: string) => void,
  ): void {
    const bars = this.page(period)
    this.later(() => done(bars, { noData: bars.length === 0 }))
  }

  subscribeBars(_symbol: SymbolInfo, _resolution: string, tick: (bar: Bar) => void, _guid: string, _reset: () => void): void {
    this.later(() => tick(this.bars.at(-1) as Bar))
    this.clock.after(50, () => tick(this.bar((this.bars.at(-1) as Bar).time + MINUTE_MS)))
  }
  unsubscribeBars(): void {}

  getQuotes(symbols: string[], done: (quotes: QuoteData[]) => void, _failed: (reason: string) => void): void {
    this.later(() => done(symbols.map((n) => ({ s: 'ok', n, v: { lp: 1, bid: 1, ask: 1.1 } }))))
  }
  subscribeQuotes(symbols: string[], _fast: string[], done: (quotes: QuoteData[]) => void): void {
    this.getQuotes(symbols, done, () => {})
  }
  unsubscribeQuotes(): void {}

  subscribeDepth(_symbol: string, done: (depth: DOMData) => void): string {
    const level = (price: number) => ({ price, volume: 1 })
    this.later(() => done({ snapshot: true, bids: [level(0.9), level(1)], asks: [level(1.1), level(1.2)] }))
    return 'depth'
  }
  unsubscribeDepth(): void {}

  getServerTime(done: (seconds: number) => void): void {
    this.later(() => done(Math.floor(this.clock.now() / 1000)))
  }

  protected page({ to, countBack }: PeriodParams): Bar[] {
    return this.bars.filter(({ time }) => time < to * 1000).slice(-countBack)
  }

  protected symbol(): SymbolInfo {
    const words = { description: 'One', type: 'stock', exchange: 'PAPER', listed_exchange: 'PAPER', format: 'price' }
    return { name: 'ONE', ticker: SYMBOL, ...words, session: '24x7', timezone: 'Etc/UTC', pricescale: 100, minmov: 1 }
  }

  protected bar(time: number): Bar {
    return { time, open: 1, high: 1.2, low: 0.9, close: 1.1, volume: 3 }
  }

  protected later(act: () => void): void {
    this.clock.after(0, act)
  }
}
