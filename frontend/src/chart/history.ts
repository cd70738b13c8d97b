import type { Bar, Datafeed, SymbolInfo } from '../tradingview/datafeed.js'

/** Bars asked for at a time, and bars kept: beyond it nothing older is asked for, and the oldest go. */
export const PAGE_BARS = 500
export const BARS_MAX = 20_000
/** The oldest go this many at a time, since every time all bars are drawn anew. */
const SPARE_BARS = 2_000

export type HistoryState =
  | { kind: 'loading' }
  | { kind: 'ready' }
  | { kind: 'empty' }
  /** `fatal`: nothing is shown; otherwise only older bars are missing. */
  | { kind: 'failed'; message: string; fatal: boolean }

export interface HistoryEars {
  state(state: HistoryState): void
  resolved(symbol: SymbolInfo): void
  /** All bars there are; `more` may be older. */
  whole(bars: readonly Bar[], more: boolean): void
  older(bars: readonly Bar[], more: boolean): void
  tick(bar: Bar): void
}

interface Surroundings {
  now: () => number
  /** Runs an act with the next frame. */
  frame: (act: () => void) => void
}

/** One symbol's bars at one resolution: pages of the past as they are scrolled to, and what happens now, at most once a frame. */
export class History {
  bars: Bar[] = []
  private symbol: SymbolInfo | undefined
  private resolution = ''
  private visit = 0
  private ready = false
  private asking = false
  private waiting: Bar[] = []
  private framed = false
  private guid = ''

  constructor(
    private readonly datafeed: Datafeed,
    private readonly ears: HistoryEars,
    private readonly around: Surroundings,
  ) {}

  open(name: string, resolution: string): void {
    this.close()
    this.resolution = resolution
    const visit = this.visit
    this.ears.state({ kind: 'loading' })
    this.datafeed.resolveSymbol(
      name,
      (symbol) => {
        if (visit !== this.visit) return
        this.symbol = symbol
        this.ears.resolved(symbol)
        this.listen(symbol, visit)
        this.load(visit)
      },
      (reason) => this.failed(visit, reason),
    )
  }

  /** Everything once more: the past may have changed. */
  reload(): void {
    if (this.symbol === undefined) return
    this.ready = this.asking = false
    this.waiting = []
    this.load(this.visit)
  }

  older(): void {
    const first = this.bars[0]
    if (first === undefined || this.asking || !this.ready) return
    this.asking = true
    const visit = this.visit
    this.page(
      first.time,
      (bars) => {
        if (visit !== this.visit || !this.ready) return
        this.asking = false
        const fresh = bars.filter(({ time }) => time < first.time)
        this.bars = [...fresh, ...this.bars]
        this.ears.older(fresh, fresh.length > 0 && this.bars.length < BARS_MAX)
      },
      (reason) => {
        if (visit !== this.visit) return
        this.asking = false
        this.ears.older([], false)
        this.ears.state({ kind: 'failed', message: reason, fatal: false })
      },
    )
  }

  close(): void {
    if (this.guid !== '') this.datafeed.unsubscribeBars(this.guid)
    this.guid = ''
    this.visit += 1
    this.symbol = undefined
    this.ready = this.asking = false
    this.bars = []
    this.waiting = []
  }

  private load(visit: number): void {
    this.page(
      undefined,
      (bars) => {
        if (visit !== this.visit) return
        this.bars = [...bars]
        this.ready = true
        this.ears.whole(this.bars, bars.length > 0)
        this.ears.state({ kind: bars.length === 0 && this.waiting.length === 0 ? 'empty' : 'ready' })
        this.flush()
      },
      (reason) => this.failed(visit, reason),
    )
  }

  private failed(visit: number, message: string): void {
    if (visit === this.visit) this.ears.state({ kind: 'failed', message, fatal: true })
  }

  /** Bars before a time; without one, up to now. In a replay the server ends them at the replay's own now. */
  private page(before: number | undefined, done: (bars: Bar[]) => void, failed: (reason: string) => void): void {
    if (this.symbol === undefined) return
    const to = before === undefined ? Math.ceil(this.around.now() / 1000) + 1 : Math.floor(before / 1000)
    const period = { from: to - 1, to, countBack: PAGE_BARS, firstDataRequest: before === undefined }
    this.datafeed.getBars(this.symbol, this.resolution, period, done, failed)
  }

  private listen(symbol: SymbolInfo, visit: number): void {
    this.guid = `chart-${visit}-${symbol.ticker}-${this.resolution}`
    const tick = (bar: Bar) => {
      if (visit === this.visit) this.heard(bar)
    }
    this.datafeed.subscribeBars(symbol, this.resolution, tick, this.guid, () => {
      if (visit === this.visit) this.reload()
    })
  }

  private heard(bar: Bar): void {
    if (this.waiting.at(-1)?.time === bar.time) this.waiting[this.waiting.length - 1] = bar
    else this.waiting.push(bar)
    if (this.framed) return
    this.framed = true
    this.around.frame(() => {
      this.framed = false
      this.flush()
    })
  }

  private flush(): void {
    if (!this.ready) return
    const empty = this.bars.length === 0
    const heard = this.waiting.filter(({ time }) => time >= (this.bars.at(-1)?.time ?? 0))
    this.waiting = []
    for (const bar of heard) {
      if (this.bars.at(-1)?.time === bar.time) this.bars[this.bars.length - 1] = bar
      else this.bars.push(bar)
    }
    if (heard.length === 0) return
    if (empty || this.bars.length > BARS_MAX + SPARE_BARS) {
      this.bars = this.bars.slice(-BARS_MAX)
      this.ears.whole(this.bars, false)
      this.ears.state({ kind: 'ready' })
    } else for (const bar of heard) this.ears.tick(bar)
  }
}
