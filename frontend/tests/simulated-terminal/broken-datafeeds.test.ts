import { describe, expect, it } from 'vitest'
import { SimulatedChart } from '../../src/simulated-terminal/chart.js'
import type { ComplaintCode, DatafeedComplaint } from '../../src/simulated-terminal/complaints.js'
import type { Bar, DOMData, HistoryMetadata, PeriodParams, QuoteData, SymbolInfo } from '../../src/tradingview/datafeed.js'
import type { Clock } from '../../src/wire/clock.js'
import { FakeClock } from '../fakes/clock.js'
import { PaperDatafeed, SYMBOL } from '../fakes/paper-datafeed.js'

type Class = new (clock: Clock) => PaperDatafeed

async function look(Maker: Class): Promise<{ codes: ComplaintCode[]; finished: boolean }> {
  const clock = new FakeClock()
  const datafeed = new Maker(clock)
  const chart = new SimulatedChart(datafeed, clock)
  const play = async () => {
    await chart.ready()
    await chart.search('one')
    await chart.serverTime()
    const symbol = await chart.resolve(SYMBOL)
    const bars = await chart.history(symbol, '1', 1_000, 20)
    const stops = [chart.live(symbol, '1', bars), chart.watch([SYMBOL]), chart.ladder(SYMBOL, () => {})]
    await chart.quotesOf([SYMBOL])
    await new Promise<void>((resolve) => clock.after(200, resolve))
    for (const stop of stops) stop()
    await chart.resolve('no such').catch(() => {})
  }
  const over = play().then(
    () => true,
    () => false,
  )
  await clock.pass(100_000, 3_000)
  return { codes: chart.codes, finished: await over }
}

/** One broken datafeed for each complaint, and nothing else may be complained about. */
const BROKEN: Record<DatafeedComplaint, Class> = {
  'synchronous-callback': class extends PaperDatafeed {
    override searchSymbols(_text: string, _exchange: string, _type: string, done: (found: never[]) => void) {
      done([])
    }
  },
  'callback-twice': class extends PaperDatafeed {
    override getServerTime(done: (seconds: number) => void) {
      this.later(() => {
        done(1)
        done(2)
      })
    }
  },
  'callback-missing': class extends PaperDatafeed {
    override onReady() {}
  },
  'error-not-a-string': class extends PaperDatafeed {
    override resolveSymbol(name: string, done: (symbol: SymbolInfo) => void, failed: (reason: string) => void) {
      super.resolveSymbol(name, done, (reason) => failed(new Error(reason) as never))
    }
  },
  'bad-configuration': class extends PaperDatafeed {
    override onReady(done: (configuration: { supported_resolutions?: string[] }) => void) {
      this.later(() => done({}))
    }
  },
  'bad-symbol': class extends PaperDatafeed {
    protected override symbol() {
      return { ...super.symbol(), pricescale: 0 }
    }
  },
  'bad-bar': class extends PaperDatafeed {
    protected override bar(time: number) {
      return { ...super.bar(time), low: 5 }
    }
  },
  'bars-not-ascending': class extends PaperDatafeed {
    protected override page(period: PeriodParams) {
      const [first, second, ...rest] = super.page(period)
      return first === undefined || second === undefined ? [] : [second, first, ...rest]
    }
  },
  'duplicate-bar-times': class extends PaperDatafeed {
    protected override page(period: PeriodParams) {
      const bars = super.page(period)
      return bars.length === 0 ? [] : [...bars, bars.at(-1) as Bar]
    }
  },
  'bar-at-to': class extends PaperDatafeed {
    protected override page({ to, ...rest }: PeriodParams) {
      return super.page({ ...rest, to: rest.firstDataRequest ? to : to + 1 })
    }
    override getBars(
      symbol: SymbolInfo,
      resolution: string,
      period: PeriodParams,
      done: (bars: Bar[], meta: HistoryMetadata) => void,
      failed: (reason: string) => void,
    ) {
      const last = period.to * 1000 <= (this.bars[5]?.time ?? 0)
      if (last) this.later(() => done([], { noData: true }))
      else super.getBars(symbol, resolution, period, done, failed)
    }
  },
  'endless-history': class extends PaperDatafeed {
    override getBars(
      _symbol: SymbolInfo,
      _resolution: string,
      { to }: PeriodParams,
      done: (bars: Bar[], meta: HistoryMetadata) => void,
    ) {
      this.later(() => done([this.bar((to - 60) * 1000)], { noData: false }))
    }
  },
  'time-violation': class extends PaperDatafeed {
    override subscribeBars(_symbol: SymbolInfo, _resolution: string, tick: (bar: Bar) => void) {
      this.later(() => tick(this.bars[3] as Bar))
    }
  },
  'quotes-missing': class extends PaperDatafeed {
    override getQuotes(_symbols: string[], done: (quotes: QuoteData[]) => void) {
      this.later(() => done([]))
    }
  },
  'bad-quote': class extends PaperDatafeed {
    override getQuotes(symbols: string[], done: (quotes: QuoteData[]) => void) {
      this.later(() => done(symbols.map((n) => ({ s: 'ok', n, v: { lp: 1, bid: 0 } }))))
    }
  },
  'bad-depth': class extends PaperDatafeed {
    override subscribeDepth(symbol: string, done: (depth: DOMData) => void) {
      return super.subscribeDepth(symbol, ({ bids, ...rest }) => done({ ...rest, bids: [...bids].reverse() }))
    }
  },
}

describe('the simulated chart', () => {
  it('has nothing to say against a datafeed that does everything right', async () => {
    expect(await look(PaperDatafeed)).toEqual({ codes: [], finished: true })
  })

  it.each(Object.entries(BROKEN))('complains of %s, and of nothing else', async (code, Maker) => {
    expect((await look(Maker)).codes).toEqual([code])
  })
})
