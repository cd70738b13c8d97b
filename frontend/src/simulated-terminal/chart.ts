import type {
  Bar,
  Datafeed,
  DatafeedConfiguration,
  DOMData,
  QuoteData,
  SearchResult,
  SymbolInfo,
} from '../tradingview/datafeed.js'
import { type Clock, wallClock } from '../wire/clock.js'
import { type Complaint, type ComplaintCode, Complaints } from './complaints.js'
import { PAGES_MAX, UPDATE_MS_MAX } from './limits.js'
import { positive } from './order-rules.js'
import { Waiting } from './waiting.js'

/** Drives any datafeed as a chart, a watchlist and a ladder do, and complains. */
export class SimulatedChart {
  readonly waiting: Waiting
  readonly quotes = new Map<string, QuoteData>()
  private readonly found: Complaints
  private listeners = 0

  constructor(
    private readonly datafeed: Datafeed,
    private readonly clock: Clock = wallClock,
  ) {
    this.found = new Complaints(clock)
    this.waiting = new Waiting(clock)
  }

  get complaints(): readonly Complaint[] {
    return this.found.list
  }

  get codes(): ComplaintCode[] {
    return this.found.codes
  }

  async ready(): Promise<DatafeedConfiguration> {
    const configuration = await this.answer<DatafeedConfiguration>('onReady', (done) => this.datafeed.onReady(done))
    this.found.expect(Array.isArray(configuration.supported_resolutions), 'bad-configuration', JSON.stringify(configuration))
    return configuration
  }

  search(text: string): Promise<SearchResult[]> {
    return this.answer('searchSymbols', (done) => this.datafeed.searchSymbols(text, '', '', done))
  }

  async resolve(name: string, extension?: object): Promise<SymbolInfo> {
    const symbol = await this.answer<SymbolInfo>('resolveSymbol', (done, failed) =>
      this.datafeed.resolveSymbol(name, done, failed, extension),
    )
    const { pricescale, minmov, session, timezone } = symbol
    const fine = positive(pricescale) && positive(minmov) && typeof session === 'string' && typeof timezone === 'string'
    this.found.expect(fine, 'bad-symbol', JSON.stringify(symbol))
    return symbol
  }

  /** The newest bars and then older ones, page by page, until there are enough or there is nothing older. */
  async history(symbol: SymbolInfo, resolution: string, bars: number, page = 300): Promise<Bar[]> {
    let all: Bar[] = []
    let to = Math.ceil(this.clock.now() / 1000) + 1
    for (let asked = 0; all.length < bars; asked += 1) {
      if (
        !this.found.expect(
          asked < PAGES_MAX,
          'endless-history',
          `${symbol.ticker} ${resolution}: no end after ${PAGES_MAX} requests`,
        )
      )
        break
      const { older, over } = await this.page(symbol, resolution, { to, countBack: page, first: asked === 0 })
      this.checkPage(symbol, older, all[0], to)
      all = [...older, ...all]
      if (over) break
      to = Math.floor((older[0]?.time ?? to * 1000) / 1000)
    }
    return all
  }

  /** Live bars on top of a history; the answer stops them. */
  live(
    symbol: SymbolInfo,
    resolution: string,
    history: readonly Bar[],
    told: (bar: Bar) => void = () => {},
    reset: () => void = () => {},
  ): () => void {
    const guid = `${symbol.ticker}-${resolution}-${++this.listeners}`
    let last = history.at(-1)?.time ?? Number.NEGATIVE_INFINITY
    const tick = this.outside('subscribeBars', (bar: Bar) => {
      this.checkBar(symbol, bar)
      this.found.expect(bar.time >= last, 'time-violation', `${symbol.ticker}: a bar of ${bar.time} came after one of ${last}`)
      last = Math.max(last, bar.time)
      told(bar)
      this.waiting.happened()
    })
    tick.inside = true
    this.datafeed.subscribeBars(symbol, resolution, tick.call, guid, reset)
    tick.inside = false
    return () => this.datafeed.unsubscribeBars(guid)
  }

  async quotesOf(symbols: string[]): Promise<QuoteData[]> {
    const quotes = await this.answer<QuoteData[]>('getQuotes', (done, failed) => this.datafeed.getQuotes(symbols, done, failed))
    const missing = symbols.filter((symbol) => !quotes.some(({ n }) => n === symbol))
    this.found.expect(missing.length === 0, 'quotes-missing', `no quote of ${missing.join(', ')}`)
    for (const quote of quotes) this.checkQuote(quote, symbols)
    return quotes
  }

  /** Live quotes; the answer stops them. */
  watch(symbols: string[]): () => void {
    const guid = `quotes-${++this.listeners}`
    const told = this.outside('subscribeQuotes', (quotes: QuoteData[]) => {
      for (const quote of quotes) {
        this.checkQuote(quote, symbols)
        this.quotes.set(quote.n, quote)
      }
      this.waiting.happened()
    })
    told.inside = true
    this.datafeed.subscribeQuotes(symbols, symbols, told.call, guid)
    told.inside = false
    return () => this.datafeed.unsubscribeQuotes(guid)
  }

  /** The book of a symbol; the answer stops it. */
  ladder(symbol: string, told: (depth: DOMData) => void): () => void {
    const check = this.outside('subscribeDepth', (depth: DOMData) => {
      const ascends = (levels: DOMData['asks']) =>
        levels.every(({ price }, index) => index === 0 || price > (levels[index - 1]?.price ?? 0))
      const [bid, ask] = [depth.bids.at(-1)?.price ?? 0, depth.asks[0]?.price ?? Number.POSITIVE_INFINITY]
      this.found.expect(
        ascends(depth.bids) && ascends(depth.asks) && bid < ask,
        'bad-depth',
        `${symbol}: ${JSON.stringify(depth)}`,
      )
      told(depth)
      this.waiting.happened()
    })
    check.inside = true
    const id = this.datafeed.subscribeDepth?.(symbol, check.call) ?? ''
    check.inside = false
    return () => this.datafeed.unsubscribeDepth?.(id)
  }

  async serverTime(): Promise<number> {
    return this.answer('getServerTime', (done) => this.datafeed.getServerTime?.(done))
  }

  private async page(
    symbol: SymbolInfo,
    resolution: string,
    { to, countBack, first }: { to: number; countBack: number; first: boolean },
  ) {
    const period = { from: to - countBack * 60, to, countBack, firstDataRequest: first }
    let over = false
    const older = await this.answer<Bar[]>('getBars', (done, failed) =>
      this.datafeed.getBars(
        symbol,
        resolution,
        period,
        (bars, meta) => {
          over = meta.noData === true
          done(bars)
        },
        failed,
      ),
    )
    return { older, over }
  }

  private checkPage({ ticker }: SymbolInfo, bars: readonly Bar[], next: Bar | undefined, to: number): void {
    for (const [index, bar] of bars.entries()) {
      this.checkBar({ ticker }, bar)
      const before = bars[index - 1]
      if (before === undefined) continue
      this.found.expect(bar.time !== before.time, 'duplicate-bar-times', `${ticker}: two bars of ${bar.time}`)
      this.found.expect(bar.time >= before.time, 'bars-not-ascending', `${ticker}: ${bar.time} after ${before.time}`)
    }
    const last = bars.at(-1)
    if (last !== undefined && next !== undefined) {
      this.found.expect(
        last.time < to * 1000,
        'bar-at-to',
        `${ticker}: asked for bars before ${to * 1000}, found one of ${last.time}`,
      )
    }
  }

  private checkBar({ ticker }: Pick<SymbolInfo, 'ticker'>, { time, open, high, low, close, volume = 0 }: Bar): void {
    const inside = low <= Math.min(open, close) && Math.max(open, close) <= high
    // A time in seconds would lie in January 1970.
    const fine = [open, high, low, close].every(positive) && inside && volume >= 0 && time > 1e11
    this.found.expect(fine, 'bad-bar', `${ticker}: ${JSON.stringify({ time, open, high, low, close, volume })}`)
  }

  private checkQuote({ s, n, v }: QuoteData, symbols: readonly string[]): void {
    if (!this.found.expect(symbols.includes(n), 'quotes-missing', `a quote of ${n}, which was not asked for`) || s === 'error')
      return
    const prices = [v['lp'], v['bid'], v['ask']].filter((price) => price !== undefined)
    this.found.expect(prices.every(positive), 'bad-quote', `${n}: ${JSON.stringify(v)}`)
    const unknown = Object.keys(v).filter((name) => !QUOTE_FIELDS.has(name))
    this.found.expect(unknown.length === 0, 'bad-quote', `${n}: a chart knows no ${unknown.join(', ')}`)
  }

  /** One answer of a method with callbacks: exactly one, later, and not from inside the call. */
  private async answer<T>(
    method: string,
    ask: (done: (value: T) => void, failed: (reason: string) => void) => void,
  ): Promise<T> {
    const answers: ({ value: T } | { reason: string })[] = []
    let inside = true
    const take = (answer: (typeof answers)[number]) => {
      this.found.expect(!inside, 'synchronous-callback', `${method} called back from inside the call`)
      answers.push(answer)
      this.found.expect(answers.length < 2, 'callback-twice', `${method} called back ${answers.length} times`)
      this.waiting.happened()
    }
    ask(
      (value) => take({ value }),
      (reason) => {
        this.found.expect(typeof reason === 'string', 'error-not-a-string', `${method} failed with ${typeof reason}`)
        take({ reason: String(reason) })
      },
    )
    inside = false
    await this.waiting.until(() => answers.length > 0, UPDATE_MS_MAX)
    const [first] = answers
    if (first !== undefined && 'value' in first) return first.value
    if (first === undefined)
      this.found.make('callback-missing', `${method} did not call back within ${UPDATE_MS_MAX / 1000} seconds`)
    throw new Error(first?.reason ?? `${method} did not answer`)
  }

  private outside<T>(method: string, act: (value: T) => void): { inside: boolean; call(value: T): void } {
    const watched = {
      inside: false,
      call: (value: T) => {
        this.found.expect(!watched.inside, 'synchronous-callback', `${method} called back from inside the call`)
        act(value)
      },
    }
    return watched
  }
}

const QUOTE_FIELDS: ReadonlySet<string> = new Set(
  'ch chp short_name exchange description original_name lp ask bid spread open_price high_price low_price prev_close_price volume rtc rtc_time rch rchp'.split(
    ' ',
  ),
)
